import { openEvents } from '../server/request.ts'
import { ServerFault } from '../server/server-fault.ts'
import type { LiveRequest } from './live-request.ts'
import { readEvents, type StreamEvent } from './read-events.ts'

/** `connecting`: for the first time; `waiting`: it broke off, and is tried again. */
export type LiveState =
  | { readonly kind: 'connecting' | 'live' | 'waiting' }
  | { readonly kind: 'refused'; readonly fault: ServerFault }

export interface LiveListener {
  /** Oldest first. */
  readonly told: (requests: readonly LiveRequest[]) => void
  /** So many were left out; null: nobody knows how many. */
  readonly missed: (count: number | null) => void
  readonly changed: (state: LiveState) => void
}

const beforeMax = 500
/** Signs of life come each so often, in seconds; without two of them the connection is dead. */
const heartbeatSeconds = 5
const silenceMsMax = 2.5 * heartbeatSeconds * 1000
const againMsMin = 1000
const againMsMax = 15_000

const pass = (events: readonly StreamEvent[], listener: LiveListener): string | null => {
  const requests: LiveRequest[] = []
  let last: string | null = null
  for (const { id, event, data } of events) {
    if (id !== null) last = id
    if (event === 'request') requests.push(JSON.parse(data) as LiveRequest)
    else if (event === 'gap') listener.missed(null)
    else if (event === 'dropped') listener.missed((JSON.parse(data) as { dropped: number }).dropped)
  }
  if (requests.length > 0) listener.told(requests)
  return last
}

/** Waits, or until this computer is on a network again. */
const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      window.removeEventListener('online', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    window.addEventListener('online', done)
    signal.addEventListener('abort', done, { once: true })
  })

/** One connection. @returns the id of the last event, where there was one */
const listen = async (
  after: string | null,
  listener: LiveListener,
  signal: AbortSignal,
): Promise<string | null> => {
  const silence = new AbortController()
  const either = AbortSignal.any([signal, silence.signal])
  let last = after
  let timer = setTimeout(() => silence.abort(), silenceMsMax)
  try {
    const path = `/api/v1/requests?limit=${beforeMax}&heartbeat=${heartbeatSeconds}`
    const stream = await openEvents(path, after, either)
    listener.changed({ kind: 'live' })
    for await (const events of readEvents(stream)) {
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(), silenceMsMax)
      last = pass(events, listener) ?? last
    }
  } catch (error) {
    if (error instanceof ServerFault && error.status > 0) throw error
  } finally {
    clearTimeout(timer)
  }
  return last
}

/** Follows requests until `signal` ends it; what breaks off is taken up where it was. */
export const followRequests = async (
  listener: LiveListener,
  signal: AbortSignal,
): Promise<void> => {
  let last: string | null = null
  let againMs = againMsMin
  while (!signal.aborted) {
    const startedMs = Date.now()
    try {
      last = await listen(last, listener, signal)
    } catch (error) {
      if (!(error instanceof ServerFault)) throw error
      const isPassing = error.status === 429 || error.status >= 500
      if (!isPassing) return listener.changed({ kind: 'refused', fault: error })
    }
    if (signal.aborted) return
    listener.changed({ kind: 'waiting' })
    if (Date.now() - startedMs > againMsMax) againMs = againMsMin
    await wait(againMs, signal)
    againMs = Math.min(againMsMax, againMs * 2)
  }
}
