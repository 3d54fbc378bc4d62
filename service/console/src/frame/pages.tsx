import { Anchor, Text } from '@mantine/core'
import { Link, Route, Switch } from 'wouter'
import { OverviewPage } from '../overview/overview-page.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { lazyPage } from './lazy-page.tsx'

const AccessMapPage = lazyPage(
  async () => (await import('../access-map/access-map-page.tsx')).AccessMapPage,
)
const AddApplicationPage = lazyPage(
  async () => (await import('../applications/add-application-page.tsx')).AddApplicationPage,
)
const ApplicationPage = lazyPage(
  async () => (await import('../applications/application-page.tsx')).ApplicationPage,
)
const ApplicationsPage = lazyPage(
  async () => (await import('../applications/applications-page.tsx')).ApplicationsPage,
)
const AuditPage = lazyPage(async () => (await import('../audit/audit-page.tsx')).AuditPage)
const CloudServicePage = lazyPage(
  async () => (await import('../cloud-services/cloud-service-page.tsx')).CloudServicePage,
)
const CloudServicesPage = lazyPage(
  async () => (await import('../cloud-services/cloud-services-page.tsx')).CloudServicesPage,
)
const DomainsPage = lazyPage(async () => (await import('../overview/domains-page.tsx')).DomainsPage)
const ExplainPage = lazyPage(async () => (await import('../testing/explain-page.tsx')).ExplainPage)
const InspectorPage = lazyPage(
  async () => (await import('../testing/inspector-page.tsx')).InspectorPage,
)
const LiveRequestsPage = lazyPage(
  async () => (await import('../live-requests/live-requests-page.tsx')).LiveRequestsPage,
)
const PlaygroundPage = lazyPage(
  async () => (await import('../testing/playground-page.tsx')).PlaygroundPage,
)
const SigningKeysPage = lazyPage(
  async () => (await import('../signing-keys/signing-keys-page.tsx')).SigningKeysPage,
)
const AdministratorsPage = lazyPage(
  async () => (await import('../administrators/administrators-page.tsx')).AdministratorsPage,
)
const HealthPage = lazyPage(async () => (await import('../health/health-page.tsx')).HealthPage)
const SettingsPage = lazyPage(
  async () => (await import('../settings/settings-page.tsx')).SettingsPage,
)
const CertificatesPage = lazyPage(
  async () => (await import('../certificates/certificates-page.tsx')).CertificatesPage,
)
const DomainFilePage = lazyPage(
  async () => (await import('../domain-file/domain-file-page.tsx')).DomainFilePage,
)

const YourSignInPage = lazyPage(
  async () => (await import('../sign-in/your-sign-in-page.tsx')).YourSignInPage,
)

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
    <Route path="/access-map" component={AccessMapPage} />
    <Route path="/playground" component={PlaygroundPage} />
    <Route path="/inspector" component={InspectorPage} />
    <Route path="/live-requests" component={LiveRequestsPage} />
    <Route path="/explain" component={ExplainPage} />
    <Route path="/audit" component={AuditPage} />
    <Route path="/keys" component={SigningKeysPage} />
    <Route path="/administrators" component={AdministratorsPage} />
    <Route path="/health" component={HealthPage} />
    <Route path="/settings" component={SettingsPage} />
    <Route path="/certificates" component={CertificatesPage} />
    <Route path="/your-sign-in" component={YourSignInPage} />
    <Route path="/domain-file" component={DomainFilePage} />
    <Route component={NothingHere} />
  </Switch>
)
