import type { AuditPlace, AuditQuery, FoundEvent } from '@mintmark/storage/audit-reader'
import type { Services } from '../services.ts'
import { signCheckpoint } from '../upkeep/sign-checkpoint.ts'
import type { AnswerHappening, HappeningAnswer } from './happening.ts'
import { problem } from './happening.ts'

const eventsDefault = 100
const eventsMax = 1000
const valueCharsMax = 500

const filters = ['action', 'actor', 'object', 'result', 'reason', 'ecid'] as const
const listParameters: ReadonlySet<string> = new Set([...filters, 'from', 'to', 'limit', 'cursor'])
const exportParameters: ReadonlySet<string> = new Set(['from', 'to'])

/** What is wrong with a parameter, or what it says. */
type Read<Value> = { readonly value: Value } | { readonly fault: HappeningAnswer }

const fault = (name: string, value: string, fix: string) => ({
  fault: problem('QUERY_INVALID', {
    detail: `${name} '${value.slice(0, 100)}' cannot be read.`,
    fix,
  }),
})

/** Null where every parameter is known and there once. */
export const checkNames = (
  query: URLSearchParams,
  known: ReadonlySet<string>,
): HappeningAnswer | null => {
  for (const name of query.keys()) {
    if (known.has(name) && query.getAll(name).length === 1) continue
    return problem('QUERY_UNKNOWN', {
      detail: known.has(name)
        ? `${name} appears more than once.`
        : `'${name.slice(0, 100)}' is not read here.`,
      fix: `There are ${[...known].join(', ')}, each at most once.`,
    })
  }
  return null
}

const rfc3339 = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/

const timeOf = (text: string): number => {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  return rfc3339.test(text) ? Date.parse(text) : Number.NaN
}

/** RFC 3339, or milliseconds since the epoch. */
export const readTime = (query: URLSearchParams, name: 'from' | 'to'): Read<number | undefined> => {
  const text = query.get(name)
  if (text === null || text === '') return { value: undefined }
  const ms = timeOf(text)
  if (Number.isSafeInteger(ms)) return { value: ms }
  return fault(name, text, 'Send a time as 2026-11-21T12:00:00Z.')
}

/** How many of a list. */
export const readLimit = (query: URLSearchParams): Read<number> => {
  const text = query.get('limit')
  if (text === null || text === '') return { value: eventsDefault }
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= eventsMax) return { value: limit }
  return fault('limit', text, `Send a number from 1 to ${eventsMax}.`)
}

const readCursor = (query: URLSearchParams): Read<AuditPlace | null> => {
  const text = query.get('cursor')
  if (text === null || text === '') return { value: null }
  const match = /^(\d{1,15})\.(\d{1,6})$/.exec(text)
  if (match === null) return fault('cursor', text, 'Send the cursor of the answer before, or none.')
  return { value: { sequence: Number(match[1]), line: Number(match[2]) } }
}

const readQuery = (query: URLSearchParams): Read<AuditQuery> => {
  const from = readTime(query, 'from')
  if ('fault' in from) return from
  const to = readTime(query, 'to')
  if ('fault' in to) return to
  const read: Record<string, string | number> = {}
  if (from.value !== undefined) read['fromMs'] = from.value
  if (to.value !== undefined) read['toMs'] = to.value
  for (const name of filters) {
    const value = query.get(name)
    if (value === null || value === '') continue
    if (value.length > valueCharsMax) return fault(name, value, 'It is too long for any event.')
    read[name] = value
  }
  return { value: read }
}

/** `GET /api/v1/audit`: newest first; what one answer looks at is bounded, and it says so. */
export const listAudit: AnswerHappening = async ({ query, services }) => {
  const wrong = checkNames(query, listParameters)
  if (wrong !== null) return wrong
  const read = readQuery(query)
  if ('fault' in read) return read.fault
  const limit = readLimit(query)
  if ('fault' in limit) return limit.fault
  const cursor = readCursor(query)
  if ('fault' in cursor) return cursor.fault
  const page = await services.audit.search(read.value, cursor.value, limit.value)
  const cursorAfter = page.next === null ? null : `${page.next.sequence}.${page.next.line}`
  return { kind: 'json', body: { events: page.events.map(told), cursor: cursorAfter } }
}

/** `chain` says which line of which pack it is: the export has the packs with their hashes. */
const told = ({ event, sequence, line }: FoundEvent) => ({
  ...event,
  at: new Date(event.at).toISOString(),
  chain: { sequence, line },
})

/** `GET /api/v1/audit/export`: whole packs, so that whoever has them can follow the chain. */
export const exportAudit: AnswerHappening = async ({ query, services, nowMs, mayStill }) => {
  const wrong = checkNames(query, exportParameters)
  if (wrong !== null) return wrong
  const from = readTime(query, 'from')
  if ('fault' in from) return from.fault
  const to = readTime(query, 'to')
  if ('fault' in to) return to.fault
  // before the packs: it is of one that is among them
  const checkpoint = to.value === undefined ? await checkpointNow(services, nowMs) : null
  const packs = services.audit.packs(from.value ?? 0, to.value ?? Number.MAX_SAFE_INTEGER)
  return { kind: 'lines', lines: linesOf(checkpoint, whileAllowed(packs, mayStill)) }
}

/** The newest pack, signed by the key that signs tokens now; null: nothing is on record. */
const checkpointNow = async (services: Services, nowMs: number): Promise<string | null> => {
  const catalog = await services.registry.catalog()
  const key = services.keys.active(catalog, 'ES256')
  const newest = await services.audit.newest()
  if (key === null || newest === null) return null
  return signCheckpoint(key, catalog.domain.id, newest, nowMs)
}

/** `GET /api/v1/audit/checkpoint`: to be kept elsewhere, and compared. */
export const tellCheckpoint: AnswerHappening = async ({ query, services, nowMs }) => {
  const wrong = checkNames(query, new Set())
  if (wrong !== null) return wrong
  return { kind: 'json', body: { checkpoint: await checkpointNow(services, nowMs) } }
}

const askAgainMs = 1000

/** Who reads slowly reads for long, and what comes meanwhile: it is asked again whether it may. */
async function* whileAllowed<Item>(
  items: AsyncIterable<Item>,
  mayStill: () => Promise<boolean>,
): AsyncGenerator<Item> {
  let askedAtMs = Date.now()
  for await (const item of items) {
    if (Date.now() - askedAtMs > askAgainMs) {
      // cut off, not ended: nobody must take it for the whole
      if (!(await mayStill())) throw new Error('whoever reads the export may do so no more')
      askedAtMs = Date.now()
    }
    yield item
  }
}

const hex = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString('hex')

/** A checkpoint; then one line for each pack, then its events byte for byte as they were hashed. */
async function* linesOf(
  checkpoint: string | null,
  packs: ReturnType<Services['audit']['packs']>,
): AsyncGenerator<string> {
  if (checkpoint !== null) yield `${JSON.stringify({ checkpoint })}\n`
  for await (const { sequence, previous, hash, eventCount, body } of packs) {
    const pack = { sequence, events: eventCount, previous: hex(previous), hash: hex(hash) }
    yield `${JSON.stringify({ pack })}\n`
    yield Buffer.from(body).toString('utf8')
  }
}
