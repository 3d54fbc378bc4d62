import { constants, createHmac, hash, type KeyObject, timingSafeEqual, verify } from 'node:crypto'
import { isLiveSecret } from '@mintmark/decisions/token/decide-client-fitness'
import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import {
  type AssertionAlgorithm,
  checkAssertionClaims,
  clientAssertionAlgorithms,
  type PeekedAssertion,
} from '@mintmark/protocol/rfc7523-client-assertion'
import type { AssertionPolicy } from '@mintmark/registry/application'
import type { OnceClaim } from '@mintmark/registry/ledger'
import type { ClientSnapshot } from '@mintmark/registry/snapshot'
import type { AssertionContext } from './assertion-context.ts'
import { findKeys } from './assertion-keys.ts'

export interface ProvenAssertion {
  readonly method: 'private_key_jwt' | 'client_secret_jwt'
  readonly credential: string
  readonly policy: AssertionPolicy
  readonly once: readonly OnceClaim[]
}

/** Algorithms by which whoever holds no secret of ours can sign. */
export type SignatureAlgorithm = Exclude<AssertionAlgorithm, { family: 'hmac' }>

const lifetimeSecondsMax: Readonly<Record<AssertionPolicy, number>> = {
  'identity-domain': 3600,
  'issuer-only': 300,
}
const skewSeconds = 60

/** RFC 7523 §3: proves a client by a JWT that it signed. */
export const proveAssertion = async (
  assertion: PeekedAssertion,
  client: ClientSnapshot,
  context: AssertionContext,
): Promise<Result<ProvenAssertion, Refusal>> => {
  const { header, claims, signingInput, signature } = assertion
  const alg = header['alg']
  const algorithm = typeof alg === 'string' ? clientAssertionAlgorithms.get(alg) : undefined
  const pinned = client.application.client?.assertionAlgorithm ?? null
  if (algorithm === undefined || (pinned !== null && pinned !== alg)) {
    const said = typeof alg === 'string' ? alg.slice(0, 20) : 'is no text'
    return refuse('ASSERTION_ALGORITHM_REFUSED', { operator: `alg ${said}` })
  }
  const candidate =
    algorithm.family === 'hmac'
      ? checkMac(algorithm, signingInput, signature, client, context)
      : await checkSignature(algorithm, { header, signingInput, signature }, client, context)
  if (!candidate.ok) return candidate
  const policy = client.application.client?.assertionPolicy ?? candidate.value.policy
  const checked = checkAssertionClaims({
    header,
    claims,
    clientId: client.application.clientId,
    audience: { policy, issuer: context.issuer, accepted: context.acceptedAudiences },
    lifetimeMaxSeconds: lifetimeSecondsMax[policy],
    nowSeconds: Math.floor(context.nowMs / 1000),
    skewSeconds,
  })
  if (!checked.ok) return checked
  const { jti, expiresAtSeconds } = checked.value
  return ok({
    method: algorithm.kty === 'oct' ? 'client_secret_jwt' : 'private_key_jwt',
    credential: candidate.value.credential,
    policy,
    once:
      jti === null
        ? []
        : [{ ...onceClaim(client.application.id, jti, expiresAtSeconds), ...issuedAt(claims) }],
  })
}

/** RFC 7523 §3 (6): optional; after a restore only what says that it is younger is taken. */
const issuedAt = ({ iat }: PeekedAssertion['claims']): Pick<OnceClaim, 'issuedAtSeconds'> =>
  typeof iat === 'number' ? { issuedAtSeconds: iat } : {}

/** RFC 7523 §3 (7): a `jti` is used once; kept by its hash, so its length costs nothing. */
const onceClaim = (owner: string, jti: string, expiresAtSeconds: number): OnceClaim => ({
  owner,
  proof: hash('sha256', jti, 'base64url'),
  expiresAtSeconds: Math.ceil(expiresAtSeconds) + skewSeconds,
})

type Proven = { readonly credential: string; readonly policy: AssertionPolicy }

/** RFC 7518 §3.2: HMAC with the client's secret, which rests sealed for this purpose alone. */
const checkMac = (
  algorithm: Extract<AssertionAlgorithm, { family: 'hmac' }>,
  signingInput: string,
  signature: Uint8Array,
  client: ClientSnapshot,
  context: AssertionContext,
): Result<Proven, Refusal> => {
  for (const secret of client.secrets) {
    if (secret.sealed === null || !isLiveSecret(secret, context.nowMs)) continue
    const key = context.masterKey.unseal(secret.sealed, secretContext(client.application.id))
    if (Buffer.byteLength(key) < algorithm.secretBytesMin) continue
    const mac = createHmac(algorithm.hash, key).update(signingInput).digest()
    if (mac.length === signature.length && timingSafeEqual(mac, signature)) {
      return ok({ credential: secret.id, policy: 'issuer-only' })
    }
  }
  return refuse('ASSERTION_SIGNATURE_INVALID')
}

/** What a client's sealed secret is bound to. */
export const secretContext = (applicationId: string): string => `client-secret:${applicationId}`

const checkSignature = async (
  algorithm: SignatureAlgorithm,
  jwt: { header: Readonly<Record<string, unknown>>; signingInput: string; signature: Uint8Array },
  client: ClientSnapshot,
  context: AssertionContext,
): Promise<Result<Proven, Refusal>> => {
  const found = await findKeys(jwt.header, algorithm, client, context)
  if (!found.ok) return found
  const data = Buffer.from(jwt.signingInput, 'latin1')
  for (const candidate of found.value) {
    if (isSignedBy(candidate.key, algorithm, data, jwt.signature)) return ok(candidate)
  }
  return found.value.length === 0
    ? refuse('ASSERTION_KEY_UNKNOWN')
    : refuse('ASSERTION_SIGNATURE_INVALID')
}

/** RFC 7515 §5.2 step 8. */
export const isSignedBy = (
  key: KeyObject,
  algorithm: SignatureAlgorithm,
  data: Buffer,
  signature: Uint8Array,
): boolean => {
  if (algorithm.family === 'eddsa') return verify(null, data, key, signature)
  if (algorithm.family === 'ecdsa') {
    return verify(algorithm.hash, data, { key, dsaEncoding: 'ieee-p1363' }, signature)
  }
  if (algorithm.family === 'rsa-pss') {
    const padding = constants.RSA_PKCS1_PSS_PADDING
    const saltLength = constants.RSA_PSS_SALTLEN_DIGEST
    return verify(algorithm.hash, data, { key, padding, saltLength }, signature)
  }
  return verify(algorithm.hash, data, key, signature)
}
