import { revocationFeedMetadata } from './revocation-feed.ts'
import { dpopAlgorithms } from './rfc9449-dpop-proof.ts'

/** Where the domain is reached and what it calls itself, for its published documents. */
export interface PublishedAddress {
  readonly issuer: string
  /** Base URL without a trailing slash. */
  readonly url: string
  /** Base URL of the door that requests client certificates; null: closed. */
  readonly secureUrl: string | null
}

const endpoints = {
  token_endpoint: '/oauth2/v1/token',
  revocation_endpoint: '/oauth2/v1/revoke',
  introspection_endpoint: '/oauth2/v1/introspect',
} as const

const secretMethods = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
]
const certificateMethods = ['tls_client_auth', 'self_signed_tls_client_auth']

/**
 * RFC 8414 §2: the document at both well-known places. Only what works is in it: no authorization
 * endpoint and so no `response_types_supported`, certificate methods only where that door is open.
 * @param algorithms `alg` values accepted in client assertions
 */
export const serverMetadata = (
  address: PublishedAddress,
  algorithms: readonly string[],
): Readonly<Record<string, unknown>> => {
  const { issuer, url, secureUrl } = address
  const methods = secureUrl === null ? secretMethods : [...secretMethods, ...certificateMethods]
  const grants = ['client_credentials']
  if (secureUrl !== null) grants.push('tls_client_auth', 'tls_cert_auth')
  return {
    issuer,
    ...endpointsAt(url, ''),
    jwks_uri: `${url}/.well-known/jwks.json`,
    grant_types_supported: grants,
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: algorithms,
    revocation_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_signing_alg_values_supported: algorithms,
    introspection_endpoint_auth_methods_supported: methods,
    introspection_endpoint_auth_signing_alg_values_supported: algorithms,
    introspection_signing_alg_values_supported: ['RS256'], // RFC 9701 §7
    scopes_supported: ['urn:opc:idm:__myscopes__', 'urn:opc:resource:consumer::all'],
    [revocationFeedMetadata]: `${url}/api/v1/revocations`,
    dpop_signing_alg_values_supported: dpopAlgorithms, // RFC 9449 §5.1
    tls_client_certificate_bound_access_tokens: secureUrl !== null, // RFC 8705 §3.3
    ...(secureUrl === null ? {} : secureMembers(secureUrl)),
  }
}

const endpointsAt = (url: string, prefix: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(endpoints).map(([name, path]) => [prefix + name, url + path]))

/** RFC 8705 §5 aliases, and the names an Oracle domain gives the same endpoints. */
const secureMembers = (secureUrl: string): Readonly<Record<string, unknown>> => ({
  mtls_endpoint_aliases: endpointsAt(secureUrl, ''),
  ...endpointsAt(secureUrl, 'secure_'),
  secure_jwks_uri: `${secureUrl}/.well-known/jwks.json`,
})

/**
 * The path at which RFC 8414 §3.1 looks for the metadata of an issuer: the well-known name goes
 * between host and path, and a terminating slash is dropped.
 */
export const metadataPathOf = (issuer: string): string =>
  `/.well-known/oauth-authorization-server${new URL(issuer).pathname.replace(/\/$/, '')}`
