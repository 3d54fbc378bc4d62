/**
 * Names of claims that no administrator sets: what the server says itself, in either profile, and
 * what standards and identity domains give a meaning that somebody may rely on.
 */

/** Set by this server in access tokens (`decide-claims.ts`). */
const ownClaims = [
  ...['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'scope', 'client_id', 'cnf', 'roles'],
  ...['sub_type', 'sub_mappingattr', 'tok_type', 'tenant', 'gtp'],
  ...['user.tenant.name', 'client_tenantname', 'client_guid', 'client_name'],
  ...['clientAppRoles', 'user_isAdmin'],
]

/** RFC 7519 §4.1, RFC 8693 §4, RFC 9068 §2.2, RFC 9396, OpenID Connect Core §2. */
const standardClaims = [
  ...['nbf', 'act', 'may_act', 'azp', 'nonce', 'auth_time', 'acr', 'amr', 'sid', 'events', 'txn'],
  ...['at_hash', 'c_hash', 's_hash', 'groups', 'entitlements', 'authorization_details', 'active'],
  ...['username', 'token_type', 'typ', 'htm', 'htu', 'ath', 'sub_id', 'vot', 'vtm', 'rat'],
]

/** Known from tokens of identity domains, and not set here. */
const domainClaims = [
  ...['prn', 'preferred_username', 'sub_tenantname', 'resource_app_id', 'primTenant', 'opc'],
  ...[
    'domain',
    'domain_id',
    'domain_home',
    'region_name',
    'tenant_iss',
    'appRoles',
    'userAppRoles',
  ],
]

/** JavaScript consumers must not fall over a token. */
const treacherous = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf']

const reserved: ReadonlySet<string> = new Set(
  [...ownClaims, ...standardClaims, ...domainClaims, ...treacherous].map((name) =>
    name.toLowerCase(),
  ),
)

/** Families of names: about the client, about the user, about the cloud account. */
const reservedPrefixes = ['client_', 'clientapp', 'user_', 'user.', 'ca_']

/** Whether a claim is the server's to set. Case says nothing: consumers are sloppy about it. */
export const isReservedClaim = (name: string): boolean => {
  const lower = name.toLowerCase()
  return reserved.has(lower) || reservedPrefixes.some((prefix) => lower.startsWith(prefix))
}
