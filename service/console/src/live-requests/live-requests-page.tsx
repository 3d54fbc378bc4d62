import { Loading } from '../parts/loading.tsx'
import './live-requests.css'
import { Alert, Badge, Button, Code, Text } from '@mantine/core'
import {
  IconActivity,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlugConnectedX,
} from '@tabler/icons-react'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { useFilters } from '../parts/use-filters.ts'
import { LiveFilters } from './live-filters.tsx'
import { readWish, sift } from './live-request.ts'
import { RequestTable } from './request-table.tsx'
import { useLiveKeys } from './use-live-keys.ts'
import { type LiveView, useLiveRequests } from './use-live-requests.ts'

const StateOfStream = ({ view }: { readonly view: LiveView }) => {
  const { state, paused } = view
  if (paused) {
    return (
      <Badge color="yellow" variant="light" leftSection={<IconPlayerPause size={12} />}>
        Paused
      </Badge>
    )
  }
  if (state.kind === 'live') {
    return (
      <Badge color="teal" variant="light" leftSection={<IconActivity size={12} />}>
        Live
      </Badge>
    )
  }
  return (
    <Badge color="gray" variant="light" leftSection={<IconPlugConnectedX size={12} />}>
      {state.kind === 'connecting' ? 'Connecting' : 'Not connected'}
    </Badge>
  )
}

const Notices = ({ view }: { readonly view: LiveView }) => {
  const { state, missed } = view
  return (
    <>
      {state.kind === 'refused' ? <FaultNotice fault={state.fault} retry={view.retry} /> : null}
      {state.kind === 'waiting' ? (
        <Alert color="yellow" role="status" mb="md" title="The server does not answer">
          <Text size="sm">
            It is tried again by itself, and goes on where it stopped. What is below is from before.
          </Text>
          <Button size="compact-sm" variant="default" mt="xs" onClick={view.retry}>
            Try now
          </Button>
        </Alert>
      ) : null}
      {missed === 0 ? null : (
        <Text size="sm" c="dimmed" mb="sm" role="status">
          {missed === null ? 'Some requests' : `${missed} requests`} were left out here; the audit
          log has them.
        </Text>
      )}
    </>
  )
}

const NoneYet = () => (
  <div className="card empty" role="status">
    <Text fw={600}>Waiting for the first request</Text>
    <Text size="sm" c="dimmed" mt={4} mb="sm">
      Every token, introspection and revocation appears here as it is answered, refusals with their
      reason. The same in a terminal:
    </Text>
    <Code>mintmark logs tail</Code>
  </div>
)

const lead =
  'OAuth requests as they are answered, with the reason of each refusal. ' +
  'Space pauses, j and k walk the rows.'

/** Requests as they are answered. */
export const LiveRequestsPage = () => {
  const [filters] = useFilters()
  const view = useLiveRequests()
  useLiveKeys(view.toggle)
  const { requests, paused, held, state } = view
  const wish = readWish(filters)
  const sifted = sift(requests, wish)
  const isFirst = requests.length === 0
  return (
    <>
      <PageHead title="Live requests" beside={<StateOfStream view={view} />} lead={lead}>
        <Button variant="default" disabled={isFirst} onClick={view.clear}>
          Clear
        </Button>
        <Button
          variant={paused ? 'filled' : 'default'}
          aria-pressed={paused}
          leftSection={paused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
          onClick={view.toggle}
        >
          {paused ? `Go on${held === 0 ? '' : ` (${held} new)`}` : 'Pause'}
        </Button>
      </PageHead>
      <Notices view={view} />
      <LiveFilters wish={wish} sifted={sifted} />
      {isFirst && state.kind === 'connecting' ? <Loading height={240} /> : null}
      {isFirst && state.kind === 'live' ? <NoneYet /> : null}
      {!isFirst && sifted.shown.length === 0 ? (
        <Text role="status">None of the {requests.length} requests here fits these filters.</Text>
      ) : null}
      {sifted.shown.length === 0 ? null : <RequestTable requests={sifted.shown} all={requests} />}
    </>
  )
}
