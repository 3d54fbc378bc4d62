import type { Row, Statements } from '../database.ts'

/** Somebody who is signed in at the console; instants in milliseconds since the epoch. */
export interface ConsoleSession {
  /** SHA-256 of what the browser holds, base64url. */
  readonly digest: string
  readonly subjectType: 'User' | 'App'
  readonly subjectId: string
  /** Id of the secret that signed in; empty: a code or a password did. */
  readonly credential: string
  /** How it began, e.g. `pairing-code`. */
  readonly method: string
  /** Address that it began from. */
  readonly source: string
  readonly signedInAtMs: number
  /** When whoever holds it has last shown more than the cookie. */
  readonly provedAtMs: number
  /** When it was last used, to the minute or so. */
  readonly seenAtMs: number
  readonly expiresAtMs: number
}

/** Sessions at the same time; the one that ends first gives way to a new one. */
export const consoleSessionsMax = 1000
/** Codes that wait at the same time. */
export const consolePairingsMax = 10
/** Answers of browsers that are waited for at the same time. */
export const consoleChallengesMax = 100

const keepNewest = (table: string, max: number): string =>
  `DELETE FROM ${table} WHERE (domain_id, digest) IN (
     SELECT domain_id, digest FROM ${table} WHERE domain_id = $1
     ORDER BY expires_at_ms DESC, digest LIMIT 1000 OFFSET ${max})`

const keepSessions = keepNewest('console_session', consoleSessionsMax - 1)
const keepPairings = keepNewest('console_pairing', consolePairingsMax - 1)
const keepChallenges = keepNewest('console_challenge', consoleChallengesMax - 1)

