import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { didYouMean } from '@mintmark/protocol/closest-name'
import { consumerAllToken } from '@mintmark/protocol/identity-domain-scope'
import { ok, type Result } from '@mintmark/protocol/result'
import { parseIpAddress } from '@mintmark/protocol/rfc4291-ip-address'
import { parseDistinguishedName } from '@mintmark/protocol/rfc4514-distinguished-name'
import { isScopeToken } from '@mintmark/protocol/rfc6749-scope'
import { isLoopbackHost } from '@mintmark/protocol/rfc6761-localhost'
import type {
  CertificateSubject,
  ClientFacet,
  ResourceServerFacet,
} from '@mintmark/registry/application'
import { builtInApplicationId } from '@mintmark/registry/snapshot'
import type { ApplicationView } from './application-wish.ts'
import { checkTokenAllowance } from './check-token-allowance.ts'
import { fullyQualifiedScopesOf } from './resource-server-index.ts'

export const allowedScopesMax = 1000

/** The grant type names an identity domain knows; only the first three do anything here. */
export const grantTypesKnown = [
  'client_credentials',
  'tls_client_auth',
  'tls_cert_auth',
  'authorization_code',
  'password',
  'refresh_token',
  'implicit',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'urn:ietf:params:oauth:grant-type:saml2-bearer',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
] as const
const clientCredentialsNames: ReadonlySet<string> = new Set(grantTypesKnown.slice(0, 3))

export const operationsKnown = ['introspect', 'onBehalfOfUser'] as const

const checkNames = (
  names: readonly string[],
  known: readonly string[],
  attribute: string,
): Result<null, AdministrationRefusal> => {
  const strange = names.find((name) => !known.includes(name))
  if (strange === undefined) return ok(null)
  const fix = didYouMean(strange, known) ?? `Known are: ${known.join(', ')}.`
  return refuseChange('VALUE_INVALID', `${attribute} has no value "${strange}".`, {
    at: attribute,
    fix,
  })
}

/** RFC 6749 §4.4: only clients that can keep a credential may use client credentials. */
const checkClientType = (client: ClientFacet): Result<null, AdministrationRefusal> => {
  if (client.clientType !== 'public') return ok(null)
  const grant = client.grantTypes.find((name) => clientCredentialsNames.has(name))
  if (grant === undefined) return ok(null)
  return refuseChange('CLIENT_TYPE_REFUSED', `A public client cannot use ${grant}.`, {
    why: 'It has no way to prove that it is itself.',
    fix: 'Set clientType to confidential, or take the grant away.',
    at: 'clientType',
  })
}

/** The application that is judged: it may be a resource server as well, and ask for itself. */
export interface OwnSide {
  /** null while it does not exist yet. */
  readonly id: string | null
  readonly resourceServer: ResourceServerFacet | null
}

/** Who defines a scope once the change is made; null: the application itself. */
const definerOf = (fqs: string, own: OwnSide, view: ApplicationView) => {
  if (own.resourceServer && fullyQualifiedScopesOf(own.resourceServer).includes(fqs)) return null
  const found = view.resourceServers.byFullyQualifiedScope.get(fqs)
  return found?.id === own.id ? undefined : found
}

const checkAllowedScopes = (
  client: ClientFacet,
  own: OwnSide,
  view: ApplicationView,
): Result<null, AdministrationRefusal> => {
  const { allowedScopes } = client.policy
  const at = 'allowedScopes'
  if (allowedScopes.length > allowedScopesMax) {
    return refuseChange('VALUE_INVALID', `At most ${allowedScopesMax} allowedScopes.`, { at })
  }
  const { byFullyQualifiedScope } = view.resourceServers
  for (const fqs of allowedScopes) {
    if (fqs === consumerAllToken) continue
    const server = isScopeToken(fqs) ? definerOf(fqs, own, view) : undefined
    if (server === undefined) {
      const fix =
        didYouMean(fqs, byFullyQualifiedScope.keys()) ??
        'Write the audience and the scope as one string, and register the API first.'
      return refuseChange('REFERENCE_UNKNOWN', `No API has the scope "${fqs}".`, { at, fix })
    }
    // Otherwise whoever registers applications could hand out the administration of the domain.
    if (server?.id === builtInApplicationId) {
      return refuseChange('VALUE_RESERVED', `"${fqs}" cannot be an allowed scope.`, {
        why: 'Scopes of the identity domain come from its roles only.',
        fix: 'Grant a role of the IDCS Application instead.',
        at,
      })
    }
  }
  return ok(null)
}

