import { Button, Menu } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import type { AuditEvent } from './audit-events.ts'
import { csvOf } from './changed-members.ts'

const offer = (text: string): void => {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = address
  link.download = 'audit.csv'
  link.click()
  URL.revokeObjectURL(address)
}

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
  const span = new URLSearchParams(Object.entries({ from, to }).filter(([, value]) => value !== ''))
  return (
    <Menu position="bottom-end" withinPortal={false}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={`/api/v1/audit/export?${span}`} download="audit.ndjson">
          NDJSON: every event of these days, with the chain
        </Menu.Item>
        <Menu.Item disabled={events.length === 0} onClick={() => offer(csvOf(events))}>
          CSV: the {events.length} events that are listed
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
