import type { Readable } from 'node:stream'
import { ecidDigits } from '../signing/random-ids.ts'
import {
  type AnsweredCall,
  createLiveBatch,
  fits,
  type LiveBatch,
  type LiveFilter,
  type LiveRequest,
  lineOf,
  liveRequestOf,
} from './live-request.ts'
import { type LiveStream, openLiveStream } from './live-stream.ts'

/** One that wants to be told as it happens. */
export interface LiveFollower {
  readonly clientId: string
  readonly filter: LiveFilter
  /** How many of those before it is told first. */
  readonly recentMax: number
  /** The last one that it has seen, in place of `recentMax`; null: there is none. */
  readonly after: LivePlace | null
  readonly heartbeatMs: number
  /** Asked at each heartbeat: whether it may still be told. */
  readonly mayGoOn: () => Promise<boolean>
}

/** A request that somebody was told of, by its id. */
export interface LivePlace {
  readonly ecid: string
  /** When it came in. */
  readonly atMs: number
}

/** The other processes of this server. */
export interface LivePeers {
  /** Somebody is told here, or nobody is any more. */
  listening(isListening: boolean): void
  /** For whoever is told elsewhere. */
  pass(batch: LiveBatch): void
  /** What every process of the server remembers, this one too. */
  recent(): Promise<readonly (readonly LiveRequest[])[]>
}

/** Answered OAuth requests as one process tells them. */
export interface LiveRequests {
  note(call: AnsweredCall): void
  /** Newest first. */
  recent(filter: LiveFilter, max: number): Promise<readonly LiveRequest[]>
  /** A stream of server-sent events, or `full`. */
  follow(follower: LiveFollower): Readable | 'full'
  /** What this process remembers, oldest first. */
  remembered(): readonly LiveRequest[]
  /** What another process has answered. */
  hear(batch: LiveBatch): void
  /** Somebody is told in another process, or nobody is any more. */
  passOn(isWanted: boolean): void
  /** Ends all streams, so that their followers come back elsewhere; new ones are taken. */
  endStreams(): void
  /** Ends all streams: the door closes. */
  close(): void
}

/** So many are remembered in each process. */
export const rememberedMax = 500
/** Processes hear of each other late: so much before its place is told again to who returns. */
const overlapMs = 1000
const followersMax = 100
const followersPerClientMax = 10

type Slot = { -readonly [Name in keyof LiveRequest]: LiveRequest[Name] }

/**
 * The last requests, the newest in the place of the oldest. Nothing of a request is held on to but
 * what others hold as well, ids are copied: what lives for some hundred requests and then dies is
 * copied by each collection of the young and collected with the old, a microsecond a request.
 */
const createRing = () => {
  const slots: Slot[] = []
  const ecids = Buffer.alloc(rememberedMax * ecidDigits)
  let next = 0
  const read = (slot: Slot, at: number): LiveRequest => {
    const [start, end] = [at * ecidDigits, (at + 1) * ecidDigits]
    return { ...slot, ecid: ecids.toString('latin1', start, end).trimEnd() }
  }
  return {
    add: (request: LiveRequest): void => {
      const slot = slots[next]
      if (slot === undefined) slots[next] = { ...request, ecid: '' }
      else {
        slot.atMs = request.atMs
        slot.endpoint = request.endpoint
        slot.status = request.status
        slot.milliseconds = request.milliseconds
        slot.source = request.source
        slot.client = request.client
        slot.apis = request.apis
        slot.scopes = request.scopes
        slot.reason = request.reason
        slot.detail = request.detail
      }
      ecids.write(request.ecid.padEnd(ecidDigits), next * ecidDigits, 'latin1')
      next = (next + 1) % rememberedMax
    },
    all: (): readonly LiveRequest[] => {
      const told = slots.map(read)
      return [...told.slice(next), ...told.slice(0, next)]
    },
  }
}

/**
 * Remembers the last requests and tells of each as it is answered. Who does not listen costs one
 * small record a request: lines are written, and other processes told, only while somebody does.
 * @param peers the other processes of this server; null: there are none
 */
export const createLiveRequests = (peers: LivePeers | null): LiveRequests => {
  const ring = createRing()
  const streams = new Map<LiveStream, string>()
  const batch = peers === null ? null : createLiveBatch((each) => peers.pass(each))
  let isPassedOn = false
  let closed = false

  const tell = (request: LiveRequest): void => {
    let line: string | null = null
    for (const stream of streams.keys()) {
      if (!fits(request, stream.filter)) continue
      line ??= lineOf(request)
      stream.tell(request, line)
    }
  }

  const everything = async (): Promise<readonly LiveRequest[]> => {
    const all = peers === null ? [ring.all()] : await peers.recent()
    // of one millisecond, too: a process has its own in their order
    return all.flatMap((each) => each.toReversed()).toSorted((a, b) => b.atMs - a.atMs)
  }

  const recent: LiveRequests['recent'] = async (filter, max) => {
    if (max === 0) return []
    return (await everything()).filter((request) => fits(request, filter)).slice(0, max)
  }

  /** What was answered since; whoever is told knows those of the overlap by their ids. */
  const resume = async (stream: LiveStream, place: LivePlace): Promise<void> => {
    const all = await everything()
    const known = all.find(({ ecid }) => ecid === place.ecid)
    const fromMs = (known?.atMs ?? place.atMs) - overlapMs
    const since = all.filter(
      (each) => each.atMs >= fromMs && each.ecid !== place.ecid && fits(each, stream.filter),
    )
    const isWhole = known !== undefined || (all.at(-1)?.atMs ?? Infinity) < place.atMs
    stream.begin(since.toReversed(), isWhole ? undefined : place.ecid)
  }

  const follow: LiveRequests['follow'] = ({ clientId, filter, recentMax, after, ...wish }) => {
    const mine = [...streams.values()].filter((each) => each === clientId).length
    if (closed || streams.size >= followersMax || mine >= followersPerClientMax) return 'full'
    const forget = (): void => {
      if (streams.delete(stream) && streams.size === 0) peers?.listening(false)
    }
    const stream = openLiveStream({ ...wish, filter, closed: forget })
    streams.set(stream, clientId)
    if (streams.size === 1) peers?.listening(true)
    const begun =
      after === null
        ? recent(filter, recentMax).then((before) => stream.begin(before.toReversed()))
        : resume(stream, after)
    begun.catch(() => stream.begin([]))
    return stream.readable
  }

  const endStreams = (): void => {
    for (const stream of streams.keys()) stream.end()
  }

  return {
    note: (call) => {
      const request = liveRequestOf(call, Date.now())
      ring.add(request)
      if (streams.size > 0) tell(request)
      if (isPassedOn) batch?.add(request)
    },
    recent,
    follow,
    remembered: ring.all,
    hear: ({ requests, dropped }) => {
      for (const request of requests) tell(request)
      if (dropped === 0) return
      for (const stream of streams.keys()) stream.lose(dropped)
    },
    passOn: (isWanted) => {
      isPassedOn = isWanted
    },
    endStreams,
    close: () => {
      closed = true
      endStreams()
    },
  }
}
