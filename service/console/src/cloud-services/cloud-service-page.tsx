import { Button, Tabs, Title } from '@mantine/core'
import { Link } from 'wouter'
import { GivenAccess } from '../access-map/given-access.tsx'
import { UsagePanel } from '../applications/usage-panel.tsx'
import { useApplication } from '../applications/use-application.ts'
import { useSession } from '../frame/session-context.ts'
import { allowanceOf } from '../oauth-configuration/allowance.ts'
import { CopyValue } from '../parts/copy-value.tsx'
import { Facts } from '../parts/facts.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import { domainCrumbs, PageHead } from '../parts/page-head.tsx'
import { StateBadge } from '../parts/state-badge.tsx'
import { useFilters } from '../parts/use-filters.ts'
import type { AppRecord } from '../server/records.ts'
import { ApplicationRoles } from './application-roles.tsx'
import { ProtectApi } from './protect-api.tsx'
import { ScopeTable } from './scope-table.tsx'

const crumbs = [...domainCrumbs, { label: 'Oracle cloud services', href: '/cloud-services' }]

const ServiceDetails = ({ api }: { readonly api: AppRecord }) => {
  const { domain } = useSession().session
  return (
    <section className="card" aria-label="Details of the API">
      <Title order={2} size="h4" mb="md">
        Details
      </Title>
      <Facts
        facts={[
          {
            label: 'Primary audience',
            value:
              api.audience === undefined ? (
                '–'
              ) : (
                <CopyValue label="Primary audience" value={api.audience} />
              ),
          },
          { label: 'Domain URL', value: <CopyValue label="Domain URL" value={domain.url} /> },
        ]}
      />
    </section>
  )
}

/** One API as the guides show an instance: details, application roles. */
export const CloudServicePage = ({ id }: { readonly id: string }) => {
  const api = useApplication(id)
  const [filters, change] = useFilters()
  if (api.isPending) return <Loading height={320} />
  if (api.isError) {
    return (
      <>
        <PageHead crumbs={crumbs} title="API" />
        <FaultNotice fault={api.error} retry={() => api.refetch()} />
      </>
    )
  }
  const app = api.data.body
  const isApi = app.isOAuthResource === true && app.audience !== undefined
  return (
    <>
      <PageHead crumbs={crumbs} title={app.displayName} beside={<StateBadge active={app.active} />}>
        {isApi ? (
          <Button component={Link} variant="default" href={`/applications/${app.id}?tab=oauth`}>
            OAuth configuration
          </Button>
        ) : null}
      </PageHead>
      <Tabs
        keepMounted={false}
        value={filters.get('tab') || 'details'}
        onChange={(tab) => change({ tab: tab === 'details' ? '' : (tab ?? '') })}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="details">Details</Tabs.Tab>
          <Tabs.Tab value="roles">Application roles</Tabs.Tab>
          {isApi ? <Tabs.Tab value="access">Applications with access</Tabs.Tab> : null}
          {isApi ? <Tabs.Tab value="protect">Protect this API</Tabs.Tab> : null}
        </Tabs.List>
        <Tabs.Panel value="details">
          <ServiceDetails api={app} />
          {isApi ? <ScopeTable api={app} /> : null}
        </Tabs.Panel>
        <Tabs.Panel value="roles">
          <ApplicationRoles app={app} />
        </Tabs.Panel>
        <Tabs.Panel value="access">
          <UsagePanel of={{ api: app.id }} allowance={allowanceOf(app, 'api')} />
          <GivenAccess filters={{ api: app.id }} of="api" />
        </Tabs.Panel>
        <Tabs.Panel value="protect">
          <ProtectApi api={app} />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}
