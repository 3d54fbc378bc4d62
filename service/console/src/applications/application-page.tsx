import { Alert, Button, Skeleton, Tabs } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { useState } from 'react'
import { ApplicationRoles } from '../cloud-services/application-roles.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { domainCrumbs, PageHead } from '../parts/page-head.tsx'
import { StateBadge } from '../parts/state-badge.tsx'
import { useFilters } from '../parts/use-filters.ts'
import type { AppRecord } from '../server/records.ts'
import { ActionsMenu } from './actions-menu.tsx'
import { ActivationDialog } from './activation-dialog.tsx'
import { AsCode } from './as-code.tsx'
import { GeneralInformation } from './general-information.tsx'
import { OAuthConfiguration } from './oauth-configuration.tsx'
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
  const [activating, setActivating] = useState(false)
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
      <Tabs
        keepMounted={false}
        value={filters.get('tab') ?? 'details'}
        onChange={(tab) => change({ tab: tab === 'details' ? '' : (tab ?? '') })}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="details">Details</Tabs.Tab>
          <Tabs.Tab value="oauth">OAuth configuration</Tabs.Tab>
          <Tabs.Tab value="roles">Application roles</Tabs.Tab>
          <Tabs.Tab value="code">As code</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="details">
          <GeneralInformation app={app} />
        </Tabs.Panel>
        <Tabs.Panel value="oauth">
          <OAuthConfiguration app={app} version={version} />
        </Tabs.Panel>
        <Tabs.Panel value="roles">
          <ApplicationRoles app={app} />
        </Tabs.Panel>
        <Tabs.Panel value="code">
          <AsCode app={app} />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

/** One application: what it is, what it may, its secret. */
export const ApplicationPage = ({ id }: { readonly id: string }) => {
  const app = useApplication(id)
  if (app.isPending) return <Skeleton h={320} role="status" aria-label="Loading" />
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
