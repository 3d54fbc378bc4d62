/**
 * Every reason to refuse a change of what is declared. The administrator's wire is SCIM, and the
 * only map from these to its statuses is `rfc7644-error.ts`: a reason added here does not compile
 * until it is mapped there.
 */
export const administrationRefusalReasons = [
  // receive: the request is not one
  'BODY_NOT_AN_OBJECT',
  'BODY_TOO_LARGE',
  'BODY_CHARSET_UNSUPPORTED',
  'BODY_CODING_UNSUPPORTED',
  'SCHEMA_MISSING',
  'SCHEMA_UNKNOWN',
  'ATTRIBUTE_UNKNOWN',
  'ATTRIBUTE_REPEATED',
  'ATTRIBUTE_MISSING',
  'ATTRIBUTE_TYPE_WRONG',
  'VALUE_INVALID',
  'VALUE_TOO_LONG',
  'ATTRIBUTE_READ_ONLY',
  'ATTRIBUTE_IMMUTABLE',
  'ATTRIBUTE_NOT_KEPT',
  'ENDPOINT_UNKNOWN',
  'METHOD_NOT_ALLOWED',
  'QUERY_MALFORMED',
  'FILTER_MALFORMED',
  'FILTER_NOT_OFFERED',
  'SORT_NOT_OFFERED',
  'PATCH_MALFORMED',
  'PATCH_PATH_INVALID',
  'PATCH_NO_TARGET',
  // access: who asks may not
  'ACCESS_DENIED',
  'PROOF_TOO_OLD',
  'ROLE_NOT_CONFERRABLE',
  'APPLICATION_OUT_OF_REACH',
  // decide: what is asked cannot be
  'RESOURCE_NOT_FOUND',
  'VERSION_STALE',
  'REFERENCE_UNKNOWN',
  'VALUE_TAKEN',
  'VALUE_RESERVED',
  'BUILT_IN',
  'APPLICATION_ACTIVE',
  'SCOPE_IN_USE',
  'CERTIFICATE_IN_USE',
  'CERTIFICATE_UNREADABLE',
  'KEY_REFUSED',
  'CLIENT_TYPE_REFUSED',
  'NOT_A_CLIENT',
  'TOO_MANY_SECRETS',
  'ISSUER_PINNED',
  'OWN_ACCOUNT',
  'LAST_ADMINISTRATOR',
  'LIMIT_REACHED',
  'RETRY_TOKEN_REUSED',
  // Bulk
  'TOO_MANY_OPERATIONS',
  'BULK_REFERENCE_UNKNOWN',
  // the server cannot answer
  'RECORD_UNAVAILABLE',
  'INTERNAL',
] as const

export type AdministrationRefusalReason = (typeof administrationRefusalReasons)[number]

/** One no to an administrator: what happened, why, and what would make it a yes. */
export interface AdministrationRefusal {
  readonly reason: AdministrationRefusalReason
  /** One sentence with the names in it. Never holds a secret. */
  readonly what: string
  readonly why?: string
  readonly fix?: string
  /** Attribute, or position in a filter, that it is about. */
  readonly at?: string
}

/** A refusal as the failure side of a `Result`. */
export const refuseChange = (
  reason: AdministrationRefusalReason,
  what: string,
  more: Omit<AdministrationRefusal, 'reason' | 'what'> = {},
): { readonly ok: false; readonly failure: AdministrationRefusal } => ({
  ok: false,
  failure: { reason, what, ...more },
})
