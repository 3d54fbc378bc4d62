import { Badge, Button, Table, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useSession } from '../frame/session-context.ts'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import { Moment } from '../parts/moment.tsx'
import { TableCard } from '../parts/table-card.tsx'
import { endSession, type OpenSession, readSessions } from './sessions.ts'

const SessionRow = ({
  session,
  isOwn,
  busy,
  onEnd,
}: {
  readonly session: OpenSession
  readonly isOwn: boolean
  readonly busy: boolean
  readonly onEnd: () => void
}) => {
  const { administrator, method, source, signedInAt, usedAt } = session
  const name = administrator.name ?? 'somebody deleted'
  return (
    <Table.Tr>
      <Table.Td className="breakable">
        <strong>{name}</strong>
      </Table.Td>
      <Table.Td>
        <Moment at={signedInAt} /> by {method.replaceAll('-', ' ')}
      </Table.Td>
      <Table.Td>
        <Moment at={usedAt} />
      </Table.Td>
      <Table.Td>{source ?? '–'}</Table.Td>
      <Table.Td ta="right">
        {isOwn ? (
          <Badge color="teal" variant="light">
            This one
          </Badge>
        ) : (
          <Button
            size="compact-xs"
            variant="subtle"
            color="red"
            disabled={busy}
            aria-label={`End session of ${name}`}
            onClick={onEnd}
          >
            End
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

const heads = ['Who', 'Signed in', 'Last used', 'From']

/** Who is signed in at the console now; any session but this one can be ended here. */
export const SessionTable = () => {
  const { session: own } = useSession()
  const queries = useQueryClient()
  const found = useQuery({ queryKey: ['sessions'], queryFn: readSessions })
  const ending = useMutation({
    mutationFn: endSession,
    onSettled: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  })
  return (
    <section aria-label="Signed in now">
      <Title order={2} size="h4" mt="xl" mb="xs">
        Signed in now
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        Ended, a session counts for nothing from its next request on, in every process.
      </Text>
      {found.isPending ? <Loading height={120} /> : null}
      {found.isError ? <FaultNotice fault={found.error} retry={() => found.refetch()} /> : null}
      {ending.isError ? <FaultNotice fault={ending.error} /> : null}
      {found.data === undefined ? null : (
        <TableCard label="Sessions">
          <Table verticalSpacing="sm" horizontalSpacing="md">
            <Table.Thead>
              <Table.Tr>
                {heads.map((head) => (
                  <Table.Th key={head}>{head}</Table.Th>
                ))}
                <Table.Th aria-label="Actions" />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.data.map((session) => (
                <SessionRow
                  key={session.id}
                  session={session}
                  isOwn={session.id === own.id}
                  busy={ending.isPending}
                  onEnd={() => ending.mutate(session.id)}
                />
              ))}
            </Table.Tbody>
          </Table>
        </TableCard>
      )}
    </section>
  )
}
