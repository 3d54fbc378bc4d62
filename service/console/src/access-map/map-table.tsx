import { Anchor, Table, Text } from '@mantine/core'
import { Link } from 'wouter'
import { type AccessMap, type Given, nameOf } from './access-map.ts'

export const rowsOf = (map: AccessMap): readonly (readonly string[])[] => {
  const applications = new Map(map.applications.map((each) => [each.id, each]))
  const apis = new Map(map.apis.map((each) => [each.id, each]))
  return map.access.map((given) => {
    const application = applications.get(given.application)
    return [
      application?.displayName ?? '',
      application?.clientId ?? '',
      nameOf(given),
      apis.get(given.api)?.displayName ?? '',
      given.lastUsed ?? '',
      String(given.tokensInDay),
    ]
  })
}

const keyOf = (given: Given): string =>
  [given.application, given.api, given.kind, given.name, given.through].join(' ')

const shownMax = 500

/** The same as a table. */
export const MapTable = ({ map }: { readonly map: AccessMap }) => {
  const rows = rowsOf(map)
  return (
    <div className="table-card">
      <Table verticalSpacing="xs" horizontalSpacing="md">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Application</Table.Th>
            <Table.Th>Was given</Table.Th>
            <Table.Th>Of API</Table.Th>
            <Table.Th>Last used</Table.Th>
            <Table.Th ta="right">Tokens in 24 h</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {map.access.slice(0, shownMax).map((given, at) => {
            const [name, , what, api, used] = rows[at] ?? []
            return (
              <Table.Tr key={keyOf(given)}>
                <Table.Td className="breakable">
                  <Anchor component={Link} size="sm" href={`/applications/${given.application}`}>
                    {name}
                  </Anchor>
                </Table.Td>
                <Table.Td className="breakable">{what}</Table.Td>
                <Table.Td className="breakable">{api}</Table.Td>
                <Table.Td>
                  {used ? (
                    <time dateTime={used}>{new Date(used).toLocaleString()}</time>
                  ) : (
                    'not known'
                  )}
                </Table.Td>
                <Table.Td ta="right">{given.tokensInDay}</Table.Td>
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
      {rows.length > shownMax ? (
        <Text size="sm" p="sm">
          The first {shownMax} of {rows.length}; the CSV file has all.
        </Text>
      ) : null}
    </div>
  )
}
