import type { Statements } from '../database.ts'

/** Somebody who is signed in at the console; instants in milliseconds since the epoch. */
export interface ConsoleSession {
  /** SHA-256 of what the browser holds, base64url. */
  readonly digest: string
  readonly subjectType: 'User' | 'App'
  readonly subjectId: string
  /** Id of the secret that signed in; empty: a pairing code did. */
  readonly credential: string
  readonly signedInAtMs: number
  /** When it was last used, to the minute or so. */
  readonly seenAtMs: number
  readonly expiresAtMs: number
}

/** Sessions at the same time; the one that ends first gives way to a new one. */
export const consoleSessionsMax = 1000
/** Codes that wait at the same time. */
export const consolePairingsMax = 10

const keepNewest = (table: string, max: number): string =>
  `DELETE FROM ${table} WHERE (domain_id, digest) IN (
     SELECT domain_id, digest FROM ${table} WHERE domain_id = $1
     ORDER BY expires_at_ms DESC, digest LIMIT 1000 OFFSET ${max})`

const keepSessions = keepNewest('console_session', consoleSessionsMax - 1)
const keepPairings = keepNewest('console_pairing', consolePairingsMax - 1)

/** Keeps a new session. Must run inside a transaction. */
export const putConsoleSession = async (
  statements: Statements,
  domainId: string,
  session: ConsoleSession,
): Promise<void> => {
  await statements.run(keepSessions, [domainId])
  await statements.run(
    `INSERT INTO console_session (domain_id, digest, subject_type, subject_id, credential,
       signed_in_at_ms, seen_at_ms, expires_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      domainId,
      session.digest,
      session.subjectType,
      session.subjectId,
      session.credential,
      session.signedInAtMs,
      session.seenAtMs,
      session.expiresAtMs,
    ],
  )
}

/**
 * A session by its digest; null: there is none. Whether it is still good is for the caller to
 * say.
 */
export const findConsoleSession = async (
  statements: Statements,
  domainId: string,
  digest: string,
): Promise<ConsoleSession | null> => {
  const [row] = await statements.all(
    `SELECT subject_type, subject_id, credential, signed_in_at_ms, seen_at_ms, expires_at_ms
     FROM console_session WHERE domain_id = $1 AND digest = $2`,
    [domainId, digest],
  )
  if (row === undefined) return null
  return {
    digest,
    subjectType: row['subject_type'] === 'App' ? 'App' : 'User',
    subjectId: row['subject_id'] as string,
    credential: row['credential'] as string,
    signedInAtMs: Number(row['signed_in_at_ms']),
    seenAtMs: Number(row['seen_at_ms']),
    expiresAtMs: Number(row['expires_at_ms']),
  }
}

/** Says of a session that it was used, so that it lasts longer; one that has ended stays so. */
export const touchConsoleSession = async (
  statements: Statements,
  domainId: string,
  session: Pick<ConsoleSession, 'digest' | 'seenAtMs' | 'expiresAtMs'>,
): Promise<void> => {
  await statements.run(
    `UPDATE console_session SET seen_at_ms = $3, expires_at_ms = $4
     WHERE domain_id = $1 AND digest = $2 AND seen_at_ms < $3`,
    [domainId, session.digest, session.seenAtMs, session.expiresAtMs],
  )
}

/** @returns whether there was one */
export const deleteConsoleSession = async (
  statements: Statements,
  domainId: string,
  digest: string,
): Promise<boolean> => {
  const { changes } = await statements.run(
    'DELETE FROM console_session WHERE domain_id = $1 AND digest = $2',
    [domainId, digest],
  )
  return changes > 0
}

/** Keeps the digest of a new code. Must run inside a transaction. */
export const putConsolePairing = async (
  statements: Statements,
  domainId: string,
  digest: string,
  expiresAtMs: number,
): Promise<void> => {
  await statements.run(keepPairings, [domainId])
  await statements.run(
    'INSERT INTO console_pairing (domain_id, digest, expires_at_ms) VALUES ($1, $2, $3)',
    [domainId, digest, expiresAtMs],
  )
}

/**
 * Uses a code up. Must run inside a transaction.
 * @returns whether it was there and had not expired
 */
export const takeConsolePairing = async (
  statements: Statements,
  domainId: string,
  digest: string,
  nowMs: number,
): Promise<boolean> => {
  const { changes } = await statements.run(
    'DELETE FROM console_pairing WHERE domain_id = $1 AND digest = $2 AND expires_at_ms > $3',
    [domainId, digest, nowMs],
  )
  return changes > 0
}

const sweepOf =
  (table: string) =>
  async (
    statements: Statements,
    domainId: string,
    expiredBeforeMs: number,
    rowsMax: number,
  ): Promise<number> => {
    const { changes } = await statements.run(
      `DELETE FROM ${table} WHERE (domain_id, digest) IN (
         SELECT domain_id, digest FROM ${table}
         WHERE domain_id = $1 AND expires_at_ms < $2 ORDER BY expires_at_ms LIMIT $3)`,
      [domainId, expiredBeforeMs, rowsMax],
    )
    return changes
  }

/** Remove at most `rowsMax` that expired before an instant. */
export const sweepConsoleSessions = sweepOf('console_session')
export const sweepConsolePairings = sweepOf('console_pairing')
