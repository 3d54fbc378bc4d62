/** Metadata of a protected resource (RFC 9728): where it lies, and what it says. */

export interface ResourceMetadataFacts {
  /** The resource identifier (§1.2): an https URL without a fragment. */
  readonly resource: string
  readonly authorizationServers: readonly string[]
  /** Empty: left out, as §3.2 demands of empty lists. */
  readonly scopes: readonly string[]
  readonly name?: string
  /** Algorithms of DPoP proofs; empty or absent: tokens that are bound to keys are not taken. */
  readonly dpopAlgorithms?: readonly string[]
  /** Whether only tokens that are bound to a key are taken. */
  readonly dpopRequired?: boolean
  /** Whether only tokens that are bound to a certificate are taken. */
  readonly certificateRequired?: boolean
}

export const resourceMetadataWellKnown = '/.well-known/oauth-protected-resource'

/**
 * §3.1: the well-known name goes between host and path; a terminating slash of the host alone goes.
 */
export const resourceMetadataPathOf = (resource: string): string => {
  const { pathname, search } = new URL(resource)
  return resourceMetadataWellKnown + (pathname === '/' ? '' : pathname) + search
}

/** The document (§2). Tokens are taken from the header only. */
export const resourceMetadata = (
  facts: ResourceMetadataFacts,
): Readonly<Record<string, unknown>> => ({
  resource: facts.resource,
  authorization_servers: facts.authorizationServers,
  ...(facts.scopes.length === 0 ? {} : { scopes_supported: facts.scopes }),
  bearer_methods_supported: ['header'],
  ...(facts.certificateRequired === true
    ? { tls_client_certificate_bound_access_tokens: true }
    : {}),
  ...((facts.dpopAlgorithms ?? []).length === 0
    ? {}
    : { dpop_signing_alg_values_supported: facts.dpopAlgorithms }),
  ...(facts.dpopRequired === true ? { dpop_bound_access_tokens_required: true } : {}),
  ...(facts.name === undefined ? {} : { resource_name: facts.name }),
})
