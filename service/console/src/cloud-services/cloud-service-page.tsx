import { Skeleton, Tabs, Text, Title } from '@mantine/core'
import { useApplication } from '../applications/use-application.ts'
import { useSession } from '../frame/session-context.ts'
import { CopyValue } from '../parts/copy-value.tsx'
import { Facts } from '../parts/facts.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { domainCrumbs, PageHead } from '../parts/page-head.tsx'
import { StateBadge } from '../parts/state-badge.tsx'
import { useFilters } from '../parts/use-filters.ts'
import type { AppRecord } from '../server/records.ts'
import { ApplicationRoles } from './application-roles.tsx'

const crumbs = [...domainCrumbs, { label: 'Oracle cloud services', href: '/cloud-services' }]

const ServiceDetails = ({ api }: { readonly api: AppRecord }) => {
  const { domain } = useSession().session
  const scopes = api.scopes ?? []
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
          {
            label: 'Scopes',
            value:
              scopes.length === 0
                ? '–'
                : scopes.map(({ value, fqs = value, description }) => (
                    <div key={fqs}>
                      <CopyValue label={`full scope ${value}`} value={fqs} />
                      {description ? (
                        <Text size="xs" c="dimmed">
                          {description}
                        </Text>
                      ) : null}
                    </div>
                  )),
          },
        ]}
      />
    </section>
  )
}

/** One API as the guides show an instance: details, application roles. */
export const CloudServicePage = ({ id }: { readonly id: string }) => {
  const api = useApplication(id)
  const [filters, change] = useFilters()
  if (api.isPending) return <Skeleton h={320} role="status" aria-label="Loading" />
  if (api.isError) {
    return (
      <>
        <PageHead crumbs={crumbs} title="API" />
        <FaultNotice fault={api.error} retry={() => api.refetch()} />
      </>
    )
  }
  const app = api.data.body
  return (
    <>
      <PageHead
        crumbs={crumbs}
        title={app.displayName}
        beside={<StateBadge active={app.active} />}
      />
      <Tabs
        keepMounted={false}
        value={filters.get('tab') || 'details'}
        onChange={(tab) => change({ tab: tab === 'details' ? '' : (tab ?? '') })}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="details">Details</Tabs.Tab>
          <Tabs.Tab value="roles">Application roles</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="details">
          <ServiceDetails api={app} />
        </Tabs.Panel>
        <Tabs.Panel value="roles">
          <ApplicationRoles app={app} />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}