/** RFC 7517 §5 behind a URL: https, without credentials or fragment; plain http on loopback. */
const checkJwksUri = (uri: string): Result<null, AdministrationRefusal> => {
  const at = 'jwksUri'
  const url = URL.parse(uri)
  const secure =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname))
  if (url === null || !secure || uri.length > 2000) {
    return refuseChange('VALUE_INVALID', 'jwksUri must be an https URL.', { at })
  }
  if (url.username !== '' || url.password !== '' || uri.includes('#')) {
    return refuseChange('VALUE_INVALID', 'jwksUri must have neither credentials nor fragment.', {
      at,
    })
  }
  return ok(null)
}

/** RFC 7591 §2: key set by value or by reference, never both. */
const checkKeys = (
  client: ClientFacet,
  view: ApplicationView,
): Result<null, AdministrationRefusal> => {
  if (client.jwks !== null && client.jwksUri !== null) {
    return refuseChange('VALUE_INVALID', 'jwks and jwksUri cannot both be set.', {
      why: 'It would be unclear which keys count.',
      at: 'jwksUri',
    })
  }
  for (const [index, key] of (client.jwks ?? []).entries()) {
    const fault = view.keyFault(key)
    const at = `jwks.keys[${index}]`
    if (fault !== null) return refuseChange('KEY_REFUSED', `${at}: ${fault}`, { at })
  }
  return client.jwksUri === null ? ok(null) : checkJwksUri(client.jwksUri)
}

const matches = (pattern: RegExp) => (value: string) => pattern.test(value)

/** Whether a subject of this kind could ever equal a name in a certificate. */
const subjectForms: Readonly<Record<CertificateSubject['kind'], (value: string) => boolean>> = {
  subject_dn: (value) => (parseDistinguishedName(value)?.length ?? 0) > 0, // RFC 4514
  san_dns: matches(/^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?$/),
  san_uri: matches(/^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/),
  san_ip: (value) => parseIpAddress(value) !== null,
  san_email: matches(/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u),
}

/** RFC 8705 §2.1.2: a PKI client has exactly one name that its certificate must carry. */
const checkCertificateSubject = (client: ClientFacet): Result<null, AdministrationRefusal> => {
  const at = 'certificateSubject'
  const subject = client.certificateSubject
  if (subject === null) {
    if (!client.authenticationMethods.includes('tls_client_auth')) return ok(null)
    return refuseChange('ATTRIBUTE_MISSING', 'tls_client_auth needs a certificateSubject.', {
      why: 'It says which name the certificate of this client carries.',
      fix: 'E.g. {"kind": "subject_dn", "value": "CN=billing"}.',
      at,
    })
  }
  const { kind, value } = subject
  if (value.length <= 1000 && subjectForms[kind](value)) return ok(null)
  return refuseChange('VALUE_INVALID', `"${value}" is not the form of a ${kind}.`, { at })
}

const checkDefaultResourceServer = (
  client: ClientFacet,
  own: OwnSide,
  view: ApplicationView,
): Result<null, AdministrationRefusal> => {
  const id = client.defaultResourceServerId
  if (id === null) return ok(null)
  const exists = id === own.id ? own.resourceServer !== null : view.resourceServers.byId.has(id)
  if (exists) return ok(null)
  return refuseChange('REFERENCE_UNKNOWN', `No API has the id "${id}".`, {
    at: 'defaultResourceServer',
  })
}

/** Judges the client side of an application by itself and against what is registered. */
export const checkClientFacet = (
  client: ClientFacet,
  own: OwnSide,
  view: ApplicationView,
): Result<null, AdministrationRefusal> => {
  for (const check of [
    () => checkClientType(client),
    () => checkNames(client.grantTypes, grantTypesKnown, 'allowedGrants'),
    () => checkNames(client.operations, operationsKnown, 'allowedOperations'),
    () => checkAllowedScopes(client, own, view),
    () => checkKeys(client, view),
    () => checkCertificateSubject(client),
    () => checkDefaultResourceServer(client, own, view),
    () => checkTokenAllowance(client.allowance, 'client'),
  ]) {
    const result = check()
    if (!result.ok) return result
  }
  return ok(null)
}
