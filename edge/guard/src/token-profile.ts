/**
 * What tokens of one kind look like (RFC 8725 §3.11, §3.12): a guard accepts one kind and no other.
 */

export type TokenProfileName = 'rfc9068' | 'identity-domain'

export interface TokenProfile {
  readonly name: TokenProfileName
  /** Media type of the header's `typ`; null: the header has none. */
  readonly typ: string | null
  /** `alg` values, compared with their case. Never `none`, never one with a shared secret. */
  readonly algorithms: ReadonlySet<string>
  /** `tok_type` that tells an access token from an ID token where `typ` does not. */
  readonly tokenType: string | null
  readonly rolesClaim: string
  /**
   * Keys are taken whatever their `key_ops` say: an Oracle domain publishes its signing key as good
   * for encrypting and signing only.
   */
  readonly ignoresKeyOperations: boolean
  /** An introspection answer without `aud` is refused. */
  readonly needsIntrospectedAudience: boolean
}

export const tokenProfiles: Readonly<Record<TokenProfileName, TokenProfile>> = {
  rfc9068: {
    name: 'rfc9068',
    typ: 'at+jwt',
    algorithms: new Set(['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519']),
    tokenType: null,
    rolesClaim: 'roles',
    ignoresKeyOperations: false,
    needsIntrospectedAudience: true,
  },
  'identity-domain': {
    name: 'identity-domain',
    typ: null,
    algorithms: new Set(['RS256']),
    tokenType: 'AT',
    rolesClaim: 'clientAppRoles',
    ignoresKeyOperations: true,
    needsIntrospectedAudience: false,
  },
}
