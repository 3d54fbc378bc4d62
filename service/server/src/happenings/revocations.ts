import type { FeedPlace } from '@mintmark/storage/tables/revocation-entry'
import { readCursor, readPageCursor } from '../revocation-feed/feed-messages.ts'
import { checkNames } from './audit.ts'
import { type AnswerHappening, type HappeningAnswer, problem } from './happening.ts'

const feedParameters: ReadonlySet<string> = new Set(['cursor', 'heartbeat'])
const snapshotParameters: ReadonlySet<string> = new Set(['after'])

const heartbeatSecondsDefault = 5
const heartbeatSecondsMax = 60

const gone = (): HappeningAnswer =>
  problem('CURSOR_GONE', {
    detail: 'The cursor is of another domain, of another history, or older than what is kept.',
    fix: 'Read GET /api/v1/revocations/snapshot, then go on from the cursor that it names.',
  })

const unreadable = (name: string, fix: string): HappeningAnswer =>
  problem('QUERY_INVALID', { detail: `${name} cannot be read.`, fix })

/** null: from now on. A stream that is taken up again says where in a field (HTML §9.2.4). */
const readPlace = (
  query: URLSearchParams,
  lastEventId: string | undefined,
): { readonly place: FeedPlace | null } | { readonly fault: HappeningAnswer } => {
  const text = lastEventId ?? query.get('cursor') ?? ''
  if (text === '') return { place: null }
  const place = readCursor(text)
  return place === null
    ? { fault: unreadable('The cursor', 'Send that of a message before, or none.') }
    : { place }
}

/** Milliseconds between signs of life in a stream. */
export const readHeartbeat = (
  query: URLSearchParams,
): { readonly value: number } | { readonly fault: HappeningAnswer } => {
  const text = query.get('heartbeat') ?? String(heartbeatSecondsDefault)
  const seconds = /^\d{1,2}$/.test(text) ? Number(text) : 0
  if (seconds >= 1 && seconds <= heartbeatSecondsMax) return { value: seconds * 1000 }
  return { fault: unreadable('heartbeat', `Send seconds from 1 to ${heartbeatSecondsMax}.`) }
}

export const wantsEvents = (accept: string | undefined): boolean =>
  accept !== undefined && /\btext\/event-stream\b/i.test(accept)

/**
 * `GET /api/v1/revocations`: what ends tokens before their time, in the order of commits, signed;
 * as one page, or as it happens for whoever accepts `text/event-stream`.
 */
export const tellRevocations: AnswerHappening = async (call) => {
  const { query, services } = call
  const wrong = checkNames(query, feedParameters)
  if (wrong !== null) return wrong
  const read = readPlace(query, call.field('last-event-id'))
  if ('fault' in read) return read.fault
  const heartbeat = readHeartbeat(query)
  if ('fault' in heartbeat) return heartbeat.fault
  const heartbeatMs = heartbeat.value
  const { place } = read
  if (!wantsEvents(call.field('accept'))) {
    const stretch = await services.revocationFeed.after(place)
    if (stretch === null) return gone()
    return { kind: 'json', body: { revocations: stretch.jws, more: stretch.more } }
  }
  const { clientId, mayStill: mayGoOn } = call
  const stream = await services.revocationFeed.follow({ clientId, place, heartbeatMs, mayGoOn })
  if (stream === 'gone') return gone()
  if (stream === 'full') {
    return problem('FEED_FULL', {
      detail: 'As many connections as may follow the feed do so already.',
      fix: 'Close those that are not needed, or try again later.',
    })
  }
  return { kind: 'events', stream }
}

/** `GET /api/v1/revocations/snapshot`: everything that is revoked and could still be alive. */
export const tellSnapshot: AnswerHappening = async ({ query, services }) => {
  const wrong = checkNames(query, snapshotParameters)
  if (wrong !== null) return wrong
  const asked = query.get('after')
  const after = asked === null ? null : readPageCursor(asked)
  if (asked !== null && after === null) {
    return unreadable('after', 'Send snapshot.next of the page before, or none.')
  }
  return {
    kind: 'json',
    body: { revocations: await services.revocationFeed.page(after, asked) },
  }
}
