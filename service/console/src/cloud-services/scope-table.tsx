import { Anchor, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { type AccessMap, readMap } from '../access-map/access-map.ts'
import { CopyValue } from '../parts/copy-value.tsx'
import { TableCard } from '../parts/table-card.tsx'
import type { AppRecord } from '../server/records.ts'

/** How many applications may use a scope. */
const holdersOf = ({ access, cursor }: AccessMap, scope: string): string => {
  const holders = new Set(
    access.filter(({ scopes }) => scopes.includes(scope)).map(({ application }) => application),
  )
  // the rest was not read
  return `${holders.size}${cursor === null ? '' : ' or more'}`
}

/** The scopes of an API, with who may use each. */
export const ScopeTable = ({ api }: { readonly api: AppRecord }) => {
  const filters = { api: api.id }
  const map = useQuery({
    queryKey: ['access', filters],
    queryFn: () => readMap(filters),
    retry: false,
  })
  const scopes = api.scopes ?? []
  return (
    <section aria-label="Scopes">
      <Title order={2} size="h4" mb="sm">
        Scopes
      </Title>
      {scopes.length === 0 ? (
        <Text size="sm">It has none: add them in its OAuth configuration.</Text>
      ) : (
        <TableCard label="Scopes of the API">
          <Table verticalSpacing="xs" horizontalSpacing="md">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Scope</Table.Th>
                <Table.Th>Description</Table.Th>
                <Table.Th>Full spelling</Table.Th>
                <Table.Th>Used by</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {scopes.map(({ value, fqs = value, description }) => (
                <Table.Tr key={value}>
                  <Table.Td ff="monospace" className="breakable">
                    {value}
                  </Table.Td>
                  <Table.Td className="breakable">{description || '–'}</Table.Td>
                  <Table.Td>
                    <CopyValue label={`full scope ${value}`} value={fqs} />
                  </Table.Td>
                  <Table.Td>
                    <Anchor
                      component={Link}
                      href={`/cloud-services/${api.id}?tab=access`}
                      size="sm"
                    >
                      {map.data === undefined ? 'See who' : holdersOf(map.data, value)}
                    </Anchor>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </TableCard>
      )}
    </section>
  )
}
