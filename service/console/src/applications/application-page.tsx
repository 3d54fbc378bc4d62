import { Alert, Button, Tabs } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { GivenAccess } from '../access-map/given-access.tsx'
import { ApplicationRoles } from '../cloud-services/application-roles.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import { domainCrumbs, PageHead } from '../parts/page-head.tsx'
import { StateBadge } from '../parts/state-badge.tsx'
import { useFilters } from '../parts/use-filters.ts'
import type { AppRecord } from '../server/records.ts'
import { ActionsMenu } from './actions-menu.tsx'
import { ActivationDialog } from './activation-dialog.tsx'
import { Activity } from './activity.tsx'
import { AsCode } from './as-code.tsx'
import { Credentials } from './credentials.tsx'
import { GeneralInformation } from './general-information.tsx'
import { History } from './history.tsx'
import { OAuthConfiguration } from './oauth-configuration.tsx'
import { ReadinessRail } from './readiness-rail.tsx'
import { useApplication } from './use-application.ts'

const crumbs = [...domainCrumbs, { label: 'Integrated applications', href: '/applications' }]

const InactiveBar = ({ onActivate }: { readonly onActivate: () => void }) => (
  <Alert color="yellow" icon={<IconInfoCircle />} mb="md" title="This application is inactive">
    It gets no tokens until it is activated.
    <br />
    <Button mt="xs" size="xs" onClick={onActivate}>
      Activate application
    </Button>
  </Alert>
)

const Opened = ({ app, version }: { readonly app: AppRecord; readonly version: string | null }) => {
  const [filters, change] = useFilters()
  const activating = filters.get('do') === 'activation'
  const setActivating = (isAsked: boolean): void => change({ do: isAsked ? 'activation' : '' })
  const takesSecret = app.isOAuthClient === true && app.clientType !== 'public'
  return (
    <>
      <PageHead
        crumbs={crumbs}
        title={app.displayName}
        beside={<StateBadge active={app.active} />}
        {...(app.description ? { lead: app.description } : {})}
      >
        <ActionsMenu app={app} onActivation={() => setActivating(true)} />
      </PageHead>
      <ActivationDialog app={app} opened={activating} onClose={() => setActivating(false)} />
      {app.active ? null : <InactiveBar onActivate={() => setActivating(true)} />}
      <div className={app.isOAuthClient ? 'with-rail' : undefined}>
        <Tabs
          keepMounted={false}
          value={filters.get('tab') || 'details'}
          onChange={(tab) => change({ tab: tab === 'details' ? '' : (tab ?? '') })}
        >
          <Tabs.List mb="md">
            <Tabs.Tab value="details">Details</Tabs.Tab>
            <Tabs.Tab value="oauth">OAuth configuration</Tabs.Tab>
            {takesSecret ? <Tabs.Tab value="credentials">Credentials</Tabs.Tab> : null}
            {app.isOAuthClient ? <Tabs.Tab value="access">Access</Tabs.Tab> : null}
            <Tabs.Tab value="roles">Application roles</Tabs.Tab>
            {app.isOAuthClient ? <Tabs.Tab value="activity">Activity</Tabs.Tab> : null}
            <Tabs.Tab value="history">History</Tabs.Tab>
            <Tabs.Tab value="code">As code</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="details">
            <GeneralInformation app={app} version={version} />
          </Tabs.Panel>
          <Tabs.Panel value="oauth">
            <OAuthConfiguration app={app} version={version} />
          </Tabs.Panel>
          <Tabs.Panel value="credentials">
            <Credentials app={app} />
          </Tabs.Panel>
          <Tabs.Panel value="access">
            <GivenAccess filters={{ app: app.id }} of="application" />
          </Tabs.Panel>
          <Tabs.Panel value="activity">
            <Activity app={app} />
          </Tabs.Panel>
          <Tabs.Panel value="history">
            <History app={app} version={version} />
          </Tabs.Panel>
          <Tabs.Panel value="roles">
            <ApplicationRoles app={app} />
          </Tabs.Panel>
          <Tabs.Panel value="code">
            <AsCode app={app} />
          </Tabs.Panel>
        </Tabs>
        {app.isOAuthClient ? (
          <ReadinessRail app={app} onActivate={() => setActivating(true)} />
        ) : null}
      </div>
    </>
  )
}

/** One application: what it is, what it may, its secret. */
export const ApplicationPage = ({ id }: { readonly id: string }) => {
  const app = useApplication(id)
  if (app.isPending) return <Loading height={320} />
  if (app.isError) {
    return (
      <>
        <PageHead crumbs={crumbs} title="Application" />
        <FaultNotice fault={app.error} retry={() => app.refetch()} />
      </>
    )
  }
  return <Opened app={app.data.body} version={app.data.etag} />
}
