import { credentialOfTokenId } from '@mintmark/protocol/revocation-feed'
import type { Application } from '@mintmark/registry/application'
import type { RevocationQuestion } from '@mintmark/registry/revocation'

/** A token whose signature one of our keys made, as read back; times are not yet judged. */
export interface TokenFacts {
  readonly jti: string
  readonly clientId: string
  readonly audience: readonly string[]
  readonly issuedAtSeconds: number
  /** To the millisecond: the claim, and the fraction that the token's id carries. */
  readonly issuedAtMs: number
  readonly expiresAtSeconds: number
  readonly claims: Readonly<Record<string, unknown>>
  readonly profile: 'identity-domain' | 'rfc9068'
}

/**
 * Whether a token was issued to this very application: a client id can be taken again after its
 * application was deleted, and tokens of the former must not become tokens of the latter.
 */
export const wasIssuedTo = (
  token: Pick<TokenFacts, 'issuedAtMs'>,
  application: Pick<Application, 'createdAtMs'>,
): boolean => token.issuedAtMs >= application.createdAtMs

/**
 * What is asked to know whether a token was ended before its time.
 * @param applicationId whom it was issued to; empty: nobody that is still there
 */
export const revocationQuestion = (
  {
    jti,
    clientId,
    audience,
    issuedAtMs,
  }: Pick<TokenFacts, 'jti' | 'clientId' | 'audience' | 'issuedAtMs'>,
  applicationId: string,
): RevocationQuestion => ({
  jti,
  applicationId,
  clientId,
  audience,
  credential: credentialOfTokenId(jti),
  issuedAtMs,
})