/** Keeps a new session. Must run inside a transaction. */
export const putConsoleSession = async (
  statements: Statements,
  domainId: string,
  session: ConsoleSession,
): Promise<void> => {
  await statements.run(keepSessions, [domainId])
  await statements.run(
    `INSERT INTO console_session (domain_id, digest, subject_type, subject_id, credential,
       method, source, signed_in_at_ms, proved_at_ms, seen_at_ms, expires_at_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      domainId,
      session.digest,
      session.subjectType,
      session.subjectId,
      session.credential,
      session.method,
      session.source,
      session.signedInAtMs,
      session.provedAtMs,
      session.seenAtMs,
      session.expiresAtMs,
    ],
  )
}

const columns = `digest, subject_type, subject_id, credential, method, source, signed_in_at_ms,
  proved_at_ms, seen_at_ms, expires_at_ms`

const sessionOf = (row: Row): ConsoleSession => ({
  digest: row['digest'] as string,
  subjectType: row['subject_type'] === 'App' ? 'App' : 'User',
  subjectId: row['subject_id'] as string,
  credential: row['credential'] as string,
  method: row['method'] as string,
  source: row['source'] as string,
  signedInAtMs: Number(row['signed_in_at_ms']),
  provedAtMs: Number(row['proved_at_ms']),
  seenAtMs: Number(row['seen_at_ms']),
  expiresAtMs: Number(row['expires_at_ms']),
})

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
    `SELECT ${columns} FROM console_session WHERE domain_id = $1 AND digest = $2`,
    [domainId, digest],
  )
  return row === undefined ? null : sessionOf(row)
}

/** Those that had not ended at an instant, the newest first; at most `consoleSessionsMax`. */
export const listConsoleSessions = async (
  statements: Statements,
  domainId: string,
  nowMs: number,
): Promise<readonly ConsoleSession[]> => {
  const rows = await statements.all(
    `SELECT ${columns} FROM console_session WHERE domain_id = $1 AND expires_at_ms > $2
     ORDER BY signed_in_at_ms DESC, digest LIMIT ${consoleSessionsMax}`,
    [domainId, nowMs],
  )
  return rows.map(sessionOf)
}

/**
 * Lets a session go on under another digest, proven anew: what opened it before opens nothing.
 * @returns whether it was there
 */
export const renewConsoleSession = async (
  statements: Statements,
  domainId: string,
  digest: string,
  renewed: Pick<ConsoleSession, 'digest' | 'provedAtMs'>,
): Promise<boolean> => {
  const { changes } = await statements.run(
    `UPDATE console_session SET digest = $3, proved_at_ms = $4
     WHERE domain_id = $1 AND digest = $2`,
    [domainId, digest, renewed.digest, renewed.provedAtMs],
  )
  return changes > 0
}

/**
 * Ends all by which a user is signed in, or could be in a moment: sessions but for one, sign-ins of
 * which the first half is done, and pairing codes. Must run inside a transaction.
 * @param keptDigest of the session that goes on; empty: none does
 */
export const endConsoleAccess = async (
  statements: Statements,
  domainId: string,
  user: { readonly id: string; readonly userName: string },
  keptDigest = '',
): Promise<void> => {
  await statements.run(
    `DELETE FROM console_session
     WHERE domain_id = $1 AND subject_type = 'User' AND subject_id = $2 AND digest <> $3`,
    [domainId, user.id, keptDigest],
  )
  await statements.run('DELETE FROM console_challenge WHERE domain_id = $1 AND subject_id = $2', [
    domainId,
    user.id,
  ])
  await statements.run(
    'DELETE FROM console_pairing WHERE domain_id = $1 AND lower(user_name) = lower($2)',
    [domainId, user.userName],
  )
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

/** Keeps the digest of a new code, and whom it signs in. Must run inside a transaction. */
export const putConsolePairing = async (
  statements: Statements,
  domainId: string,
  pairing: { readonly digest: string; readonly userName: string; readonly expiresAtMs: number },
): Promise<void> => {
  await statements.run(keepPairings, [domainId])
  await statements.run(
    `INSERT INTO console_pairing (domain_id, digest, user_name, expires_at_ms)
     VALUES ($1, $2, $3, $4)`,
    [domainId, pairing.digest, pairing.userName, pairing.expiresAtMs],
  )
}

/**
 * Uses a code up. Must run inside a transaction.
 * @returns the name of the user that it is for; null: it was not there, or had expired
 */
export const takeConsolePairing = async (
  statements: Statements,
  domainId: string,
  digest: string,
  nowMs: number,
): Promise<string | null> => {
  const [row] = await statements.all(
    `DELETE FROM console_pairing WHERE domain_id = $1 AND digest = $2 AND expires_at_ms > $3
     RETURNING user_name`,
    [domainId, digest, nowMs],
  )
  return row === undefined ? null : (row['user_name'] as string)
}

/** What a browser shall answer, once: the second half of a sign-in, or a new passkey. */
export interface ConsoleChallenge {
  readonly digest: string
  readonly purpose: 'sign-in' | 'proof' | 'new-passkey'
  /** Id of the user whose answer it takes. */
  readonly subjectId: string
  readonly expiresAtMs: number
}

/** Keeps a challenge. Must run inside a transaction. */
export const putConsoleChallenge = async (
  statements: Statements,
  domainId: string,
  challenge: ConsoleChallenge,
): Promise<void> => {
  await statements.run(keepChallenges, [domainId])
  await statements.run(
    `INSERT INTO console_challenge (domain_id, digest, purpose, subject_id, expires_at_ms)
     VALUES ($1, $2, $3, $4, $5)`,
    [domainId, challenge.digest, challenge.purpose, challenge.subjectId, challenge.expiresAtMs],
  )
}

/** Whose answer a challenge waits for; null: there is none for this purpose, or it has expired. */
export const findConsoleChallenge = async (
  statements: Statements,
  domainId: string,
  wanted: Pick<ConsoleChallenge, 'digest' | 'purpose'> & { readonly nowMs: number },
): Promise<string | null> => {
  const [row] = await statements.all(
    `SELECT subject_id FROM console_challenge
     WHERE domain_id = $1 AND digest = $2 AND purpose = $3 AND expires_at_ms > $4`,
    [domainId, wanted.digest, wanted.purpose, wanted.nowMs],
  )
  return row === undefined ? null : (row['subject_id'] as string)
}

/** Uses a challenge up. @returns whether it was there */
export const takeConsoleChallenge = async (
  statements: Statements,
  domainId: string,
  digest: string,
): Promise<boolean> => {
  const { changes } = await statements.run(
    'DELETE FROM console_challenge WHERE domain_id = $1 AND digest = $2',
    [domainId, digest],
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
export const sweepConsoleChallenges = sweepOf('console_challenge')
