import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { Application } from '@mintmark/registry/application'
import type { Revocation } from '@mintmark/registry/revocation'
import { lifetimeSecondsMax } from '../token/decide-lifetime.ts'
import type { TokenFacts } from './token-facts.ts'

/** What a client asks to end: one token, or all that it was ever issued. */
export type RevocationWish =
  | { readonly what: 'token'; readonly token: TokenFacts | null }
  | { readonly what: 'everything' }

/**
 * RFC 7009 §2.1–2.2: the revocation to record, or null where there is nothing to end (unknown,
 * malformed and expired tokens are a success). A token of another client is refused and lives on.
 */
export const decideRevocation = (
  wish: RevocationWish,
  caller: Application,
  nowMs: number,
): Result<Revocation | null, Refusal> => {
  if (wish.what === 'everything') return ok(endEverything(caller, nowMs))
  const { token } = wish
  if (token === null || token.expiresAtSeconds * 1000 <= nowMs) return ok(null)
  if (token.clientId !== caller.clientId) return refuse('TOKEN_OF_ANOTHER_CLIENT')
  return ok({
    domain: caller.domain,
    kind: 'token',
    subject: token.jti,
    issuedBeforeMs: nowMs,
    expiresAtMs: token.expiresAtSeconds * 1000,
  })
}

/** Decision 20: every token issued to the application up to this instant is dead for good. */
export const endEverything = (application: Application, nowMs: number): Revocation => ({
  domain: application.domain,
  kind: 'client',
  subject: application.id,
  clientId: application.clientId,
  issuedBeforeMs: nowMs,
  expiresAtMs: nowMs + lifetimeSecondsMax * 1000,
})
