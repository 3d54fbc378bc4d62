import { Table } from '@mantine/core'
import type { AuditEvent } from './audit-events.ts'
import { changedMembers } from './changed-members.ts'

const textOf = (value: unknown): string => {
  if (value === undefined) return '–'
  return typeof value === 'string' ? value : JSON.stringify(value, null, 1)
}

/** What was before and what is after, member by member. */
export const EventChange = ({ event }: { readonly event: AuditEvent }) => {
  const members = changedMembers(event)
  if (members.length === 0) return null
  return (
    <Table className="change" verticalSpacing={4} mb="sm" aria-label="Change">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Member</Table.Th>
          <Table.Th>Before</Table.Th>
          <Table.Th>After</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {members.map(({ name, before, after }) => (
          <Table.Tr key={name}>
            <Table.Td>{name}</Table.Td>
            <Table.Td>
              {before === undefined ? '–' : <del className="breakable">{textOf(before)}</del>}
            </Table.Td>
            <Table.Td>
              {after === undefined ? '–' : <ins className="breakable">{textOf(after)}</ins>}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
