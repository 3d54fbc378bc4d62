import { createPublicKey, hash, type KeyObject } from 'node:crypto'
import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import { clientAssertionAlgorithms } from '@mintmark/protocol/rfc7523-client-assertion'
import {
  type DpopProof,
  dpopProofEndsAtSeconds,
  dpopReplayKey,
  judgeDpopProof,
  readDpopProof,
  thumbprintInput,
} from '@mintmark/protocol/rfc9449-dpop-proof'
import type { OnceClaim } from '@mintmark/registry/ledger'
import { LRUCache } from 'lru-cache'
import { fitsAlgorithm } from './assertion-keys.ts'
import { isSignedBy, type SignatureAlgorithm } from './prove-assertion.ts'

/** A key that the sender has shown to hold. */
export interface ProvenKey {
  /** RFC 7638, SHA-256, base64url: `cnf.jkt`. */
  readonly thumbprint: string
  /** Keeps the proof from being used twice, by whichever worker is asked. */
  readonly once: OnceClaim
}

/** What a proof is shown for. */
export interface DpopSituation {
  readonly method: string
  /** Addresses of the endpoint, as `normalizeDpopUrl` writes them; from configuration alone. */
  readonly urls: readonly string[]
  /** Of the access token that it is shown with; null: at the token endpoint there is none. */
  readonly tokenDigest: string | null
  /** null: none is asked for. */
  readonly nonces: readonly string[] | null
  readonly nowMs: number
}

/** Keys by thumbprint: a sender uses its key for long, and reading one costs as much as a check. */
const keys = new LRUCache<string, { readonly key: KeyObject }>({ max: 2000 })

/** @returns null for a point off its curve and for a size that is not accepted (RFC 8725 §3.4) */
const keyOf = (
  proof: DpopProof,
  thumbprint: string,
  algorithm: SignatureAlgorithm,
): KeyObject | null => {
  const known = keys.get(thumbprint)
  if (known !== undefined) return known.key
  try {
    const key = createPublicKey({ key: { ...proof.key }, format: 'jwk' })
    if (!fitsAlgorithm(key, algorithm)) return null
    keys.set(thumbprint, { key })
    return key
  } catch {
    return null
  }
}

/**
 * RFC 9449 §4.3: proves that the sender of a token request holds a key.
 * @param field the `DPoP` field as Node gives it: two come joined by a comma, and are refused
 * @returns refusals DPOP_…
 */
export const proveDpop = (field: string, situation: DpopSituation): Result<ProvenKey, Refusal> => {
  const read = readDpopProof([field])
  if (!read.ok) return refuse(read.failure.reason, { detail: read.failure.detail })
  const proof = read.value
  const { nowMs } = situation
  const nowSeconds = nowMs / 1000
  const thumbprint = hash('sha256', thumbprintInput(proof.key), 'base64url')
  const algorithm = clientAssertionAlgorithms.get(proof.algorithm) as SignatureAlgorithm
  const key = keyOf(proof, thumbprint, algorithm)
  if (key === null) return refuse('DPOP_KEY_REFUSED', { detail: 'jwk is no key of usable size' })
  const data = Buffer.from(proof.signingInput, 'latin1')
  if (!isSignedBy(key, algorithm, data, proof.signature)) return refuse('DPOP_SIGNATURE_INVALID')
  const judged = judgeDpopProof(proof, { ...situation, nowSeconds })
  if (!judged.ok) return refuse(judged.failure.reason, { detail: judged.failure.detail })
  return ok({
    thumbprint,
    once: {
      kind: 'dpop',
      owner: `dpop:${thumbprint}`,
      proof: hash('sha256', dpopReplayKey(proof), 'base64url'),
      expiresAtSeconds: dpopProofEndsAtSeconds(proof),
      issuedAtSeconds: proof.issuedAtSeconds,
    },
  })
}
