import { Loading } from '../parts/loading.tsx'
import '../live-requests/live-requests.css'
import { Anchor, Button, Group, Text } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { LiveRequest } from '../live-requests/live-request.ts'
import { RequestTable } from '../live-requests/request-table.tsx'
import { allowanceOf } from '../oauth-configuration/allowance.ts'
import { FaultNotice } from '../parts/fault-notice.tsx'
import type { AppRecord } from '../server/records.ts'
import { send } from '../server/request.ts'
import { UsagePanel } from './usage-panel.tsx'

const requestsMax = 100

const readRequests = async (clientId: string): Promise<readonly LiveRequest[]> => {
  const query = new URLSearchParams({ app: clientId, limit: String(requestsMax) })
  const { body } = await send<{ readonly requests: readonly LiveRequest[] }>(
    'GET',
    `/api/v1/requests?${query}`,
  )
  return body.requests
}

/** The last requests of one application. */
export const Activity = ({ app }: { readonly app: AppRecord }) => {
  const requests = useQuery({
    queryKey: ['requests', 'of', app.name],
    queryFn: () => readRequests(app.name),
  })
  const name = encodeURIComponent(app.name)
  return (
    <>
      <UsagePanel of={{ client: app.name }} allowance={allowanceOf(app, 'client')} />
      <Group justify="space-between" mb="sm">
        <Text size="sm">
          <Anchor component={Link} href={`/live-requests?q=${name}`} inherit>
            Follow live
          </Anchor>
          {' · '}
          <Anchor component={Link} href={`/audit?actor=${name}`} inherit>
            All of them in the audit log
          </Anchor>
        </Text>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={14} />}
          loading={requests.isRefetching}
          onClick={() => requests.refetch()}
        >
          Refresh
        </Button>
      </Group>
      {requests.isPending ? <Loading height={200} /> : null}
      {requests.isError ? (
        <FaultNotice fault={requests.error} retry={() => requests.refetch()} />
      ) : null}
      {requests.data?.length === 0 ? (
        <Text size="sm">
          It has asked for nothing since the server was started. Older requests are in the audit
          log.
        </Text>
      ) : null}
      {requests.data === undefined || requests.data.length === 0 ? null : (
        <RequestTable requests={requests.data} all={requests.data} />
      )}
    </>
  )
}
