import type { RefusalReason } from '@mintmark/protocol/refusal'
import type { ClientAuthenticationMethod, ClientFacet } from '@mintmark/registry/application'
import type { ClientSecret } from '@mintmark/registry/client-credential'
import type { ClientSnapshot } from '@mintmark/registry/snapshot'

/** Whether a secret may still be used: not expired, not rotated out. */
export const isLiveSecret = (secret: ClientSecret, nowMs: number): boolean =>
  (secret.expiresAtMs === null || secret.expiresAtMs > nowMs) &&
  (secret.endsAtMs === null || secret.endsAtMs > nowMs)

/** Whether a client may be one at all, whatever it proves itself by. */
const stateFault = (client: ClientSnapshot): RefusalReason | null => {
  const facet = client.application.client
  if (facet === null) return 'CLIENT_UNKNOWN'
  if (facet.clientType === 'public') return 'CLIENT_PUBLIC'
  return client.application.active ? null : 'CLIENT_INACTIVE'
}

const isRegistered = (facet: ClientFacet, method: ClientAuthenticationMethod): boolean =>
  facet.authenticationMethods.length === 0 || facet.authenticationMethods.includes(method)

/**
 * RFC 6749 §2.3: whether a client that has proven itself by this method may go on, else why not.
 * @param method null: not known yet, so that only the client itself is judged
 */
export const decideClientFitness = (
  client: ClientSnapshot,
  method: ClientAuthenticationMethod | null,
): RefusalReason | null => {
  const fault = stateFault(client)
  if (fault !== null || method === null) return fault
  const facet = client.application.client
  return facet !== null && isRegistered(facet, method) ? null : 'METHOD_NOT_REGISTERED'
}

/** The methods for which a client has a credential that works now, registered or not. */
export const provableMethods = (
  client: ClientSnapshot,
  nowMs: number,
): readonly ClientAuthenticationMethod[] => {
  const facet = client.application.client
  if (facet === null) return []
  const live = client.secrets.filter((secret) => isLiveSecret(secret, nowMs))
  const certificates = client.certificates.filter((each) => each.notAfterMs > nowMs)
  const methods: ClientAuthenticationMethod[] = []
  if (live.length > 0) methods.push('client_secret_basic', 'client_secret_post')
  if (live.some((secret) => secret.sealed !== null)) methods.push('client_secret_jwt')
  const hasKeys = (facet.jwks ?? []).length > 0 || facet.jwksUri !== null
  if (hasKeys || certificates.length > 0) methods.push('private_key_jwt')
  if (facet.certificateSubject !== null) methods.push('tls_client_auth')
  const hasPublished = facet.jwksUri !== null || (facet.jwks ?? []).some((key) => key.x5c)
  if (certificates.length > 0 || hasPublished) methods.push('self_signed_tls_client_auth')
  return methods
}
