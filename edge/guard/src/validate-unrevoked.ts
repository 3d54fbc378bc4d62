/** Offline validation that knows of revocations: a signature, then what the feed has told. */
import { ok } from '@mintmark/protocol/result'
import type { ReadToken } from './check-token.ts'
import type { RevocationFollower } from './follow-revocations.ts'
import { refuse } from './guard-refusal.ts'
import type { RevocationQuestion } from './revocation-set.ts'
import type { ValidateToken } from './validate-offline.ts'

export interface UnrevokedOptions {
  readonly validate: ValidateToken
  readonly follower: RevocationFollower
  /** Names of this API. */
  readonly audience: readonly string[]
  /** Asks the issuer when the feed is not heard; null: nobody is let in then. */
  readonly ask: ValidateToken | null
  /** How long the first requests wait for the feed, milliseconds. */
  readonly timeoutMs: number
}

/** Audiences of the issuer that stand for many APIs: what ends is told by the names of each. */
const widePrefix = 'urn:opc:resource:scope:'

const questionOf = (
  { token, issuedAtSeconds, kid = null }: ReadToken,
  own: readonly string[],
): RevocationQuestion => ({
  jti: String(token.claims.jti ?? ''),
  clientId: token.clientId,
  audience: token.audience.some((each) => each.startsWith(widePrefix))
    ? [...token.audience, ...own]
    : token.audience,
  issuedAtSeconds: issuedAtSeconds ?? 0,
  kid,
})

const seconds = (ms: number): string =>
  Number.isFinite(ms) ? `for ${Math.round(ms / 1000)} s` : 'yet'

const unknown = (follower: RevocationFollower) => {
  const { state, staleForMs } = follower.status()
  const why =
    state === 'full'
      ? 'there are more revocations than this API holds'
      : `nothing was heard from the issuer ${seconds(staleForMs)}`
  return refuse('REVOCATIONS_UNKNOWN', `Whether the token was revoked cannot be known: ${why}.`)
}

/** What is revoked stays refused whatever is heard; what is not is let in only while it is. */
export const createUnrevokedValidation =
  ({ validate, follower, audience, ask, timeoutMs }: UnrevokedOptions): ValidateToken =>
  async (text) => {
    const read = await validate(text)
    if (!read.ok) return read
    const question = questionOf(read.value, audience)
    let verdict = follower.judge(question)
    if (verdict === 'unknown' && follower.status().state === 'starting') {
      await follower.begun(timeoutMs)
      verdict = follower.judge(question)
    }
    if (verdict === 'live') return ok(read.value)
    if (verdict === 'revoked') return refuse('TOKEN_REVOKED', 'The token was revoked.')
    if (ask === null) return unknown(follower)
    const asked = await ask(text)
    // Whether it is active, no more: what it says, and to which key it is bound, the token tells.
    return asked.ok ? ok(read.value) : asked
  }
