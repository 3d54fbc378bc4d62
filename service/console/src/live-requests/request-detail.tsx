import { Alert, Button, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { CopyValue } from '../parts/copy-value.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Loading } from '../parts/loading.tsx'
import { StepList, type ToldStep } from '../parts/step-list.tsx'
import type { AppRecord } from '../server/records.ts'
import { send } from '../server/request.ts'
import { itemsOf, list, quoted } from '../server/scim.ts'
import type { LiveRequest } from './live-request.ts'

interface Decision {
  readonly statement: string
  readonly now: { readonly steps: readonly ToldStep[] } | null
}

const readDecision = async (ecid: string): Promise<Decision> =>
  (await send<Decision>('GET', `/api/v1/decisions/${encodeURIComponent(ecid)}`)).body

const findApp = async (clientId: string): Promise<AppRecord | null> => {
  const search = { filter: `name eq ${quoted(clientId)}`, count: 1, attributes: 'id,name' }
  return itemsOf(await list<AppRecord>('Apps', search))[0] ?? null
}

const Trace = ({ ecid }: { readonly ecid: string }) => {
  const decision = useQuery({
    queryKey: ['decisions', ecid],
    queryFn: () => readDecision(ecid),
    staleTime: Infinity,
    retry: false,
  })
  if (decision.isPending) return <Loading height={80} />
  if (decision.isError) {
    return <FaultNotice fault={decision.error} retry={() => decision.refetch()} />
  }
  const { statement, now } = decision.data
  return (
    <>
      <Text size="sm" mb="sm" className="breakable">
        {statement}
      </Text>
      {now === null ? null : <StepList steps={now.steps} />}
    </>
  )
}

const Buttons = ({ request }: { readonly request: LiveRequest }) => {
  const client = request.client ?? ''
  const app = useQuery({
    queryKey: ['apps', 'named', client],
    queryFn: () => findApp(client),
    enabled: client !== '',
  })
  if (client === '') return null
  const wish = new URLSearchParams({ client, scope: request.scopes ?? '' })
  const id = app.data?.id
  return (
    <Group gap="xs" mt="md">
      <Button component={Link} size="compact-sm" variant="light" href={`/explain?${wish}`}>
        Explain
      </Button>
      {id === undefined ? null : (
        <>
          <Button component={Link} size="compact-sm" variant="light" href={`/applications/${id}`}>
            Open application
          </Button>
          <Button
            component={Link}
            size="compact-sm"
            variant="light"
            href={`/playground?${new URLSearchParams({ client: id, scope: request.scopes ?? '' })}`}
          >
            Try in the playground
          </Button>
        </>
      )}
    </Group>
  )
}

/** How often the same was refused, among the requests that this page keeps. */
const likenessOf = (request: LiveRequest, all: readonly LiveRequest[]): string | null => {
  const same = all.filter(({ reason }) => reason !== null && reason === request.reason)
  if (same.length < 2) return null
  const clients = new Set(same.map(({ client, source }) => client ?? source)).size
  return `${same.length} with this reason here, callers: ${clients}.`
}

/** One request in full: how it was decided, and where to go from it. */
export const RequestDetail = ({
  request,
  all,
}: {
  readonly request: LiveRequest
  readonly all: readonly LiveRequest[]
}) => (
  <div className="live-detail">
    {request.detail === null ? null : (
      <Alert color={request.reason === null ? 'gray' : 'red'} mb="sm" p="xs">
        <Text size="sm" className="breakable">
          {request.detail}
        </Text>
      </Alert>
    )}
    <Group gap="xs" mb="sm">
      <Text size="sm" c="dimmed">
        Request id
      </Text>
      <CopyValue label="Request id" value={request.ecid} />
      <Text size="sm" c="dimmed">
        {likenessOf(request, all)}
      </Text>
    </Group>
    {request.scopes === null || !request.scopes.includes(' ') ? null : (
      <Text size="sm" mb="sm" className="breakable">
        Scopes: {request.scopes}
      </Text>
    )}
    {request.endpoint === 'token' ? (
      <Trace ecid={request.ecid} />
    ) : (
      <Text size="sm" c="dimmed">
        Only token requests have a decision to tell step by step.
      </Text>
    )}
    <Buttons request={request} />
  </div>
)
