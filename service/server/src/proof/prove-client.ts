import { hash } from 'node:crypto'
import { decideClientFitness } from '@mintmark/decisions/token/decide-client-fitness'
import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { PresentedCredential } from '@mintmark/protocol/rfc6749-client-authentication'
import type { PeekedAssertion } from '@mintmark/protocol/rfc7523-client-assertion'
import type { ClientAuthenticationMethod, PublicJwk } from '@mintmark/registry/application'
import type { ClientSecret } from '@mintmark/registry/client-credential'
import type { ClientProof } from '@mintmark/registry/client-proof'
import type { ClientSnapshot } from '@mintmark/registry/snapshot'
import type { AssertionContext } from './assertion-context.ts'
import { proveAssertion } from './prove-assertion.ts'
import {
  type PresentedCertificate,
  provePkiCertificate,
  proveRegisteredCertificate,
} from './prove-certificate.ts'
import {
  diagnoseSecret,
  type FindSecret,
  hasChosenSecret,
  matchChosenSecret,
  matchMintedSecret,
} from './prove-secret.ts'

/** What a request shows of who sent it. */
export interface Presented {
  readonly credential: PresentedCredential
  /** The assertion as read; what it says is claimed, not proven. */
  readonly assertion: PeekedAssertion | null
  readonly certificate: PresentedCertificate | null
}

/** What proving may look at besides the client itself. */
export interface ProofContext extends AssertionContext {
  readonly findSecret: FindSecret
  /** DER of the authorities for clients that have none of their own. */
  readonly clientAuthorities: readonly Uint8Array[]
  /** Thumbprints of the certificates that the client publishes behind its `jwks_uri`. */
  readonly publishedX5tS256?: readonly string[]
  /** The same look-up that an unknown client costs, so that a known one costs it too. */
  readonly payLookUp: (clientId: string) => Promise<unknown>
}

/**
 * RFC 6749 §2.3: turns what was presented into a proven client, or not. An unknown client walks the
 * same way against a decoy; every refusal here is one and the same answer on the wire.
 */
export const proveClient = (
  presented: Presented,
  client: ClientSnapshot | null,
  context: ProofContext,
): MaybePromise<Result<ClientProof, Refusal>> => {
  const uri = client?.application.client?.jwksUri ?? null
  if (presented.certificate === null || uri === null) return prove(presented, client, context)
  return readPublished(uri, presented.certificate.x5tS256, context).then((publishedX5tS256) =>
    prove(presented, client, { ...context, publishedX5tS256 }),
  )
}

/** RFC 8705 §2.2.2: the key set behind a `jwks_uri` may hold the certificate, a new one as well. */
const readPublished = async (
  uri: string,
  wantedX5tS256: string,
  { remoteKeys }: ProofContext,
): Promise<readonly string[]> => {
  const known = thumbprintsOf(await remoteKeys(uri, null))
  // No key has that name, so the set is asked for again, as seldom as for an unknown `kid`.
  return known.includes(wantedX5tS256) ? known : thumbprintsOf(await remoteKeys(uri, wantedX5tS256))
}

const prove = (
  presented: Presented,
  client: ClientSnapshot | null,
  context: ProofContext,
): MaybePromise<Result<ClientProof, Refusal>> => {
  const proven = proveByMethod(presented, client, context)
  return proven instanceof Promise
    ? proven.then((result) => judgeProven(result, presented, client, context))
    : judgeProven(proven, presented, client, context)
}

type MaybePromise<T> = T | Promise<T>

const judgeProven = (
  proven: Result<Proven, Refusal>,
  presented: Presented,
  client: ClientSnapshot | null,
  context: ProofContext,
): Result<ClientProof, Refusal> => {
  if (!proven.ok) return proven
  if (client === null) return refuse('CLIENT_UNKNOWN')
  // Judged after the credential, so that an inactive client is told by nothing but the log.
  const unfit = decideClientFitness(client, proven.value.method)
  if (unfit !== null) return refuse(unfit)
  const { clientId } = presented.credential
  if (clientId !== null && clientId !== client.application.clientId) return refuse('CLIENT_UNKNOWN')
  const certificate = proveCertificateBeside(presented, proven.value.method, client, context)
  if (!certificate.ok) return certificate
  const { method, credential, assertionPolicy, once } = proven.value
  return ok({
    method,
    // the text that the registry has: that of the request would live on with what is remembered
    clientId: client.application.clientId,
    credential,
    assertionPolicy,
    once,
    certificateThumbprint: certificate.value,
    keyThumbprint: null,
  })
}

type Proven = Omit<ClientProof, 'certificateThumbprint' | 'keyThumbprint'>

const proveByMethod = (
  presented: Presented,
  client: ClientSnapshot | null,
  context: ProofContext,
): MaybePromise<Result<Proven, Refusal>> => {
  const { credential, assertion } = presented
  switch (credential.method) {
    case 'client_secret_basic':
    case 'client_secret_post':
      return proveBySecret(credential, client, context)
    case 'assertion':
      return proveByAssertion(assertion, client, context)
    case 'none':
      return proveByCertificate(presented, client, context)
  }
}

type SecretCredential = Extract<
  PresentedCredential,
  { method: 'client_secret_basic' | 'client_secret_post' }
>

/** Without a promise where a minted secret matches at once: the way of nearly every request. */
const proveBySecret = (
  credential: SecretCredential,
  client: ClientSnapshot | null,
  context: ProofContext,
): MaybePromise<Result<Proven, Refusal>> => {
  const secret = matchMintedSecret(credential.secret ?? '', client, context.nowMs)
  if (secret !== null) return ok(provenBySecret(credential, secret))
  return proveBySlowSecret(credential, client, context)
}

