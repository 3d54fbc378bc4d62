/**
 * Every reason to say no, in the operator's vocabulary. The client's vocabulary is smaller, and the
 * only map from one to the other is `rfc6749-error-response.ts`: a reason added here does not
 * compile
 * until it is mapped there.
 */
export const refusalReasons = [
  // receive: the request is not one
  'METHOD_NOT_ALLOWED',
  'PATH_ONLY_READ',
  'PATH_UNKNOWN',
  'BODY_NOT_FORM',
  'BODY_CHARSET_UNSUPPORTED',
  'BODY_CODING_UNSUPPORTED',
  'BODY_TOO_LARGE',
  'BODY_MALFORMED',
  'HEADER_REPEATED',
  'PARAMETER_REPEATED',
  'SEVERAL_AUTHENTICATION_METHODS',
  'CLIENT_ID_MISMATCH',
  'ASSERTION_TYPE_MISSING',
  'ASSERTION_TYPE_UNSUPPORTED',
  'ASSERTION_MISSING',
  'TOKEN_MISSING',
  // admission: not now
  'TOO_MANY_ATTEMPTS',
  'RATE_LIMITED',
  // prove: who asks is not proven; all of these look the same to a stranger
  'CREDENTIALS_MISSING',
  'CREDENTIALS_MALFORMED',
  'CLIENT_UNKNOWN',
  'CLIENT_INACTIVE',
  'CLIENT_PUBLIC',
  'METHOD_NOT_REGISTERED',
  'MISTYPED_SECRET',
  'OLD_SECRET',
  'EXPIRED_SECRET',
  'SECRET_OF_OTHER_APP',
  'UNKNOWN_SECRET',
  'NOT_A_SECRET',
  'ASSERTION_MALFORMED',
  'ASSERTION_TYP_REFUSED',
  'ASSERTION_CRITICAL_HEADER',
  'ASSERTION_ALGORITHM_REFUSED',
  'ASSERTION_KEY_UNKNOWN',
  'ASSERTION_KEYS_UNREACHABLE',
  'ASSERTION_SIGNATURE_INVALID',
  'ASSERTION_ISSUER_WRONG',
  'ASSERTION_SUBJECT_WRONG',
  'ASSERTION_AUDIENCE_WRONG',
  'ASSERTION_TIME_MALFORMED',
  'ASSERTION_EXPIRED',
  'ASSERTION_NOT_YET_VALID',
  'ASSERTION_LIFETIME_TOO_LONG',
  'ASSERTION_REPLAYED',
  'CERTIFICATE_MISSING',
  'CERTIFICATE_HEADER_MALFORMED',
  'CERTIFICATE_UNTRUSTED',
  'CERTIFICATE_OUTSIDE_VALIDITY',
  'CERTIFICATE_NOT_REGISTERED',
  'CERTIFICATE_SUBJECT_MISMATCH',
  // prove: the client is proven, the key that it wants its token bound to is not
  'DPOP_REPEATED',
  'DPOP_MALFORMED',
  'DPOP_TYP_REFUSED',
  'DPOP_ALGORITHM_REFUSED',
  'DPOP_KEY_REFUSED',
  'DPOP_SIGNATURE_INVALID',
  'DPOP_METHOD_MISMATCH',
  'DPOP_URL_MISMATCH',
  'DPOP_TIME_REFUSED',
  'DPOP_TOKEN_MISMATCH',
  'DPOP_NONCE_REFUSED',
  'DPOP_REPLAYED',
  // decide: who asks is proven, what is asked is refused
  'GRANT_TYPE_MISSING',
  'GRANT_TYPE_UNSUPPORTED',
  'GRANT_TYPE_NOT_ALLOWED',
  'SCOPE_MALFORMED',
  'SCOPE_UNKNOWN',
  'SCOPE_NOT_GRANTED',
  'SCOPE_STANDS_ALONE',
  'SCOPES_OF_SEVERAL_APIS',
  'SCOPE_NONE_AVAILABLE',
  'EXPIRY_MALFORMED',
  'TARGET_MALFORMED',
  'TARGET_UNKNOWN',
  'TARGET_AMBIGUOUS',
  'TARGET_CONFLICT',
  'BINDING_REQUIRED',
  'DPOP_REQUIRED',
  'TOKEN_OF_ANOTHER_CLIENT',
  // record: nothing is issued that is not on record
  'BUDGET_SPENT',
  'RECORD_UNAVAILABLE',
  'OVERLOADED',
  'INTERNAL',
] as const

export type RefusalReason = (typeof refusalReasons)[number]

/** One no, with what the proven client may read and what only the operator may. */
export interface Refusal {
  readonly reason: RefusalReason
  /**
   * For a proven client: names only what it sent or holds. Printable ASCII without `"` and `\`
   * (RFC 6749 §5.2); `rfc6749-error-response.ts` replaces what does not fit.
   */
  readonly detail?: string
  /** For log, audit and explain only. Never holds a secret, a token or an assertion. */
  readonly operator?: string
  /** Seconds after which trying again is sensible (Retry-After). */
  readonly retryAfterSeconds?: number
}

/** A refusal as the failure side of a `Result`. */
export const refuse = (
  reason: RefusalReason,
  more: Omit<Refusal, 'reason'> = {},
): { readonly ok: false; readonly failure: Refusal } => ({
  ok: false,
  failure: { reason, ...more },
})
