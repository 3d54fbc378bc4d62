import { createHash } from 'node:crypto'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import {
  clocksApartMsMax,
  notBefore,
  type RecordEnd,
  tokenLifeSecondsMax,
} from '@mintmark/registry/revocation'
import type { Row, Statements } from '../database.ts'
import { readStoredBody, storedBody } from './pack-body.ts'

/** Events that were committed together: one line of JSON each, whatever form they are stored in. */
export interface AuditPack {
  readonly sequence: number
  readonly firstAtMs: number
  /** Of no event before its end: at least that of the pack before, as far as clocks may differ. */
  readonly lastAtMs: number
  readonly eventCount: number
  /** SHA-256(hash of the pack before ‖ body): none can be altered, dropped or moved unseen. */
  readonly hash: Uint8Array
  readonly body: Uint8Array
}

/** The part of a pack that comes from its events; the chain is added when it is appended. */
export type PackedEvents = Omit<AuditPack, 'sequence' | 'hash'>

/** What the first pack of a domain takes for the hash before it. */
const genesis = new Uint8Array(32)

const link = (previous: Uint8Array, body: Uint8Array): Uint8Array =>
  createHash('sha256').update(previous).update(body).digest()

/**
 * Packs lines of JSON with the times of their events.
 *
 * @param atMs times of the events, one a line, in milliseconds
 */
export const packLines = (lines: readonly string[], atMs: readonly number[]): PackedEvents => {
  let first = Number.MAX_SAFE_INTEGER
  let last = 0
  for (const at of atMs) {
    if (at < first) first = at
    if (at > last) last = at
  }
  return {
    firstAtMs: Math.trunc(first),
    lastAtMs: Math.trunc(last),
    eventCount: lines.length,
    body: Buffer.from(`${lines.join('\n')}\n`, 'utf8'),
  }
}

/** Null in a pack: whoever wrote it did not say, so the last token before it may live longest. */
const untilOf = (row: Row): number | null =>
  row['tokens_until_ms'] === null ? null : Number(row['tokens_until_ms'])

const untilAfter = (before: Row | undefined, lastAtMs: number, tokensUntilMs: number): number => {
  if (before === undefined) return tokensUntilMs
  const unknownMs = lastAtMs + clocksApartMsMax + tokenLifeSecondsMax * 1000
  return Math.max(untilOf(before) ?? unknownMs, tokensUntilMs)
}

/**
 * Appends to the chain of the domain. Must run inside a transaction.
 *
 * @param tokensUntilMs when the last of the tokens that it puts on record expires; null: tokens may
 *   have been issued that are not on record
 */
