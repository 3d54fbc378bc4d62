/** Why a guard says no, and how that is put on the wire (RFC 6750 §3.1, RFC 9457). */

import { fail } from '@mintmark/protocol/result'
import type { DpopError } from '@mintmark/protocol/rfc9449-dpop-challenge'

export interface RefusalKind {
  readonly status: 400 | 401 | 403 | 503
  /** Absent: a challenge without an error code, or no challenge at all for 403 and 503. */
  readonly error?: DpopError
  readonly title: string
}

const request = (title: string): RefusalKind => ({ status: 400, error: 'invalid_request', title })
const token = (title: string): RefusalKind => ({ status: 401, error: 'invalid_token', title })
const scope = (title: string): RefusalKind => ({ status: 403, error: 'insufficient_scope', title })
const account = (title: string): RefusalKind => ({ status: 403, title })
const unavailable = (title: string): RefusalKind => ({ status: 503, title })

export const refusalKinds = {
  TOKEN_MISSING: { status: 401, title: 'This API needs an access token' },
  AUTHORIZATION_REPEATED: request('More than one Authorization field'),
  AUTHORIZATION_MALFORMED: request('The Authorization field cannot be read'),
  TOKEN_TOO_LONG: token('The token is too long'),
  TOKEN_MALFORMED: token('The token cannot be read'),
  TYPE_MISMATCH: token('The token is of another kind'),
  ALGORITHM_REFUSED: token('The token is signed by an algorithm that is not accepted'),
  KEY_UNKNOWN: token('The token is signed by a key that the issuer does not publish'),
  SIGNATURE_WRONG: token('The signature of the token is wrong'),
  CLAIM_MALFORMED: token('The token lacks a claim'),
  ISSUER_MISMATCH: token('The token is from another issuer'),
  AUDIENCE_MISMATCH: token('The token is for another API'),
  TOKEN_EXPIRED: token('The token has expired'),
  TOKEN_NOT_YET_VALID: token('The token is not valid yet'),
  LIFETIME_TOO_LONG: token('The token lives too long'),
  SUBJECT_NOT_A_CLIENT: token('The token was not issued to a client'),
  SENDER_UNPROVEN: token('The token belongs to whoever holds its key'),
  TOKEN_UNBOUND: token('The token belongs to nobody in particular'),
  PROOF_WRONG: { status: 401, error: 'invalid_dpop_proof', title: 'The DPoP proof is wrong' },
  PROOF_NONCE: { status: 401, error: 'use_dpop_nonce', title: 'The DPoP proof needs a nonce' },
  PROOFS_TOO_MANY: unavailable('Too many DPoP proofs at one time'),
  TOKEN_INACTIVE: token('The token is not active'),
  TOKEN_REVOKED: token('The token was revoked'),
  SCOPE_MISSING: scope('The token lacks a scope'),
  ROLE_MISSING: scope('The caller lacks an app role'),
  ACCOUNT_UNKNOWN: account('The caller has no account here'),
  ACCOUNT_DISABLED: account("The caller's account is disabled"),
  ACCOUNT_LOCKED: account("The caller's account is locked"),
  ISSUER_UNREACHABLE: unavailable('The keys of the issuer cannot be had'),
  INTROSPECTION_UNREACHABLE: unavailable('The issuer cannot be asked about the token'),
  REVOCATIONS_UNKNOWN: unavailable('Revocations cannot be known'),
  ACCOUNTS_UNREACHABLE: unavailable('Accounts cannot be looked up'),
} as const satisfies Readonly<Record<string, RefusalKind>>

export type GuardReason = keyof typeof refusalKinds

export interface GuardRefusal {
  readonly reason: GuardReason
  /** One sentence for whoever sent the request; never a piece of a token that nobody signed. */
  readonly detail: string
  readonly expected?: string
  readonly got?: string
  /** For SCOPE_MISSING: the scopes that would be enough. */
  readonly scope?: string
}

/** A refusal as the failure of a `Result`. */
export const refuse = (
  reason: GuardReason,
  detail: string,
  more: Omit<GuardRefusal, 'reason' | 'detail'> = {},
) => fail<GuardRefusal>({ reason, detail, ...more })
