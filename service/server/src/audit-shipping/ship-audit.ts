/** Carries the audit from the database to the places that keep it too. */
import type { Database } from '@mintmark/storage/database'
import { type AuditPack, hashBefore, listPacks } from '@mintmark/storage/tables/audit-pack'
import { findShipped, putShipped } from '@mintmark/storage/tables/shipped-mark'
import { type AuditSink, type ShippedPack, SinkFailed, type SinkStanding } from './audit-sink.ts'

export interface ShippingParts {
  readonly database: Database
  readonly domainId: string
  readonly sinks: readonly AuditSink[]
  /** Whether this server is the one that ships: of several, one does. */
  readonly isMine: () => boolean
  readonly stands: (standing: SinkStanding) => void
  readonly warn: (fields: object, message: string) => void
  readonly info: (fields: object, message: string) => void
  /** Given by tests only. */
  readonly pace?: ShippingPace
}

/** In milliseconds. */
export interface ShippingPace {
  readonly lookEveryMs: number
  /** A sink that has not answered by then has failed. */
  readonly deadlineMs: number
  /** How long a sink that failed is left alone: at first, and at most. */
  readonly restMs: { readonly first: number; readonly most: number }
}

const defaultPace: ShippingPace = {
  lookEveryMs: 1000,
  deadlineMs: 2000,
  restMs: { first: 1000, most: 30_000 },
}

/** What is sent at once: so many packs, or fewer once they have so many bytes. */
const packsMax = 32
const bytesMax = 1_048_576

export interface Shipping {
  /** Ends within one deadline; what was not taken is sent by the next run. */
  close(): Promise<void>
}

const hex = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString('hex')

const shipped = (pack: AuditPack, previous: Uint8Array | null): ShippedPack => {
  const { sequence, eventCount: events, hash, body } = pack
  const told = { sequence, events, previous: hex(previous), hash: hex(hash) }
  return {
    sequence,
    head: JSON.stringify({ pack: told }),
    body: Buffer.from(body).toString('utf8'),
  }
}

/** The packs after one, as many as are sent at once. */
const nextPacks = async ({ database, domainId }: ShippingParts, after: number) => {
  const found = await listPacks(database.lists, domainId, after, packsMax)
  const first = found[0]
  let previous = first && (await hashBefore(database.lists, domainId, first.sequence))
  let bytes = 0
  let upTo = after
  const packs: ShippedPack[] = []
  for (const pack of found) {
    bytes += pack.body.length
    if (packs.length > 0 && bytes > bytesMax) break
    // without events it is what a sweep left: only its hash counts
    if (pack.eventCount > 0) packs.push(shipped(pack, previous ?? null))
    previous = pack.hash
    upTo = pack.sequence
  }
  const isSwept = first !== undefined && (first.eventCount === 0 || first.sequence > after + 1)
  return { packs, upTo, oldestAtMs: first?.firstAtMs ?? 0, lost: after > 0 && isSwept }
}

const inTime = async (sink: AuditSink, packs: readonly ShippedPack[], deadlineMs: number) => {
  const controller = new AbortController()
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const failed = new SinkFailed(`it did not take them within ${deadlineMs / 1000} s`)
    controller.abort(failed)
    reject(failed)
  }, deadlineMs)
  const taken = sink.take(packs, controller.signal)
  taken.catch(() => {}) // after the deadline nobody listens
  try {
    await Promise.race([taken, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Brings one sink up to date; says by when to look again. */
const createRun = (parts: ShippingParts, sink: AuditSink, pace: ShippingPace) => {
  let after: number | null = null
  let failures = 0
  let restMs = 0
  const stands = (oldestAtMs: number): void =>
    parts.stands({
      sink: sink.name,
      waitingSeconds: oldestAtMs === 0 ? 0 : Math.max(0, (Date.now() - oldestAtMs) / 1000),
      failures,
    })

  const failed = (error: unknown, oldestAtMs: number): number => {
    failures += 1
    const fault = error instanceof SinkFailed ? error.message : 'the database cannot be read'
    if (restMs === 0) {
      parts.warn({ sink: sink.name, fault }, 'an audit sink does not take what has happened')
    }
    restMs = Math.min(Math.max(restMs * 2, pace.restMs.first), pace.restMs.most)
    stands(oldestAtMs)
    return restMs
  }

  const shipOnce = async (from: number) => {
    const { packs, upTo, oldestAtMs, lost } = await nextPacks(parts, from)
    if (upTo === from) return { upTo, oldestAtMs: 0 }
    if (lost) {
      const fields = { sink: sink.name, after: from, next: packs[0]?.sequence ?? upTo }
      parts.warn(fields, 'events were removed from the database before an audit sink had them')
    }
    try {
      if (packs.length > 0) await inTime(sink, packs, pace.deadlineMs)
      await parts.database.transaction((statements) =>
        putShipped(statements, parts.domainId, sink.name, upTo),
      )
    } catch (error) {
      return { upTo: from, oldestAtMs, error }
    }
    return { upTo, oldestAtMs }
  }

  return async (isOver: () => boolean): Promise<number> => {
    let oldestAtMs = 0
    try {
      while (!isOver() && parts.isMine()) {
        after ??= await findShipped(parts.database.lists, parts.domainId, sink.name)
        const turn = await shipOnce(after)
        oldestAtMs = turn.oldestAtMs
        if ('error' in turn) throw turn.error
        if (restMs > 0) parts.info({ sink: sink.name }, 'an audit sink takes events again')
        restMs = 0
        stands(0)
        if (turn.upTo === after) return pace.lookEveryMs
        after = turn.upTo
      }
      after = null // another ships meanwhile
      return pace.lookEveryMs
    } catch (error) {
      return failed(error, oldestAtMs)
    }
  }
}

/**
 * Begins to carry the audit to sinks. The database stays what counts: an event is on record there
 * before its answer leaves, and a sink that fails or hangs holds up nobody; it gets what it missed
 * when it takes events again, in order.
 */
export const shipAudit = (parts: ShippingParts): Shipping => {
  const pace = parts.pace ?? defaultPace
  let over = false
  const ends = new Set<() => void>()

  const follow = async (sink: AuditSink): Promise<void> => {
    const run = createRun(parts, sink, pace)
    while (!over) {
      const waitMs = await run(() => over)
      if (over) break
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, waitMs).unref()
      ends.add(resolve)
      await promise
      ends.delete(resolve)
      clearTimeout(timer)
    }
    await sink.close()
  }

  const following = parts.sinks.map(follow)
  return {
    close: async () => {
      over = true
      for (const end of ends) end()
      await Promise.all(following)
    },
  }
}
