import { Anchor, Table, Text, Title } from '@mantine/core'
import { Link } from 'wouter'
import type { OverviewRecord } from './overview.ts'

/** Who asked most in the last hour. */
export const TopApplications = ({
  top = [],
}: {
  readonly top?: OverviewRecord['top'] | undefined
}) => (
  <section className="card" aria-label="Top applications">
    <Title order={2} size="h4" mb="sm">
      Top applications
    </Title>
    {top.length === 0 ? (
      <Text size="sm" c="dimmed">
        No token was issued in the last hour.
      </Text>
    ) : (
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Application</Table.Th>
            <Table.Th ta="right">Tokens</Table.Th>
            <Table.Th ta="right">Denied</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {top.map(({ application, issued, denied }) => (
            <Table.Tr key={application.id}>
              <Table.Td className="breakable">
                <Anchor component={Link} href={`/applications/${application.id}`} size="sm">
                  {application.displayName}
                </Anchor>
              </Table.Td>
              <Table.Td ta="right">{issued.toLocaleString('en')}</Table.Td>
              <Table.Td ta="right">{denied.toLocaleString('en')}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    )}
  </section>
)
