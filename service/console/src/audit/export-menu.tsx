import { Button, Menu } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { saveFile } from '../parts/save-file.ts'
import { send } from '../server/request.ts'
import type { AuditEvent } from './audit-events.ts'
import { csvOf } from './changed-members.ts'

/** null: the first one is still to be signed. */
const readCheckpoint = async (): Promise<string | null> =>
  (await send<{ checkpoint: string | null }>('GET', '/api/v1/audit/checkpoint')).body.checkpoint

/** All of a span of time with the chain, or what is listed as a table. */
export const ExportMenu = ({
  events,
  from,
  to,
}: {
  readonly events: readonly AuditEvent[]
  readonly from: string
  readonly to: string
}) => {
  const checkpoint = useQuery({
    queryKey: ['audit', 'checkpoint'],
    queryFn: readCheckpoint,
    enabled: false,
  })
  const span = new URLSearchParams(Object.entries({ from, to }).filter(([, value]) => value !== ''))
  return (
    <Menu position="bottom-end" withinPortal={false} onOpen={() => checkpoint.refetch()}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={`/api/v1/audit/export?${span}`} download="audit.ndjson">
          NDJSON: every event of these days, with the chain
        </Menu.Item>
        <Menu.Item
          disabled={events.length === 0}
          onClick={() => saveFile('audit.csv', 'text/csv', csvOf(events))}
        >
          CSV: the {events.length} events that are listed
        </Menu.Item>
        <Menu.Item
          disabled={!checkpoint.data}
          onClick={() => saveFile('checkpoint.jws', 'application/jose', `${checkpoint.data}\n`)}
        >
          Checkpoint: the newest hash, signed, to keep elsewhere
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
