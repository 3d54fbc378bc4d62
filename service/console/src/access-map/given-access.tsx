import { Anchor, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { TableCard } from '../parts/table-card.tsx'
import { type AccessMap, type Given, nameOf, readMap } from './access-map.ts'

type Side = 'application' | 'api'

/** What was given, with a name for the other side. */
const namesOf = (map: AccessMap, side: Side): ReadonlyMap<string, string> =>
  new Map(
    (side === 'application' ? map.applications : map.apis).map(({ id, displayName }) => [
      id,
      displayName,
    ]),
  )

const places = { application: '/applications', api: '/cloud-services' } as const

const keyOf = ({ application, api, kind, name, through }: Given): string =>
  [application, api, kind, name, through].join(' ')

const nothing = {
  application: 'It was given nothing: it can get no token.',
  api: 'No application was given anything of it.',
} as const

/** What one application was given, or who was given something of one API, and how. */
export const GivenAccess = ({
  filters,
  of,
}: {
  readonly filters: Readonly<Record<string, string>>
  /** Whose page this is; the table names the other side. */
  readonly of: Side
}) => {
  const map = useQuery({ queryKey: ['access', filters], queryFn: () => readMap(filters) })
  if (map.isPending) return <Loading height={160} />
  if (map.isError) return <FaultNotice fault={map.error} retry={() => map.refetch()} />
  const { access, cursor } = map.data
  if (access.length === 0) return <Text size="sm">{nothing[of]}</Text>
  const other = of === 'application' ? 'api' : 'application'
  const names = namesOf(map.data, other)
  const query = new URLSearchParams(filters)
  return (
    <>
      <TableCard label="Access">
        <Table verticalSpacing="xs" horizontalSpacing="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{other === 'api' ? 'API' : 'Application'}</Table.Th>
              <Table.Th>Given by</Table.Th>
              <Table.Th>Scopes</Table.Th>
              <Table.Th>Last used</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {access.map((given) => (
              <Table.Tr key={keyOf(given)}>
                <Table.Td className="breakable">
                  <Anchor component={Link} size="sm" href={`${places[other]}/${given[other]}`}>
                    {names.get(given[other]) ?? given[other]}
                  </Anchor>
                </Table.Td>
                <Table.Td className="breakable">{nameOf(given)}</Table.Td>
                <Table.Td className="breakable">{given.scopes.join(', ') || '–'}</Table.Td>
                <Table.Td>
                  {given.lastUsed === null ? 'not known' : <Moment at={given.lastUsed} />}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </TableCard>
      <Text size="sm" mt="xs">
        {cursor === null ? null : 'These are the first of them. '}
        <Anchor component={Link} href={`/access-map?${query}`} inherit underline="always">
          Show in the access map
        </Anchor>
      </Text>
    </>
  )
}
