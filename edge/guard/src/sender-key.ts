/** Whether the sender of a request holds the key that its token is bound to (RFC 9449 §4.3, §7). */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { fail, ok, type Result } from '@mintmark/protocol/result'
import type { JsonObject } from '@mintmark/protocol/rfc8259-strict-json'
import {
  type DpopProof,
  dpopProofEndsAtSeconds,
  dpopProofSeconds,
  dpopReplayKey,
  judgeDpopProof,
  normalizeDpopUrl,
  readDpopProof,
  thumbprintInput,
} from '@mintmark/protocol/rfc9449-dpop-proof'
import { createBoundedMemory } from './bounded-memory.ts'
import { type GuardRefusal, refuse } from './guard-refusal.ts'
import type { GuardRequest } from './guard-request.ts'
import { networkMatcher } from './network-matcher.ts'
import { createProofMemory } from './proof-memory.ts'
import type { DpopOptions } from './sender-options.ts'
import { tokenDigest } from './token-digest.ts'
import { isSignedBy, readKeySet, type VerifyingKey } from './verifying-key.ts'

export interface KeySenderClocks {
  readonly nowMs: () => number
  readonly steadyMs: () => number
}

export interface KeySender {
  /** Proves the key of this thumbprint for this token; a proof is used up by it. */
  prove(
    thumbprint: string,
    token: string,
    request: GuardRequest,
  ): Promise<Result<true, GuardRefusal>>
  /** The nonce to use from now on; null: none is asked for. */
  nonce(): string | null
}

const proofsMaxDefault = 200_000
/** From the first second a proof is good to the last, and one over. */
const proofLifeMs = (2 * dpopProofSeconds + 2) * 1000
const nonceMs = 60_000
const keysMax = 2000

/** Every process with this secret has the same nonces; none is kept. */
const createNonces = (secret: boolean | string | undefined, nowMs: () => number) => {
  if (secret === undefined || secret === false) return null
  const key = typeof secret === 'string' ? secret : randomBytes(32)
  const at = (ms: number): string =>
    createHmac('sha256', key)
      .update(`mintmark/dpop-nonce/${Math.floor(ms / nonceMs)}`)
      .digest('base64url')
  return { current: () => at(nowMs()), accepted: () => [at(nowMs()), at(nowMs() - nonceMs)] }
}

/** Path of the request as it came, without the query. */
const pathOf = (url: string): string | null => {
  if (url.startsWith('/')) return url.split(/[?#]/, 1)[0] ?? null
  return URL.canParse(url) ? new URL(url).pathname : null
}

const forwardedHost = /^[\w.-]+(?::\d{1,5})?$|^\[[\da-f:.]+\](?::\d{1,5})?$/i

/** What the proxy says before the path: its word counts only if it is one word. */
const forwardedBase = (
  request: GuardRequest,
  isTrusted: (address: string) => boolean,
): string | null => {
  const connection = request.connection?.() ?? null
  if (connection === null || !isTrusted(connection.address)) return null
  const [scheme = '', ...schemes] = request.fields('x-forwarded-proto')
  const [host = '', ...hosts] = request.fields('x-forwarded-host')
  if (schemes.length > 0 || hosts.length > 0) return null
  return /^https?$/.test(scheme) && forwardedHost.test(host) ? `${scheme}://${host}` : null
}

const addressFinder = ({ url, trustedProxies = [] }: DpopOptions) => {
  const stated = url?.replace(/\/$/, '')
  const isTrusted = networkMatcher(trustedProxies)
  return (request: GuardRequest): string | null => {
    const base = stated ?? forwardedBase(request, isTrusted)
    const path = pathOf(request.url)
    return base === null || path === null ? null : normalizeDpopUrl(base + path)
  }
}

const wrong = (detail: string) => refuse('PROOF_WRONG', detail)

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** @param options where this API is reached, and how much is remembered */
export const createKeySender = (options: DpopOptions, clocks: KeySenderClocks): KeySender => {
  const { nowMs, steadyMs } = clocks
  const nonces = createNonces(options.nonces, nowMs)
  const addressOf = addressFinder(options)
  const keys = createBoundedMemory<VerifyingKey>(keysMax)
  const used = createProofMemory(options.proofsMax ?? proofsMaxDefault, proofLifeMs, steadyMs)

  const keyOf = (proof: DpopProof, thumbprint: string): VerifyingKey | null => {
    const known = keys.get(thumbprint)
    if (known !== undefined) return known
    const set: JsonObject = { keys: [proof.key] }
    const key = readKeySet(set, true)?.[0]
    if (key === undefined) return null
    keys.set(thumbprint, key)
    return key
  }

  const claim = async (proof: DpopProof): Promise<Result<true, GuardRefusal>> => {
    const key = sha256(dpopReplayKey(proof))
    const endsAtSeconds = dpopProofEndsAtSeconds(proof)
    const found =
      options.claimProof === undefined
        ? used.claim(key, endsAtSeconds)
        : (await options.claimProof(key, endsAtSeconds)) === true
          ? 'first'
          : 'used'
    if (found === 'first') return ok(true)
    if (found === 'used') return wrong('The proof was used before. Make a new one each time.')
    return refuse('PROOFS_TOO_MANY', 'More proofs than this API remembers: try again in a minute.')
  }

  const read = (thumbprint: string, request: GuardRequest): Result<DpopProof, GuardRefusal> => {
    const fields = request.fields('dpop')
    if (fields.length === 0) return wrong('The request has no DPoP field with a proof.')
    const proof = readDpopProof(fields)
    if (!proof.ok) return wrong(proof.failure.detail)
    if (sha256(thumbprintInput(proof.value.key)) !== thumbprint) {
      return refuse('SENDER_UNPROVEN', 'The token is bound to another key than that of the proof.')
    }
    const { algorithm, signingInput, signature } = proof.value
    const key = keyOf(proof.value, thumbprint)
    if (key === null || !key.algorithms.includes(algorithm)) return wrong('jwk is no usable key.')
    if (!isSignedBy(key, algorithm, signingInput, signature)) {
      return wrong('The signature of the proof does not hold under its jwk.')
    }
    return proof
  }

  return {
    nonce: () => nonces?.current() ?? null,
    prove: async (thumbprint, token, request) => {
      const proof = read(thumbprint, request)
      if (!proof.ok) return proof
      const url = addressOf(request)
      if (url === null) return wrong('The address of the request is not known to this API.')
      const judged = judgeDpopProof(proof.value, {
        method: request.method,
        urls: [url],
        tokenDigest: tokenDigest(token),
        nonces: nonces?.accepted() ?? null,
        nowSeconds: nowMs() / 1000,
      })
      if (judged.ok) return claim(proof.value)
      const { reason, detail } = judged.failure
      return fail({
        reason: reason === 'DPOP_NONCE_REFUSED' ? 'PROOF_NONCE' : 'PROOF_WRONG',
        detail,
      })
    },
  }
}
