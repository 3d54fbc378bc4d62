import { Button, Text } from '@mantine/core'
import { IconRestore } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { type AuditEvent, recentEvents } from '../audit/audit-events.ts'
import { EventTable } from '../audit/event-table.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import { NextPage } from '../parts/next-page.tsx'
import { patchApp } from '../server/scim.ts'
import { earlierDetails } from './earlier-details.ts'
import { detailOperations } from './edit-details.tsx'
import type { Versioned } from './use-versioned-edit.ts'

const pageSize = '25'

/** Makes name, description, contact and tags again what they were before a change. */
const Restore = ({ event, app, version }: Versioned & { readonly event: AuditEvent }) => {
  const queries = useQueryClient()
  const earlier = earlierDetails(event, app)
  const restoring = useMutation({
    mutationFn: async () => {
      if (earlier !== null) await patchApp(app.id, detailOperations(earlier, app), version)
    },
    onSuccess: () => queries.invalidateQueries(),
  })
  if (earlier === null) return null
  return (
    <>
      {restoring.isError ? <FaultNotice fault={restoring.error} /> : null}
      <Button
        size="xs"
        variant="light"
        mb="sm"
        leftSection={<IconRestore size={14} />}
        loading={restoring.isPending}
        onClick={() => restoring.mutate()}
      >
        Restore what was before
      </Button>
    </>
  )
}

/** Every change of one application, newest first. */
export const History = ({ app, version }: Versioned) => {
  const audit = useInfiniteQuery({
    queryKey: ['audit', 'of', app.id],
    queryFn: ({ pageParam }) =>
      recentEvents({ object: app.id, limit: pageSize, cursor: pageParam }),
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor,
  })
  const events = audit.data?.pages.flatMap((page) => page.events) ?? []
  return (
    <>
      {audit.isPending ? <Loading height={240} /> : null}
      {audit.isError ? <FaultNotice fault={audit.error} retry={() => audit.refetch()} /> : null}
      {audit.isSuccess && events.length === 0 ? (
        <Text size="sm">The audit has no change of it.</Text>
      ) : null}
      {events.length === 0 ? null : (
        <EventTable
          events={events}
          more={(event) => <Restore event={event} app={app} version={version} />}
        />
      )}
      <NextPage of={audit}>Older events</NextPage>
    </>
  )
}
