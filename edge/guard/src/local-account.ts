/** The account of this API that a client runs as: found after the token was found good. */
import { ok, type Result } from '@mintmark/protocol/result'
import { type GuardRefusal, refuse } from './guard-refusal.ts'
import type { ValidatedToken } from './validated-token.ts'

export interface LocalAccount {
  /** What the API calls it. */
  readonly name: string
  /** `active` unless stated. */
  readonly status?: 'active' | 'disabled' | 'locked'
  /** Whatever else the API keeps about it. */
  readonly attributes?: Readonly<Record<string, unknown>>
}

/**
 * Where accounts are kept: a file, a database, a directory, another service. A port: anything that
 * answers this question will do.
 * @param subject the text of the claim that names the account
 * @returns null or undefined for an account that is not there. What it throws refuses the request
 */
export type FindAccount = (
  subject: string,
  token: ValidatedToken,
) => LocalAccount | null | undefined | Promise<LocalAccount | null | undefined>

export interface AccountOptions {
  readonly find: FindAccount
  /** Claim that names the account: `sub` unless stated; a custom subject field. */
  readonly claim?: string
  /** Opens a session that lasts as long as the token, or so many seconds at most. */
  readonly sessionSecondsMax?: number
}

const subjectCharsMax = 512
const recheckMs = 5_000
const silenceMsMax = 15_000
const controlCharacter = /\p{Cc}/u

/** The account's name in a token; null: the claim is missing or no plain text. */
const subjectOf = (token: ValidatedToken, claim: string | undefined): string | null => {
  const value = claim === undefined ? token.subject : token.claims[claim]
  if (typeof value !== 'string' || value === '' || value.length > subjectCharsMax) return null
  return controlCharacter.test(value) ? null : value
}

/**
 * Finds the account and refuses one that may not be used. Asked for each request: whoever is locked
 * out is locked out at once.
 * @param report told why accounts cannot be looked up
 */
export const findAccount = async (
  options: AccountOptions,
  token: ValidatedToken,
  report: (message: string) => void,
): Promise<Result<LocalAccount, GuardRefusal>> => {
  const subject = subjectOf(token, options.claim)
  if (subject === null) {
    const claim = options.claim ?? 'sub'
    return refuse('ACCOUNT_UNKNOWN', `The token has no ${claim} that could name an account.`)
  }
  let account: LocalAccount | null | undefined
  try {
    account = await options.find(subject, token)
  } catch (error) {
    report(`Accounts cannot be looked up: ${error instanceof Error ? error.message : error}`)
    return refuse('ACCOUNTS_UNREACHABLE', 'Accounts cannot be looked up just now.')
  }
  if (account === null || account === undefined) {
    return refuse('ACCOUNT_UNKNOWN', `No account here is called ${subject}.`)
  }
  switch (account.status ?? 'active') {
    case 'active':
      return ok(account)
    case 'locked':
      return refuse('ACCOUNT_LOCKED', `Account ${account.name} is locked.`)
    default:
      // Also for a status that nobody foresaw.
      return refuse('ACCOUNT_DISABLED', `Account ${account.name} is disabled.`)
  }
}

/**
 * Looks the account of a request that goes on up again: every 5 s at most, however often it is
 * called. Its place may be away for 15 s.
 * @param steadyMs a clock that nobody sets
 * @returns what says why the account may not be used any more, or null
 */
export const createAccountRecheck = (
  options: AccountOptions,
  steadyMs: () => number,
  report: (message: string) => void,
): ((token: ValidatedToken) => Promise<GuardRefusal | null>) => {
  let askedAtMs = steadyMs()
  let heardAtMs = askedAtMs
  return async (token) => {
    const nowMs = steadyMs()
    if (nowMs - askedAtMs < recheckMs) return null
    askedAtMs = nowMs
    const account = await findAccount(options, token, report)
    const isAway = !account.ok && account.failure.reason === 'ACCOUNTS_UNREACHABLE'
    if (isAway && nowMs - heardAtMs < silenceMsMax) return null
    heardAtMs = nowMs
    return account.ok ? null : account.failure
  }
}
