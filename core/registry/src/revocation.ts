/**
 * What ends tokens before their time: one token by its `jti`, all tokens of a client that were
 * issued up to an instant (deactivation, deletion, revocation of everything), or all that a signing
 * key has signed (its withdrawal).
 */
export interface Revocation {
  readonly domain: string
  readonly kind: 'token' | 'client' | 'key'
  /** `jti`, the application's `id`, or the key's `kid`. */
  readonly subject: string
  /** For `client`: what its tokens call it, also when the application is deleted. */
  readonly clientId?: string
  /** For `client`: tokens issued at or before this instant are dead. */
  readonly issuedBeforeMs: number
  /** After this instant no token it speaks of can be alive, so the row may go. */
  readonly expiresAtMs: number
}
