import { Anchor, Badge, Button, Table, Text } from '@mantine/core'
import { IconCheck, IconX } from '@tabler/icons-react'
import { Fragment, type ReactNode, useState } from 'react'
import { Link } from 'wouter'
import { TableCard } from '../parts/table-card.tsx'
import type { AuditEvent } from './audit-events.ts'
import { EventChange } from './event-change.tsx'

const when = (at: string): string => new Date(at).toLocaleString()

const keyOf = ({ ecid, chain, action, at }: AuditEvent): string =>
  chain === undefined ? `${ecid} ${action} ${at}` : `${chain.sequence}.${chain.line}`

const Result = ({ event }: { readonly event: AuditEvent }) =>
  event.result === 'ok' ? (
    <Badge color="teal" variant="light" leftSection={<IconCheck size={12} />}>
      ok
    </Badge>
  ) : (
    <Badge color="red" variant="light" leftSection={<IconX size={12} />}>
      refused
    </Badge>
  )

interface RowProps {
  readonly event: AuditEvent
  readonly more?: ((event: AuditEvent) => ReactNode) | undefined
}

const EventRow = ({ event, more }: RowProps) => {
  const [opened, setOpened] = useState(false)
  return (
    <Fragment>
      <Table.Tr>
        <Table.Td>
          <time dateTime={event.at}>{when(event.at)}</time>
        </Table.Td>
        <Table.Td className="breakable">{event.actor ?? event.source ?? '–'}</Table.Td>
        <Table.Td>
          {event.action}
          {event.reason ? (
            <Text size="xs" c="dimmed">
              {event.reason}
            </Text>
          ) : null}
        </Table.Td>
        <Table.Td className="breakable">{event.object ?? '–'}</Table.Td>
        <Table.Td>
          <Result event={event} />
        </Table.Td>
        <Table.Td>
          <Button
            size="compact-xs"
            variant="subtle"
            aria-expanded={opened}
            onClick={() => setOpened(!opened)}
          >
            {opened ? 'Less' : 'More'}
          </Button>
        </Table.Td>
      </Table.Tr>
      {opened ? (
        <Table.Tr>
          <Table.Td colSpan={6}>
            <EventChange event={event} />
            {more?.(event)}
            <Text size="xs" component="pre" className="breakable">
              {JSON.stringify(event, null, 2)}
            </Text>
            {event.result === 'refused' && event.actor ? (
              <Anchor
                component={Link}
                size="sm"
                href={`/explain?client=${encodeURIComponent(event.actor)}`}
              >
                Explain
              </Anchor>
            ) : null}
          </Table.Td>
        </Table.Tr>
      ) : null}
    </Fragment>
  )
}

/** Who did what, and how it went. */
export const EventTable = ({
  events,
  more,
}: {
  readonly events: readonly AuditEvent[]
  /** What can be done about an opened one. */
  readonly more?: (event: AuditEvent) => ReactNode
}) => (
  <TableCard label="Events">
    <Table miw={860} verticalSpacing="xs" horizontalSpacing="md">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>When</Table.Th>
          <Table.Th>Who</Table.Th>
          <Table.Th>Action</Table.Th>
          <Table.Th>Object</Table.Th>
          <Table.Th>Result</Table.Th>
          <Table.Th aria-label="Details" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {events.map((event) => (
          <EventRow key={keyOf(event)} event={event} more={more} />
        ))}
      </Table.Tbody>
    </Table>
  </TableCard>
)
