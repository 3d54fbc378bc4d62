import { Button, Table, Text, UnstyledButton } from '@mantine/core'
import { IconCheck, IconChevronRight, IconX } from '@tabler/icons-react'
import { memo, useState } from 'react'
import type { LiveRequest } from './live-request.ts'
import { RequestDetail } from './request-detail.tsx'

const columns = [
  'Time',
  'Result',
  'Endpoint',
  'Application',
  'API',
  'Scopes',
  'Reason',
  'ms',
  'Address',
] as const

const timeOf = (at: string): string => {
  const date = new Date(at)
  return `${date.toLocaleTimeString('en-GB')}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

const scopesMax = 3

/** The first few; the opened row has all of them. */
const scopesOf = (scopes: string): string => {
  const each = scopes.split(' ')
  const more = each.length - scopesMax
  return more > 0 ? `${each.slice(0, scopesMax).join(' ')} +${more}` : scopes
}

interface RowProps {
  readonly request: LiveRequest
  readonly opened: boolean
  readonly toggle: (ecid: string) => void
}

const Row = memo(({ request, opened, toggle }: RowProps) => {
  const { at, ecid, status, endpoint, client, api, scopes, reason, ms, source } = request
  return (
    <Table.Tr data-opened={opened}>
      <Table.Td>
        <UnstyledButton
          className="live-row"
          aria-expanded={opened}
          aria-label={`${timeOf(at)}, ${reason ?? 'allowed'}, ${client ?? 'unknown application'}`}
          onClick={() => toggle(ecid)}
        >
          <IconChevronRight size={14} aria-hidden className="live-chevron" />
          <time dateTime={at} title={new Date(at).toLocaleString()}>
            {timeOf(at)}
          </time>
        </UnstyledButton>
      </Table.Td>
      <Table.Td className={reason === null ? 'live-good' : 'live-bad'}>
        {reason === null ? (
          <IconCheck size={14} aria-label="Allowed" />
        ) : (
          <IconX size={14} aria-label="Denied" />
        )}
        {status}
      </Table.Td>
      <Table.Td>{endpoint}</Table.Td>
      <Table.Td className="breakable live-name">{client ?? '–'}</Table.Td>
      <Table.Td className="breakable live-name">{api ?? '–'}</Table.Td>
      <Table.Td className="breakable live-name">
        {scopes === null ? '–' : scopesOf(scopes)}
      </Table.Td>
      <Table.Td className="live-reason">{reason ?? ''}</Table.Td>
      <Table.Td className="live-number">{ms.toFixed(1)}</Table.Td>
      <Table.Td>{source}</Table.Td>
    </Table.Tr>
  )
})

const shownAtOnce = 100

/** Requests, newest first; each opens to how it was decided. */
export const RequestTable = ({
  requests,
  all,
}: {
  readonly requests: readonly LiveRequest[]
  readonly all: readonly LiveRequest[]
}) => {
  const [opened, setOpened] = useState<string | null>(null)
  const [shownMax, setShownMax] = useState(shownAtOnce)
  const [toggle] = useState(
    () => (ecid: string) => setOpened((before) => (before === ecid ? null : ecid)),
  )
  const rest = requests.length - shownMax
  return (
    <>
      <div className="table-card live-table">
        <Table verticalSpacing={4} horizontalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              {columns.map((name) => (
                <Table.Th key={name}>{name}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {requests.slice(0, shownMax).flatMap((request) => {
              const { ecid } = request
              const isOpen = opened === ecid
              const row = <Row key={ecid} request={request} opened={isOpen} toggle={toggle} />
              if (!isOpen) return [row]
              const detail = (
                <Table.Tr key={`${ecid} detail`}>
                  <Table.Td colSpan={columns.length}>
                    <RequestDetail request={request} all={all} />
                  </Table.Td>
                </Table.Tr>
              )
              return [row, detail]
            })}
          </Table.Tbody>
        </Table>
      </div>
      {rest > 0 ? (
        <Button mt="md" variant="light" onClick={() => setShownMax(shownMax + 300)}>
          Show older ones ({rest})
        </Button>
      ) : (
        <Text size="xs" c="dimmed" mt="xs">
          The last 1,000 are kept here; the audit log has all of them.
        </Text>
      )}
    </>
  )
}
