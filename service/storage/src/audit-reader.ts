import type { AuditEvent } from '@mintmark/registry/audit-event'
import { breathe } from './breathe.ts'
import type { Statements } from './database.ts'
import {
  type AuditPack,
  eventsOf,
  hashBefore,
  listPacks,
  listPacksBefore,
  packNear,
  packRange,
} from './tables/audit-pack.ts'

/** What an event must be like; what is left out asks nothing. */
export interface AuditQuery {
  /** From this instant on, and before that one; milliseconds since the epoch. */
  readonly fromMs?: number
  readonly toMs?: number
  /** Exact; with `*` at its end: all that begin so. */
  readonly action?: string
  readonly actor?: string
  /** Part of it: an id, a name. */
  readonly object?: string
  readonly result?: string
  readonly reason?: string
  readonly ecid?: string
}

/** A place in the order of all events: the line of a pack. */
export interface AuditPlace {
  readonly sequence: number
  readonly line: number
}

export interface FoundEvent extends AuditPlace {
  readonly event: AuditEvent
}

export interface AuditPage {
  /** Newest first. */
  readonly events: readonly FoundEvent[]
  /** Where to go on; null: everything was looked at. */
  readonly next: AuditPlace | null
}

/** The audit as administrators read it. */
export interface AuditReader {
  /** The event of an answer that was made about `atMs`. */
  findEvent(ecid: string, atMs: number): Promise<AuditEvent | null>
  search(query: AuditQuery, before: AuditPlace | null, eventsMax: number): Promise<AuditPage>
  /** Whole packs that touch a span of time, oldest first, each with the hash before it. */
  packs(fromMs: number, toMs: number): AsyncIterable<ChainedPack>
  /** Where the chain ends; null: nothing is on record. */
  newest(): Promise<NewestPack | null>
}

export interface NewestPack extends Pick<AuditPack, 'sequence' | 'hash'> {
  /** What its event is, where it has one only. */
  readonly onlyAction: string | null
}

export interface ChainedPack extends AuditPack {
  /** null: the pack before it is not on record. */
  readonly previous: Uint8Array | null
}

const packsAtOnce = 32
/** Packs and events one search looks at: then it answers with what it has and where to go on. */
const searchedPacksMax = 2000
const searchedEventsMax = 50_000
/** Events looked at before answers of others may go out. */
const breathEvents = 4000
/** Packs of one instant may lie this far from where its time says, by number and by time. */
const slackPacks = 64
const slackMs = 30_000
const findPacksMax = 20_000

/** Reads the audit of one domain. Never reads more than a bounded number of packs at once. */
export const openAuditReader = (statements: Statements, domainId: string): AuditReader => ({
  findEvent: (ecid, atMs) => findEvent(statements, domainId, ecid, atMs),
  search: (query, before, eventsMax) => search(statements, domainId, { query, before, eventsMax }),
  packs: (fromMs, toMs) => walkPacks(statements, domainId, fromMs, toMs),
  newest: async () => {
    const [pack] = await listPacksBefore(statements, domainId, Number.MAX_SAFE_INTEGER, 1)
    if (pack === undefined) return null
    const { sequence, hash, eventCount } = pack
    const onlyAction = eventCount === 1 ? (eventsOf(pack)[0]?.action ?? null) : null
    return { sequence, hash, onlyAction }
  },
})

/** Whether what was counted with its like was about this too. */
const isAbout = (event: AuditEvent, part: string): boolean => {
  if (event.object?.includes(part) === true) return true
  const { of } = event.detail ?? {}
  if (!Array.isArray(of)) return false
  return of.some((each) => Array.isArray(each) && String(each[1] ?? '').includes(part))
}

/** Whether one that was counted with its like is this one. */
const countsAmong = (event: AuditEvent, ecid: string): boolean => {
  const { of } = event.detail ?? {}
  return Array.isArray(of) && of.some((each) => Array.isArray(each) && each[0] === ecid)
}

const findEvent = async (
  statements: Statements,
  domainId: string,
  ecid: string,
  atMs: number,
): Promise<AuditEvent | null> => {
  const start = await packNear(statements, domainId, atMs)
  let after = Math.max(0, start - 1 - slackPacks)
  for (let looked = 0; looked < findPacksMax; ) {
    const packs = await listPacks(statements, domainId, after, packsAtOnce)
    if (packs.length === 0) return null
    for (const pack of packs) {
      if (!Buffer.from(pack.body.buffer, pack.body.byteOffset, pack.body.length).includes(ecid)) {
        continue
      }
      const found = eventsOf(pack).find((each) => each.ecid === ecid || countsAmong(each, ecid))
      if (found !== undefined) return found
    }
    const last = packs.at(-1)
    if (last === undefined || last.firstAtMs > atMs + slackMs) return null
    after = last.sequence
    looked += packs.length
    await breathe()
  }
  return null
}

