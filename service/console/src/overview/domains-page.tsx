import { Anchor, Badge, NativeSelect, Table } from '@mantine/core'
import { Link } from 'wouter'
import { useSession } from '../frame/session-context.ts'
import { PageHead } from '../parts/page-head.tsx'

/** Where guides begin. There is one domain, and one compartment to select. */
export const DomainsPage = () => {
  const { domain } = useSession().session
  return (
    <>
      <PageHead
        crumbs={[{ label: 'Identity & Security', href: '/identity' }]}
        title="Domains"
        lead="This server is one identity domain."
      />
      <div className="toolbar">
        <NativeSelect label="Compartment" data={['root']} />
      </div>
      <div className="table-card">
        <Table verticalSpacing="sm" horizontalSpacing="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>Domain URL</Table.Th>
              <Table.Th>Status</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <Table.Tr>
              <Table.Td>
                <Anchor component={Link} href="/" fw={600} size="sm">
                  Default
                </Anchor>
              </Table.Td>
              <Table.Td className="breakable">{domain.url}</Table.Td>
              <Table.Td>
                <Badge variant="light">Active</Badge>
              </Table.Td>
            </Table.Tr>
          </Table.Tbody>
        </Table>
      </div>
    </>
  )
}
