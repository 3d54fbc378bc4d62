/** A token checked without asking anybody but for keys: read → key → signature → rules. */
import { ok, type Result } from '@mintmark/protocol/result'
import { type CompactJwt, readCompactJwt } from '@mintmark/protocol/rfc7519-json-web-token'
import { createBoundedMemory } from './bounded-memory.ts'
import {
  checkToken,
  judgeToken,
  type KeySelector,
  type ReadToken,
  readSelector,
  type TokenRules,
} from './check-token.ts'
import { type GuardReason, type GuardRefusal, refuse } from './guard-refusal.ts'
import type { KeySource } from './key-source.ts'
import { tokenDigest } from './token-digest.ts'
import { isSignedBy, selectKeys, type VerifyingKey } from './verifying-key.ts'

/** How a token is found good or not; introspection is another way with the same answer. */
export type ValidateToken = (text: string) => Promise<Result<ReadToken, GuardRefusal>>

export interface OfflineOptions {
  readonly rules: TokenRules
  readonly keys: KeySource
  readonly tokenCharsMax: number
  readonly rememberedTokensMax: number
  readonly nowMs: () => number
}

/** A token whose signature holds, with the key that said so. */
interface Verified {
  readonly read: ReadToken
  readonly key: VerifyingKey
}

const unreachable = () =>
  refuse('ISSUER_UNREACHABLE', 'The keys that sign tokens cannot be had from the issuer just now.')

const unknownKey = () =>
  refuse('KEY_UNKNOWN', 'No key that the issuer publishes fits kid and alg of this token.')

const signerOf = (
  keys: readonly VerifyingKey[],
  { algorithm }: KeySelector,
  { signingInput, signature }: CompactJwt,
): VerifyingKey | undefined =>
  keys.find((key) => isSignedBy(key, algorithm, signingInput, signature))

/** Reasons that stand after the issuer was found right. */
const aboutOurIssuer: ReadonlySet<GuardReason> = new Set([
  'AUDIENCE_MISMATCH',
  'TOKEN_EXPIRED',
  'TOKEN_NOT_YET_VALID',
  'LIFETIME_TOO_LONG',
])

/** What an unsigned token may be told: nothing of what it says itself is repeated. */
const refuseUnsigned = (failure: GuardRefusal, issuer: string) =>
  failure.reason === 'ISSUER_MISMATCH'
    ? refuse('ISSUER_MISMATCH', `The token is not from ${issuer}, which this API trusts`)
    : unknownKey()

/**
 * The keys that fit, asking the issuer at most once. For an unknown key it is asked only if the
 * token would be accepted once its signature held, for the first keys only if the token names this
 * issuer: whoever cannot even do that makes nobody ask.
 */
const findKeys = async (
  { rules, keys: source }: OfflineOptions,
  selector: KeySelector,
  read: Result<ReadToken, GuardRefusal>,
): Promise<Result<readonly VerifyingKey[], GuardRefusal>> => {
  const held = source.current()
  const fitting = held === null ? [] : selectKeys(held, selector)
  if (fitting.length > 0) return ok(fitting)
  if (!read.ok && !(held === null && aboutOurIssuer.has(read.failure.reason))) {
    return refuseUnsigned(read.failure, rules.issuer)
  }
  const renewed = await source.renew()
  if (renewed === null) return unreachable()
  const found = selectKeys(renewed, selector)
  return found.length > 0 ? ok(found) : unknownKey()
}

/** @param options rules, keys and bounds; each checked signature is remembered by the digest */
export const createOfflineValidation = (options: OfflineOptions): ValidateToken => {
  const { rules, keys, nowMs } = options
  const remembered = createBoundedMemory<Verified>(options.rememberedTokensMax)

  const verify = async (text: string): Promise<Result<Verified, GuardRefusal>> => {
    const jwt = readCompactJwt(text, { lengthMax: options.tokenCharsMax })
    if (!jwt.ok) {
      return jwt.failure === 'TOO_LONG'
        ? refuse('TOKEN_TOO_LONG', `Tokens have at most ${options.tokenCharsMax} characters here.`)
        : refuse('TOKEN_MALFORMED', `The token is no signed JWT: ${jwt.failure}.`)
    }
    const selector = readSelector(jwt.value.header, rules.profile)
    if (!selector.ok) return selector
    const read = checkToken(jwt.value, rules, nowMs() / 1000)
    const found = await findKeys(options, selector.value, read)
    if (!found.ok) return found
    const key = signerOf(found.value, selector.value, jwt.value)
    if (key !== undefined) {
      // a key from a certificate has no name of its own
      const kid = key.kid ?? selector.value.kid
      return read.ok ? ok({ read: { ...read.value, kid }, key }) : read
    }
    const detail = 'The signature does not hold under the key that the token names.'
    return refuse('SIGNATURE_WRONG', detail)
  }

  return async (text) => {
    if (text.length > options.tokenCharsMax) {
      return refuse(
        'TOKEN_TOO_LONG',
        `Tokens have at most ${options.tokenCharsMax} characters here.`,
      )
    }
    const digest = tokenDigest(text)
    const known = remembered.get(digest)
    // A key that has left the set takes what it signed with it.
    if (known !== undefined && keys.current()?.includes(known.key) === true) {
      return judgeToken(known.read, rules, nowMs() / 1000)
    }
    const verified = await verify(text)
    if (!verified.ok) return verified
    remembered.set(digest, verified.value)
    return ok(verified.value.read)
  }
}
