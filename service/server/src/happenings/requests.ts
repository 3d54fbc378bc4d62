import { type LiveFilter, type LiveRequest, lineOf } from '../live-requests/live-request.ts'
import { type LivePlace, rememberedMax } from '../live-requests/live-requests.ts'
import { ecidTimeMs } from '../signing/random-ids.ts'
import { checkNames } from './audit.ts'
import {
  type AnswerHappening,
  type HappeningAnswer,
  type HappeningCall,
  problem,
} from './happening.ts'
import { readHeartbeat, wantsEvents } from './revocations.ts'

const parameters: ReadonlySet<string> = new Set([
  'denied',
  'app',
  'api',
  'reason',
  'limit',
  'heartbeat',
])

const limitDefault = 100

type Read<T> = { readonly value: T } | { readonly fault: HappeningAnswer }

const unreadable = (name: string, fix: string): { readonly fault: HappeningAnswer } => ({
  fault: problem('QUERY_INVALID', { detail: `${name} cannot be read.`, fix }),
})

const readFilter = async ({ query, services }: HappeningCall): Promise<Read<LiveFilter>> => {
  const denied = query.get('denied') ?? 'false'
  if (denied !== 'true' && denied !== 'false') return unreadable('denied', 'Send true or false.')
  const reason = query.get('reason')
  if (reason !== null && !/^[A-Z0-9_]{1,60}$/.test(reason)) {
    return unreadable('reason', 'Send a word like SCOPE_NOT_GRANTED.')
  }
  const app = query.get('app')
  const clientId = app === null ? null : await services.findClientId(app)
  if (app !== null && clientId === null) {
    const detail = `There is no application "${app.slice(0, 100)}".`
    const fix = 'Send its id, client id or name.'
    return { fault: problem('CLIENT_UNKNOWN', { detail, fix }) }
  }
  return { value: { denied: denied === 'true', clientId, api: query.get('api'), reason } }
}

const readLimit = (query: URLSearchParams, unsaid: number): Read<number> => {
  const text = query.get('limit') ?? String(unsaid)
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : -1
  if (limit >= 0 && limit <= rememberedMax) return { value: limit }
  return unreadable('limit', `Send a number from 0 to ${rememberedMax}.`)
}

/** Where a reader that comes back has been. */
const readPlace = (text: string | undefined): Read<LivePlace | null> => {
  if (text === undefined) return { value: null }
  const atMs = ecidTimeMs(text)
  if (atMs !== null) return { value: { ecid: text, atMs } }
  return unreadable('Last-Event-ID', 'Send the id of the last event that was read, or none.')
}

const told = (request: LiveRequest): unknown => JSON.parse(lineOf(request))

/**
 * `GET /api/v1/requests`: the OAuth requests that this server has answered, newest first; as they
 * are answered for whoever accepts `text/event-stream`.
 */
export const tellRequests: AnswerHappening = async (call) => {
  const { query, services, clientId } = call
  const wrong = checkNames(query, parameters)
  if (wrong !== null) return wrong
  const isStream = wantsEvents(call.field('accept'))
  const limit = readLimit(query, isStream ? 0 : limitDefault)
  if ('fault' in limit) return limit.fault
  const heartbeat = readHeartbeat(query)
  if ('fault' in heartbeat) return heartbeat.fault
  const filter = await readFilter(call)
  if ('fault' in filter) return filter.fault
  const place = readPlace(isStream ? call.field('last-event-id') : undefined)
  if ('fault' in place) return place.fault
  const { liveRequests } = services
  if (!isStream) {
    const requests = await liveRequests.recent(filter.value, limit.value)
    return { kind: 'json', body: { requests: requests.map(told) } }
  }
  const stream = liveRequests.follow({
    clientId,
    filter: filter.value,
    recentMax: limit.value,
    after: place.value,
    heartbeatMs: heartbeat.value,
    mayGoOn: call.mayStill,
  })
  if (stream !== 'full') return { kind: 'events', stream }
  return problem('FEED_FULL', {
    detail: 'As many connections as may listen to requests do so already.',
    fix: 'Close those that are not needed, or try again later.',
  })
}