interface Search {
  readonly query: AuditQuery
  readonly before: AuditPlace | null
  readonly eventsMax: number
}

const search = async (
  statements: Statements,
  domainId: string,
  { query, before, eventsMax }: Search,
): Promise<AuditPage> => {
  const found: FoundEvent[] = []
  let place = before ?? { sequence: await newestPlace(statements, domainId, query), line: 0 }
  let packsLooked = 0
  let eventsLooked = 0
  let breathAt = breathEvents
  for (;;) {
    // line 0: the pack itself is done
    const upTo = place.line > 0 ? place.sequence + 1 : place.sequence
    const packs = await listPacksBefore(statements, domainId, upTo, packsAtOnce)
    if (packs.length === 0) return { events: found, next: null }
    for (const pack of packs) {
      if (query.fromMs !== undefined && pack.lastAtMs < query.fromMs - slackMs) {
        return { events: found, next: null }
      }
      const lines = pack.sequence === place.sequence ? place.line : pack.eventCount
      const taken = takeFrom(pack, lines, query, eventsMax - found.length)
      found.push(...taken.events)
      packsLooked += 1
      eventsLooked += taken.looked
      place = { sequence: pack.sequence, line: taken.line }
      const isFull = found.length >= eventsMax
      if (isFull || packsLooked >= searchedPacksMax || eventsLooked >= searchedEventsMax) {
        return { events: found, next: place }
      }
      if (eventsLooked >= breathAt) {
        breathAt = eventsLooked + breathEvents
        await breathe()
      }
    }
    await breathe()
  }
}

/** One behind the newest pack that the query can want. */
const newestPlace = async (
  statements: Statements,
  domainId: string,
  { toMs }: AuditQuery,
): Promise<number> => {
  if (toMs !== undefined) {
    return (await packNear(statements, domainId, toMs + slackMs)) + slackPacks
  }
  return ((await packRange(statements, domainId))?.last ?? 0) + 1
}

/** The newest of the first `lines` events of a pack that fit; `line` is where to go on below. */
const takeFrom = (pack: AuditPack, lines: number, query: AuditQuery, eventsMax: number) => {
  const events: FoundEvent[] = []
  if (!mayHold(pack, query)) return { events, looked: 1, line: 0 }
  const all = eventsOf(pack)
  let line = Math.min(lines, all.length)
  while (line > 0 && events.length < eventsMax) {
    line -= 1
    const event = all[line]
    if (event !== undefined && fits(event, query)) {
      events.push({ event, sequence: pack.sequence, line })
    }
  }
  return { events, looked: all.length, line }
}

/** Cheap no: the text of a member is not in the bytes of the pack. */
const mayHold = (pack: AuditPack, query: AuditQuery): boolean => {
  const { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, ecid, actor, reason } = query
  if (pack.lastAtMs < fromMs || pack.firstAtMs >= toMs) return false
  const bytes = Buffer.from(pack.body.buffer, pack.body.byteOffset, pack.body.length)
  return [ecid, actor, reason].every(
    (each) => each === undefined || bytes.includes(JSON.stringify(each)),
  )
}

const fits = (event: AuditEvent, query: AuditQuery): boolean => {
  const { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, action } = query
  if (event.at < fromMs || event.at >= toMs) return false
  if (action !== undefined) {
    const fitting = action.endsWith('*')
      ? event.action.startsWith(action.slice(0, -1))
      : event.action === action
    if (!fitting) return false
  }
  return (
    (query.actor === undefined || event.actor === query.actor) &&
    (query.object === undefined || isAbout(event, query.object)) &&
    (query.result === undefined || event.result === query.result) &&
    (query.reason === undefined || event.reason === query.reason) &&
    (query.ecid === undefined || event.ecid === query.ecid || countsAmong(event, query.ecid))
  )
}

async function* walkPacks(
  statements: Statements,
  domainId: string,
  fromMs: number,
  toMs: number,
): AsyncGenerator<ChainedPack> {
  const start = await packNear(statements, domainId, fromMs)
  let after = Math.max(0, start - 1 - slackPacks)
  let previous = await hashBefore(statements, domainId, after + 1)
  for (;;) {
    const packs = await listPacks(statements, domainId, after, packsAtOnce)
    if (packs.length === 0) return
    for (const pack of packs) {
      // what a sweep took away leaves a gap in the numbers
      if (pack.sequence !== after + 1) previous = null
      const touches = pack.lastAtMs >= fromMs && pack.firstAtMs < toMs && pack.eventCount > 0
      if (touches) yield { ...pack, previous }
      previous = pack.hash
      after = pack.sequence
    }
    if ((packs.at(-1)?.firstAtMs ?? 0) > toMs + slackMs) return
    await breathe()
  }
}
