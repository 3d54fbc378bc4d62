import { createHash } from 'node:crypto'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { Row, Statements } from '../database.ts'

/** Events that were committed together: one line of JSON each. */
export interface AuditPack {
  readonly sequence: number
  readonly firstAtMs: number
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

/** Appends to the chain of the domain. Must run inside a transaction. */
export const appendPack = async (
  statements: Statements,
  domainId: string,
  packed: PackedEvents,
): Promise<void> => {
  const rows = await statements.all(
    `SELECT sequence, hash FROM audit_pack WHERE domain_id = $1
     ORDER BY sequence DESC LIMIT 1`,
    [domainId],
  )
  const before = rows[0]
  const previous = before === undefined ? genesis : (before['hash'] as Uint8Array)
  await statements.run(
    `INSERT INTO audit_pack
       (domain_id, sequence, first_at_ms, last_at_ms, event_count, hash, body)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      domainId,
      before === undefined ? 1 : Number(before['sequence']) + 1,
      packed.firstAtMs,
      packed.lastAtMs,
      packed.eventCount,
      link(previous, packed.body),
      packed.body,
    ],
  )
}

const packOf = (row: Row): AuditPack => ({
  sequence: Number(row['sequence']),
  firstAtMs: Number(row['first_at_ms']),
  lastAtMs: Number(row['last_at_ms']),
  eventCount: Number(row['event_count']),
  hash: row['hash'] as Uint8Array,
  body: row['body'] as Uint8Array,
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

export const eventsOf = (pack: AuditPack): readonly AuditEvent[] =>
  Buffer.from(pack.body)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AuditEvent)

/**
 * Follows the chain from its beginning.
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
      const whole = Buffer.compare(link(previous, pack.body), pack.hash) === 0
      if (!whole || pack.sequence !== sequence + 1) return sequence + 1
      previous = pack.hash
      sequence = pack.sequence
    }
  }
}