const proveBySlowSecret = async (
  credential: SecretCredential,
  client: ClientSnapshot | null,
  context: ProofContext,
): Promise<Result<Proven, Refusal>> => {
  for (const presented of spellingsOf(credential, client)) {
    const secret =
      matchMintedSecret(presented, client, context.nowMs) ??
      (hasChosenSecret(client, context.nowMs)
        ? await matchChosenSecret(presented, client, context.nowMs)
        : null)
    if (secret !== null) return ok(provenBySecret(credential, secret))
  }
  if (client !== null) await context.payLookUp(credential.clientId)
  const diagnosis = await diagnoseSecret(credential.secret ?? '', client, context.findSecret)
  return refuse(diagnosis.reason, { operator: diagnosis.operator })
}

/** RFC 6749 Appendix B is strict; who may leave the encoding out is compared once more. */
const spellingsOf = (
  credential: SecretCredential,
  client: ClientSnapshot | null,
): readonly string[] => {
  const decoded = credential.secret ?? ''
  if (credential.method !== 'client_secret_basic') return [decoded]
  if (client?.application.client?.rawBasicAccepted !== true) return [decoded]
  return credential.rawSecret === decoded ? [decoded] : [decoded, credential.rawSecret]
}

const provenBySecret = (credential: SecretCredential, secret: ClientSecret): Proven => ({
  method: credential.method,
  clientId: credential.clientId,
  credential: secret.id,
  assertionPolicy: null,
  once: [],
})

const proveByAssertion = async (
  assertion: PeekedAssertion | null,
  client: ClientSnapshot | null,
  context: ProofContext,
): Promise<Result<Proven, Refusal>> => {
  if (client === null || assertion === null) return refuse('CLIENT_UNKNOWN')
  const proven = await proveAssertion(assertion, client, context)
  if (!proven.ok) return proven
  const { method, credential, policy, once } = proven.value
  const clientId = client.application.clientId
  return ok({ method, clientId, credential, assertionPolicy: policy, once })
}

/** RFC 8705 §2: the certificate alone proves the client that `client_id` names. */
const proveByCertificate = (
  presented: Presented,
  client: ClientSnapshot | null,
  context: ProofContext,
): Result<Proven, Refusal> => {
  if (presented.credential.clientId === null || presented.certificate === null) {
    return refuse(presented.certificate === null ? 'CREDENTIALS_MISSING' : 'CLIENT_UNKNOWN')
  }
  if (client === null) return refuse('CLIENT_UNKNOWN')
  const matched = matchCertificate(presented.certificate, client, context)
  if (!matched.ok) return matched
  return ok({
    method: matched.value.method,
    clientId: client.application.clientId,
    credential: matched.value.thumbprint,
    assertionPolicy: null,
    once: [],
  })
}

/**
 * Decision 16: a certificate shown beside a secret must be the client's too. It is not a second
 * method of authentication; it is what the token may be bound to. Beside an assertion it need only
 * be shown: RFC 8705 §3 binds to whatever certificate the handshake proved.
 */
const proveCertificateBeside = (
  presented: Presented,
  method: ClientAuthenticationMethod,
  client: ClientSnapshot,
  context: ProofContext,
): Result<string | null, Refusal> => {
  if (presented.certificate === null) return ok(null)
  const isSecret = method === 'client_secret_basic' || method === 'client_secret_post'
  const matched = matchCertificate(presented.certificate, client, context)
  if (matched.ok) return ok(matched.value.thumbprint)
  return isSecret ? matched : ok(presented.certificate.x5tS256)
}

interface MatchedCertificate {
  readonly method: 'tls_client_auth' | 'self_signed_tls_client_auth'
  readonly thumbprint: string
}

/**
 * §2.2 first (the very certificate is registered), then §2.1 (its name, and a chain we trust). One
 * may be registered for assertions only, and prove the client by its name all the same.
 */
const matchCertificate = (
  certificate: PresentedCertificate,
  client: ClientSnapshot,
  context: ProofContext,
): Result<MatchedCertificate, Refusal> => {
  const facet = client.application.client
  const registered = [
    ...client.certificates.map((each) => each.x5tS256),
    ...thumbprintsOf(facet?.jwks ?? null),
    ...(context.publishedX5tS256 ?? []),
  ]
  const { nowMs } = context
  const exact = proveRegisteredCertificate({ certificate, registeredX5tS256: registered, nowMs })
  const registeredOne = exact.ok
    ? ok({ method: 'self_signed_tls_client_auth', thumbprint: exact.value.x5tS256 } as const)
    : exact
  const matcher = facet?.certificateSubject ?? null
  const isMethod =
    decideClientFitness(client, 'self_signed_tls_client_auth') !== 'METHOD_NOT_REGISTERED'
  if (matcher === null || (exact.ok && isMethod)) return registeredOne
  const own = facet?.certificateAnchors ?? []
  const anchors =
    own.length === 0 ? context.clientAuthorities : own.map((each) => Buffer.from(each, 'base64'))
  const named = provePkiCertificate({ certificate, matcher, anchors, nowMs })
  if (named.ok) return ok({ method: 'tls_client_auth', thumbprint: named.value.x5tS256 })
  return exact.ok ? registeredOne : named
}

/** RFC 8705 §2.2.2: the certificate is the first member of a registered key's `x5c`. */
const thumbprintsOf = (keys: readonly PublicJwk[] | null): readonly string[] =>
  (keys ?? []).flatMap(({ x5c }) =>
    x5c?.[0] === undefined ? [] : [hash('sha256', Buffer.from(x5c[0], 'base64'), 'base64url')],
  )