export const appendPack = async (
  statements: Statements,
  domainId: string,
  packed: PackedEvents,
  tokensUntilMs: number | null = 0,
): Promise<RecordEnd> => {
  const rows = await statements.all(
    `SELECT sequence, hash, last_at_ms, tokens_until_ms FROM audit_pack WHERE domain_id = $1
     ORDER BY sequence DESC LIMIT 1`,
    [domainId],
  )
  const before = rows[0]
  const previous = before === undefined ? genesis : (before['hash'] as Uint8Array)
  // a clock that is further ahead than clocks may be must not date what comes after it
  const latestMs = notBefore(packed.lastAtMs, Number(before?.['last_at_ms'] ?? 0))
  const untilMs = tokensUntilMs === null ? null : untilAfter(before, latestMs, tokensUntilMs)
  await statements.run(
    `INSERT INTO audit_pack
       (domain_id, sequence, first_at_ms, last_at_ms, event_count, hash, body, tokens_until_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      domainId,
      before === undefined ? 1 : Number(before['sequence']) + 1,
      packed.firstAtMs,
      latestMs,
      packed.eventCount,
      link(previous, packed.body),
      storedBody(packed.body),
      untilMs,
    ],
  )
  return { latestMs, tokensUntilMs: untilMs }
}

/** Where all that is on record ends. */
export const findRecordEnd = async (
  statements: Statements,
  domainId: string,
): Promise<RecordEnd> => {
  const [row] = await statements.all(
    `SELECT last_at_ms, tokens_until_ms FROM audit_pack WHERE domain_id = $1
     ORDER BY sequence DESC LIMIT 1`,
    [domainId],
  )
  if (row === undefined) return { latestMs: 0, tokensUntilMs: 0 }
  return { latestMs: Number(row['last_at_ms']), tokensUntilMs: untilOf(row) }
}

/** The latest instant on record, by the clocks of all servers; 0: nothing is. */
export const findLatestRecord = async (statements: Statements, domainId: string): Promise<number> =>
  (await findRecordEnd(statements, domainId)).latestMs

/** From now on tokens may be issued that are not on record. Must run inside a transaction. */
export const forgetTokensUntil = (statements: Statements, domainId: string): Promise<unknown> =>
  statements.run(
    `UPDATE audit_pack SET tokens_until_ms = NULL WHERE domain_id = $1 AND sequence =
       (SELECT max(sequence) FROM audit_pack WHERE domain_id = $1)`,
    [domainId],
  )

const packOf = (row: Row): AuditPack => ({
  sequence: Number(row['sequence']),
  firstAtMs: Number(row['first_at_ms']),
  lastAtMs: Number(row['last_at_ms']),
  eventCount: Number(row['event_count']),
  hash: row['hash'] as Uint8Array,
  body: readStoredBody(row['body'] as Uint8Array),
})

/** Packs in order, beginning after `afterSequence` (0: from the first). */
export const listPacks = async (
  statements: Statements,
  domainId: string,
  afterSequence: number,
  packsMax: number,
): Promise<readonly AuditPack[]> => {
  const rows = await statements.all(
    `SELECT sequence, first_at_ms, last_at_ms, event_count, hash, body FROM audit_pack
     WHERE domain_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`,
    [domainId, afterSequence, packsMax],
  )
  return rows.map(packOf)
}

/** The hash that a pack was chained to: of the pack before it, or of nothing. */
export const hashBefore = async (
  statements: Statements,
  domainId: string,
  sequence: number,
): Promise<Uint8Array | null> => {
  if (sequence <= 1) return genesis
  const rows = await statements.all(
    'SELECT hash FROM audit_pack WHERE domain_id = $1 AND sequence = $2',
    [domainId, sequence - 1],
  )
  return (rows[0]?.['hash'] as Uint8Array | undefined) ?? null
}

/** Packs in reverse, beginning before `beforeSequence`. */
export const listPacksBefore = async (
  statements: Statements,
  domainId: string,
  beforeSequence: number,
  packsMax: number,
): Promise<readonly AuditPack[]> => {
  const rows = await statements.all(
    `SELECT sequence, first_at_ms, last_at_ms, event_count, hash, body FROM audit_pack
     WHERE domain_id = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3`,
    [domainId, beforeSequence, packsMax],
  )
  return rows.map(packOf)
}

/** First and last sequence on record; null: nothing is. */
export const packRange = async (
  statements: Statements,
  domainId: string,
): Promise<{ readonly first: number; readonly last: number } | null> => {
  const edge = async (order: 'ASC' | 'DESC') => {
    const rows = await statements.all(
      `SELECT sequence FROM audit_pack WHERE domain_id = $1 ORDER BY sequence ${order} LIMIT 1`,
      [domainId],
    )
    return rows[0] === undefined ? null : Number(rows[0]['sequence'])
  }
  const first = await edge('ASC')
  const last = await edge('DESC')
  return first === null || last === null ? null : { first, last }
}

/**
 * About where the packs of an instant begin: they are stored in the order of their commits, which
 * is nearly that of their events. By halving, so that it needs no index by time.
 *
 * @returns the sequence of a pack whose neighbours before it are older; one behind the last pack
 *   when all are
 */
export const packNear = async (
  statements: Statements,
  domainId: string,
  atMs: number,
): Promise<number> => {
  const range = await packRange(statements, domainId)
  if (range === null) return 1
  let low = range.first
  let high = range.last + 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const rows = await statements.all(
      `SELECT last_at_ms FROM audit_pack WHERE domain_id = $1 AND sequence >= $2
       ORDER BY sequence LIMIT 1`,
      [domainId, middle],
    )
    if (rows[0] !== undefined && Number(rows[0]['last_at_ms']) < atMs) low = middle + 1
    else high = middle
  }
  return low
}

/** What one step of the sweep took away. */
export interface PackSweep {
  readonly packs: number
  /** Sequence of the last pack whose events are gone; 0: none are. */
  readonly through: number
  /** Hash of that pack, from which the chain goes on. */
  readonly hash: Uint8Array | null
}

/**
 * Removes the events of the oldest packs, as far as all of them happened before an instant. The
 * last of them stays as an empty pack: its hash is what the chain goes on from. The newest pack
 * always stays. Must run inside a transaction.
 */
export const sweepPacks = async (
  statements: Statements,
  domainId: string,
  beforeMs: number,
  packsMax: number,
): Promise<PackSweep> => {
  const rows = await statements.all(
    `SELECT sequence, last_at_ms, event_count, hash FROM audit_pack
     WHERE domain_id = $1 ORDER BY sequence LIMIT $2`,
    [domainId, packsMax + 1],
  )
  const young = rows.findIndex((row) => Number(row['last_at_ms']) >= beforeMs)
  const old = rows.slice(0, young === -1 ? rows.length - 1 : young).slice(0, packsMax)
  const full = old.filter((row) => Number(row['event_count']) > 0)
  const last = old.at(-1)
  if (last === undefined || full.length === 0) return { packs: 0, through: 0, hash: null }
  const through = Number(last['sequence'])
  await statements.run('DELETE FROM audit_pack WHERE domain_id = $1 AND sequence < $2', [
    domainId,
    through,
  ])
  await statements.run(
    'UPDATE audit_pack SET event_count = 0, body = $3 WHERE domain_id = $1 AND sequence = $2',
    [domainId, through, new Uint8Array(0)],
  )
  return { packs: full.length, through, hash: last['hash'] as Uint8Array }
}

export const eventsOf = (pack: AuditPack): readonly AuditEvent[] =>
  Buffer.from(pack.body)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AuditEvent)

/**
 * Follows the chain from its beginning: the first pack, or the empty one that a sweep left.
 *
 * @returns null when it is whole, else the sequence of the first pack that does not fit
 */
export const findBrokenPack = async (
  statements: Statements,
  domainId: string,
): Promise<number | null> => {
  let previous: Uint8Array = genesis
  let sequence = 0
  for (;;) {
    const packs = await listPacks(statements, domainId, sequence, 64)
    if (packs.length === 0) return null
    for (const pack of packs) {
      const isSwept = sequence === 0 && pack.sequence > 1 && pack.eventCount === 0
      if (isSwept && pack.body.length === 0) {
        previous = pack.hash
        sequence = pack.sequence
        continue
      }
      const whole = Buffer.compare(link(previous, pack.body), pack.hash) === 0
      if (!whole || pack.sequence !== sequence + 1) return sequence + 1
      previous = pack.hash
      sequence = pack.sequence
    }
  }
}
