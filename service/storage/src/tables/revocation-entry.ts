import { hash, randomBytes } from 'node:crypto'
import type { Revocation } from '@mintmark/registry/revocation'
import type { Row, Statements } from '../database.ts'

/** A place in the order of all revocations of a domain. */
export interface FeedPlace {
  /** Of this count of numbers: another one is another domain, or a fresh start. */
  readonly epoch: string
  /** Number of the last revocation before the place; 0: none. */
  readonly number: number
  /** Digest of all revocations up to it. */
  readonly mark: string
}

/** A revocation in its place. */
export interface RevocationEntry {
  readonly number: number
  readonly mark: string
  readonly kind: Revocation['kind']
  /** As the revocation has it; for `client` the client id. */
  readonly subject: string
  readonly issuedBeforeMs: number
  readonly expiresAtMs: number
}

/** Entries kept for whoever was away; who was away for longer reads everything again. */
export const entriesKept = 50_000

/** Where the feed of a domain ends; null: it has none yet. */
export const findFeedEnd = async (
  statements: Statements,
  domainId: string,
): Promise<FeedPlace | null> => {
  const [row] = await statements.all(
    'SELECT epoch, last_number, last_mark FROM revocation_feed WHERE domain_id = $1',
    [domainId],
  )
  if (row === undefined) return null
  const number = Number(row['last_number'])
  return { epoch: row['epoch'] as string, number, mark: row['last_mark'] as string }
}

const newEpoch = (): FeedPlace => {
  const epoch = randomBytes(12).toString('base64url')
  return { epoch, number: 0, mark: epoch }
}

const putFeedEnd = (
  statements: Statements,
  domainId: string,
  { epoch, number, mark }: FeedPlace,
): Promise<unknown> =>
  statements.run(
    `INSERT INTO revocation_feed (domain_id, epoch, last_number, last_mark)
     VALUES ($1, $2, $3, $4)
     ON CONFLICT (domain_id) DO UPDATE SET epoch = excluded.epoch,
       last_number = excluded.last_number, last_mark = excluded.last_mark`,
    [domainId, epoch, number, mark],
  )

/** Begins the feed of a domain unless it has begun. */
export const beginFeed = async (statements: Statements, domainId: string): Promise<void> => {
  if ((await findFeedEnd(statements, domainId)) === null) {
    await putFeedEnd(statements, domainId, newEpoch())
  }
}

const entryAfter = (before: FeedPlace, revocation: Revocation): RevocationEntry => {
  const { kind } = revocation
  const subject = kind === 'client' ? (revocation.clientId ?? '') : revocation.subject
  const issuedBeforeMs = Math.ceil(revocation.issuedBeforeMs)
  const expiresAtMs = Math.ceil(revocation.expiresAtMs)
  const number = before.number + 1
  const content = JSON.stringify([before.mark, number, kind, subject, issuedBeforeMs, expiresAtMs])
  const mark = hash('sha256', content, 'base64url').slice(0, 22)
  return { number, mark, kind, subject, issuedBeforeMs, expiresAtMs }
}

/**
 * Appends entries inside the transaction that stores the revocations: transactions follow one
 * another, so numbers are in the order of commits and have no gaps.
 */
export const appendRevocationEntries = async (
  statements: Statements,
  domainId: string,
  revocations: readonly Revocation[],
): Promise<void> => {
  if (revocations.length === 0) return
  let end = (await findFeedEnd(statements, domainId)) ?? newEpoch()
  for (const revocation of revocations) {
    const entry = entryAfter(end, revocation)
    const { number, mark, kind, subject, issuedBeforeMs, expiresAtMs } = entry
    await statements.run(
      `INSERT INTO revocation_entry
         (domain_id, number, mark, kind, subject, issued_before_ms, expires_at_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [domainId, number, mark, kind, subject, issuedBeforeMs, expiresAtMs],
    )
    end = { epoch: end.epoch, number, mark }
  }
  await putFeedEnd(statements, domainId, end)
}

const entryOf = (row: Row): RevocationEntry => ({
  number: Number(row['number']),
  mark: row['mark'] as string,
  kind: row['kind'] as Revocation['kind'],
  subject: row['subject'] as string,
  issuedBeforeMs: Number(row['issued_before_ms']),
  expiresAtMs: Number(row['expires_at_ms']),
})

/** Entries from a number on, in their order, at most `rowsMax`. */
export const listRevocationEntries = async (
  statements: Statements,
  domainId: string,
  fromNumber: number,
  rowsMax: number,
): Promise<readonly RevocationEntry[]> => {
  const rows = await statements.all(
    `SELECT number, mark, kind, subject, issued_before_ms, expires_at_ms FROM revocation_entry
     WHERE domain_id = $1 AND number >= $2 ORDER BY number LIMIT $3`,
    [domainId, fromNumber, rowsMax],
  )
  return rows.map(entryOf)
}

/** Removes at most `rowsMax` of the oldest entries beyond those kept. */
export const sweepRevocationEntries = async (
  statements: Statements,
  domainId: string,
  kept: number,
  rowsMax: number,
): Promise<number> => {
  const end = await findFeedEnd(statements, domainId)
  const [oldest] = await listRevocationEntries(statements, domainId, 1, 1)
  if (end === null || oldest === undefined) return 0
  const untilNumber = Math.min(end.number - kept, oldest.number + rowsMax - 1)
  const { changes } = await statements.run(
    'DELETE FROM revocation_entry WHERE domain_id = $1 AND number <= $2',
    [domainId, untilNumber],
  )
  return changes
}
