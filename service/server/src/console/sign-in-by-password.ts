import { ok, type Result } from '@mintmark/protocol/result'
import type { User } from '@mintmark/registry/user'
import type { ConsoleAccount } from '@mintmark/storage/tables/console-account'
import { askPasskey, type PasskeyPlace, provePasskey } from './passkey.ts'
import { isPassword } from './password.ts'
import type { ShownFactor, SignInWish } from './read-sign-in.ts'
import { type Evidence, hasSecondFactor, readCode } from './second-factor.ts'
import { newSessionToken, type SessionToken, sessionDigest } from './session-cookie.ts'
import {
  recordRefusal,
  refused,
  refuseOutcome,
  type SignInCall,
  type SignInRefusal,
} from './sign-in-call.ts'

type WishBy<By extends SignInWish['by']> = Extract<SignInWish, { by: By }>

/** The password is right: what shall be shown beside it. */
export interface FactorWanted {
  /** To be sent back with it; good for 5 minutes. */
  readonly challenge: string
  readonly secondFactors: readonly ('code' | 'passkey')[]
  /** For `navigator.credentials.get`; null: no passkey works here. */
  readonly passkey: unknown
}

/** How long a browser may take for an answer, in milliseconds. */
export const challengeMs = 5 * 60 * 1000
/** Under this name wrong passwords are counted, by source: whether a name exists plays no part. */
const passwordAttempts = 'console password'

/** Keeps a challenge of whoever is signed in. */
export const newChallenge = async (
  { services, nowMs }: SignInCall,
  purpose: 'proof' | 'new-passkey',
  subjectId: string,
) => {
  const ticket = newSessionToken()
  const digest = sessionDigest(ticket)
  const challenge = { digest, purpose, subjectId, expiresAtMs: nowMs + challengeMs }
  await services.console.write({ kind: 'challenge', challenge, attempt: null })
  return { ticket, digest }
}

const wantFactor = async (
  call: SignInCall,
  user: User,
  account: ConsoleAccount,
  place: PasskeyPlace | null,
): Promise<Result<FactorWanted, SignInRefusal>> => {
  const { source, services, nowMs } = call
  const ticket = newSessionToken()
  const digest = sessionDigest(ticket)
  const outcome = await services.console.write({
    kind: 'challenge',
    challenge: {
      digest,
      purpose: 'sign-in',
      subjectId: user.id,
      expiresAtMs: nowMs + challengeMs,
    },
    attempt: services.isExempt(source) ? null : { clientId: passwordAttempts, source },
  })
  if (outcome.kind === 'locked') return refuseOutcome(call, outcome)
  const passkey = askPasskey(digest, account, place)
  const takesCode = account.authenticator !== null || account.recoveryDigests.length > 0
  const factors = [takesCode ? ['code' as const] : [], passkey === null ? [] : ['passkey' as const]]
  return ok({ challenge: ticket, secondFactors: factors.flat(), passkey })
}

const refuseWrong = async (call: SignInCall): Promise<Result<never, SignInRefusal>> => {
  const { source, services } = call
  // the name goes on no record: people type their password into the wrong field
  recordRefusal(call, 'SIGN_IN_REFUSED')
  if (services.isExempt(source)) return refused({ kind: 'wrong', lockedForSeconds: 0 })
  const attempt = { clientId: passwordAttempts, source, reason: 'SIGN_IN_REFUSED' } as const
  const { lockedForSeconds } = await services.ledger.recordFailure({ ...attempt, kind: 'secret' })
  return refused({ kind: 'wrong', lockedForSeconds })
}

const refuseLocked = (call: SignInCall, lockedForSeconds: number) =>
  refuseOutcome(call, { kind: 'locked', lockedForSeconds })

/** The first half: a user name and its password. A name that there is not costs as much. */
export const byPassword = async (
  call: SignInCall,
  { userName, password }: WishBy<'password'>,
  place: PasskeyPlace | null,
): Promise<Result<FactorWanted, SignInRefusal>> => {
  const { source, services } = call
  const locked = services.isExempt(source) ? 0 : services.ledger.lockedFor(passwordAttempts, source)
  if (locked > 0) return refuseLocked(call, locked)
  const user = await services.console.findUserByName(userName)
  const account = await services.console.findAccount(user?.id ?? '')
  const isRight = await isPassword(password, account.password)
  if (isRight === 'busy') return refuseLocked(call, 1)
  if (!isRight || user === null) return refuseWrong(call)
  if (!user.active) return refuseOutcome(call, { kind: 'account-powerless' })
  if (!hasSecondFactor(account)) {
    recordRefusal(call, 'SECOND_FACTOR_MISSING', user.id)
    return refused({ kind: 'factor-missing' })
  }
  return wantFactor(call, user, account, place)
}

/** What a code or the answer of a passkey is worth for an account; null: nothing. */
export const readFactor = async (
  { services, nowMs }: Pick<SignInCall, 'services' | 'nowMs'>,
  userId: string,
  shown: ShownFactor,
  at: { readonly challenge: string; readonly place: PasskeyPlace | null },
): Promise<Evidence | null> => {
  const account = await services.console.findAccount(userId)
  if ('passkey' in shown) return provePasskey(shown.passkey, at.challenge, account, at.place)
  return readCode(shown.code, userId, account, { masterKey: services.masterKey, nowMs })
}

/** The second half: what the account has beside its password. */
export const byFactor = async (
  call: SignInCall,
  { challenge: ticket, shown }: WishBy<'factor'>,
  place: PasskeyPlace | null,
): Promise<Result<SessionToken, SignInRefusal>> => {
  const { ecid, source, services, nowMs } = call
  const challenge = sessionDigest(ticket)
  const wanted = { digest: challenge, purpose: 'sign-in', nowMs } as const
  const userId = await services.console.findChallenge(wanted)
  if (userId === null) return refuseOutcome(call, { kind: 'gone' })
  const token = newSessionToken()
  const outcome = await services.console.write({
    kind: 'sign-in-by-factor',
    userId,
    challenge,
    evidence: await readFactor(call, userId, shown, { challenge, place }),
    digest: sessionDigest(token),
    isExempt: services.isExempt(source),
    ecid,
    source,
  })
  return outcome.kind === 'signed-in' ? ok(token) : refuseOutcome(call, outcome)
}
