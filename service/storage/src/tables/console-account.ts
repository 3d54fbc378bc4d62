import type { Statements } from '../database.ts'

/** A passkey (WebAuthn) of an account. */
export interface ConsolePasskey {
  /** Credential id, base64url. */
  readonly id: string
  /** COSE key, base64url. */
  readonly publicKey: string
  /** Signatures that it has counted; 0: it does not count. */
  readonly counter: number
  /** Host that it is for. */
  readonly host: string
  readonly label: string
  readonly addedAtMs: number
}

/** How a user signs in at the console without a pairing code; instants in milliseconds. */
export interface ConsoleAccount {
  /** argon2id, PHC form; null: none was set. */
  readonly password: string | null
  readonly authenticator: {
    /** The shared secret, sealed. */
    readonly sealed: string
    /** Last step of time whose code was used (RFC 6238 §5.2). */
    readonly usedStep: number
    readonly addedAtMs: number
  } | null
  readonly passkeys: readonly ConsolePasskey[]
  /** Digests of codes that stand in for a second factor, each once. */
  readonly recoveryDigests: readonly string[]
}

export const emptyConsoleAccount: ConsoleAccount = Object.freeze({
  password: null,
  authenticator: null,
  passkeys: [],
  recoveryDigests: [],
})

/** What is known of a user's sign-in; an empty account where there is nothing. */
export const findConsoleAccount = async (
  statements: Statements,
  domainId: string,
  userId: string,
): Promise<ConsoleAccount> => {
  const [row] = await statements.all(
    'SELECT record FROM console_account WHERE domain_id = $1 AND user_id = $2',
    [domainId, userId],
  )
  return row === undefined ? emptyConsoleAccount : JSON.parse(row['record'] as string)
}

/** Keeps an account whole. Must run inside a transaction. */
export const putConsoleAccount = async (
  statements: Statements,
  domainId: string,
  userId: string,
  account: ConsoleAccount,
): Promise<void> => {
  await statements.run(
    `INSERT INTO console_account (domain_id, user_id, record) VALUES ($1, $2, $3)
     ON CONFLICT (domain_id, user_id) DO UPDATE SET record = excluded.record`,
    [domainId, userId, JSON.stringify(account)],
  )
}

/** Forgets how a user signs in. */
export const deleteConsoleAccount = async (
  statements: Statements,
  domainId: string,
  userId: string,
): Promise<void> => {
  await statements.run('DELETE FROM console_account WHERE domain_id = $1 AND user_id = $2', [
    domainId,
    userId,
  ])
}
