import { Anchor, Text } from '@mantine/core'
import { Link, Route, Switch } from 'wouter'
import { AddApplicationPage } from '../applications/add-application-page.tsx'
import { ApplicationPage } from '../applications/application-page.tsx'
import { ApplicationsPage } from '../applications/applications-page.tsx'
import { AuditPage } from '../audit/audit-page.tsx'
import { CloudServicePage } from '../cloud-services/cloud-service-page.tsx'
import { CloudServicesPage } from '../cloud-services/cloud-services-page.tsx'
import { DomainsPage } from '../overview/domains-page.tsx'
import { OverviewPage } from '../overview/overview-page.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { ExplainPage } from '../testing/explain-page.tsx'
import { InspectorPage } from '../testing/inspector-page.tsx'
import { PlaygroundPage } from '../testing/playground-page.tsx'

const NothingHere = () => (
  <>
    <PageHead title="There is no such page" />
    <Text>
      <Anchor component={Link} href="/">
        Go to the overview
      </Anchor>
    </Text>
  </>
)

export const Pages = () => (
  <Switch>
    <Route path="/" component={OverviewPage} />
    <Route path="/identity" component={DomainsPage} />
    <Route path="/domains" component={DomainsPage} />
    <Route path="/applications" component={ApplicationsPage} />
    <Route path="/applications/add/:kind">
      {({ kind }) => <AddApplicationPage key={kind} kind={kind} />}
    </Route>
    <Route path="/applications/:id">{({ id }) => <ApplicationPage key={id} id={id} />}</Route>
    <Route path="/cloud-services" component={CloudServicesPage} />
    <Route path="/cloud-services/:id">{({ id }) => <CloudServicePage key={id} id={id} />}</Route>
    <Route path="/playground" component={PlaygroundPage} />
    <Route path="/inspector" component={InspectorPage} />
    <Route path="/explain" component={ExplainPage} />
    <Route path="/audit" component={AuditPage} />
    <Route component={NothingHere} />
  </Switch>
)
