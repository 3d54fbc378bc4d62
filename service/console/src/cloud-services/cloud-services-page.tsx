import { Anchor, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import { domainCrumbs, PageHead } from '../parts/page-head.tsx'
import { StateBadge } from '../parts/state-badge.tsx'
import type { AppRecord } from '../server/records.ts'
import { itemsOf, list } from '../server/scim.ts'

const shown = 200

/** *Oracle cloud services* in the guides: everything that accepts tokens or defines roles. */
export const CloudServicesPage = () => {
  const apis = useQuery({
    queryKey: ['apis', 'all'],
    queryFn: async () =>
      itemsOf(
        await list<AppRecord>('Apps', {
          filter: 'isOAuthResource eq true or id eq "IDCSAppId"',
          sortBy: 'displayName',
          count: shown,
          attributes: 'displayName,active,audience,scopes,isOAuthResource',
        }),
      ),
  })
  return (
    <>
      <PageHead
        crumbs={domainCrumbs}
        title="Oracle cloud services"
        lead="The APIs of this domain accept tokens. Their application roles are assigned here."
      />
      {apis.isPending ? <Loading height={200} /> : null}
      {apis.isError ? <FaultNotice fault={apis.error} retry={() => apis.refetch()} /> : null}
      {apis.data === undefined ? null : (
        <div className="table-card">
          <Table highlightOnHover verticalSpacing="sm" horizontalSpacing="md">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>Primary audience</Table.Th>
                <Table.Th>Scopes</Table.Th>
                <Table.Th>Status</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {apis.data.map((api) => (
                <Table.Tr key={api.id}>
                  <Table.Td>
                    <Anchor component={Link} href={`/cloud-services/${api.id}`} fw={600} size="sm">
                      {api.displayName}
                    </Anchor>
                  </Table.Td>
                  <Table.Td className="breakable">{api.audience ?? '–'}</Table.Td>
                  <Table.Td>{api.scopes?.length ?? 0}</Table.Td>
                  <Table.Td>
                    <StateBadge active={api.active} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {apis.data?.length === 1 ? (
        <Text size="sm" mt="md">
          No API of your own yet: Integrated applications → Add application → API.
        </Text>
      ) : null}
    </>
  )
}
