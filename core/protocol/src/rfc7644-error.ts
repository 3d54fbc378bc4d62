/**
 * SCIM errors (RFC 7644 §3.12) in the identity domain's form: the standard body and, beside it, the
 * domain's own member with a `messageId`. The only map from refusal to SCIM error.
 */
import type {
  AdministrationRefusal,
  AdministrationRefusalReason,
} from './administration-refusal.ts'

export const scimErrorSchema = 'urn:ietf:params:scim:api:messages:2.0:Error'
const domainErrorSchema = 'urn:ietf:params:scim:api:oracle:idcs:extension:messages:Error'

/** RFC 7644 §3.12 table 9. */
type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive'

interface ScimErrorKind {
  readonly status: number
  readonly scimType?: ScimType
  readonly messageId: string
}

const kind = (status: number, messageId: string, scimType?: ScimType): ScimErrorKind => ({
  status,
  messageId,
  ...(scimType === undefined ? {} : { scimType }),
})

const validation = (name: string, scimType: ScimType) =>
  kind(400, `error.common.validation.${name}`, scimType)
const accessDenied = kind(401, 'error.common.common.accessDenied') // the domain's status for it
const common = (status: number, name: string, scimType?: ScimType) =>
  kind(status, `error.common.common.${name}`, scimType)

const kinds: Readonly<Record<AdministrationRefusalReason, ScimErrorKind>> = {
  BODY_NOT_AN_OBJECT: validation('invalidSyntax', 'invalidSyntax'),
  BODY_TOO_LARGE: common(413, 'bodyTooLarge', 'tooMany'), // RFC 7644 §3.7.4
  BODY_CHARSET_UNSUPPORTED: validation('unsupportedCharset', 'invalidSyntax'),
  BODY_CODING_UNSUPPORTED: common(415, 'unsupportedContentEncoding'), // RFC 9110 §12.5.3
  SCHEMA_MISSING: validation('missingReqAttributes', 'invalidValue'),
  SCHEMA_UNKNOWN: validation('invalidSchema', 'invalidSyntax'),
  ATTRIBUTE_UNKNOWN: validation('unknownAttribute', 'invalidSyntax'),
  ATTRIBUTE_REPEATED: validation('repeatedAttribute', 'invalidSyntax'),
  ATTRIBUTE_MISSING: validation('missingReqAttributes', 'invalidValue'),
  ATTRIBUTE_TYPE_WRONG: validation('invalidType', 'invalidValue'),
  VALUE_INVALID: validation('invalidValue', 'invalidValue'),
  VALUE_TOO_LONG: validation('stringExceedsMaxLimit', 'invalidValue'),
  ATTRIBUTE_READ_ONLY: validation('readOnlyAttribute', 'mutability'),
  ATTRIBUTE_IMMUTABLE: validation('immutableAttribute', 'mutability'),
  ATTRIBUTE_NOT_KEPT: validation('unsupportedAttribute', 'invalidValue'),
  ENDPOINT_UNKNOWN: common(404, 'notFound'),
  METHOD_NOT_ALLOWED: common(405, 'methodNotAllowed'),
  QUERY_MALFORMED: validation('invalidQuery', 'invalidValue'),
  FILTER_MALFORMED: validation('invalidFilter', 'invalidFilter'),
  FILTER_NOT_OFFERED: validation('unsupportedFilter', 'invalidFilter'),
  SORT_NOT_OFFERED: validation('unsupportedSort', 'invalidValue'),
  PATCH_MALFORMED: validation('invalidPatch', 'invalidSyntax'),
  PATCH_PATH_INVALID: validation('invalidPath', 'invalidPath'),
  PATCH_NO_TARGET: validation('noTarget', 'noTarget'), // RFC 7644 §3.5.2
  ACCESS_DENIED: accessDenied,
  PROOF_TOO_OLD: common(403, 'proofTooOld'), // 401 would say that nobody is signed in
  ROLE_NOT_CONFERRABLE: accessDenied,
  APPLICATION_OUT_OF_REACH: accessDenied,
  RESOURCE_NOT_FOUND: common(404, 'notFound'),
  VERSION_STALE: common(412, 'versionMismatch'), // RFC 7644 §3.14
  REFERENCE_UNKNOWN: validation('invalidReferenceResource', 'invalidValue'),
  VALUE_TAKEN: common(409, 'duplicateValue', 'uniqueness'),
  VALUE_RESERVED: validation('reservedValue', 'invalidValue'),
  BUILT_IN: common(403, 'operationNotSupported'),
  APPLICATION_ACTIVE: common(400, 'applicationActive', 'mutability'),
  SCOPE_IN_USE: common(400, 'scopeInUse', 'mutability'),
  CERTIFICATE_IN_USE: common(400, 'certificateInUse', 'mutability'),
  CERTIFICATE_UNREADABLE: validation('invalidCertificate', 'invalidValue'),
  KEY_REFUSED: validation('invalidKey', 'invalidValue'),
  CLIENT_TYPE_REFUSED: validation('invalidClientType', 'invalidValue'),
  NOT_A_CLIENT: validation('notAClient', 'invalidValue'),
  TOO_MANY_SECRETS: common(400, 'tooManySecrets', 'tooMany'),
  ISSUER_PINNED: common(400, 'issuerPinned', 'mutability'),
  OWN_ACCOUNT: common(400, 'ownAccount', 'mutability'),
  LAST_ADMINISTRATOR: common(400, 'lastAdministrator', 'mutability'),
  LIMIT_REACHED: common(400, 'limitReached', 'tooMany'),
  RETRY_TOKEN_REUSED: common(409, 'retryTokenReused'),
  TOO_MANY_OPERATIONS: common(413, 'tooManyOperations', 'tooMany'), // RFC 7644 §3.7.4
  BULK_REFERENCE_UNKNOWN: validation('invalidBulkReference', 'invalidValue'),
  RECORD_UNAVAILABLE: common(503, 'serviceUnavailable'),
  INTERNAL: common(500, 'internalError'),
}

export interface ScimError {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** What happened, why, and what to do about it, as one line of text. */
export const refusalText = (refusal: AdministrationRefusal): string =>
  [refusal.what, refusal.why, refusal.fix].filter((part) => part !== undefined).join(' ')

/** The HTTP status of a refusal. */
export const statusOfRefusal = (refusal: AdministrationRefusal): number =>
  kinds[refusal.reason].status

/**
 * The answer to a refused request; its `status` is a string (RFC 7644 §3.12).
 * @param additional members of the domain's own `additionalData`, beside the stable reason
 */
export const scimError = (
  refusal: AdministrationRefusal,
  additional: Readonly<Record<string, unknown>> = {},
): ScimError => {
  const { status, scimType, messageId } = kinds[refusal.reason]
  const at = refusal.at === undefined ? {} : { at: refusal.at }
  return {
    status,
    body: {
      schemas: [scimErrorSchema, domainErrorSchema],
      detail: refusalText(refusal),
      status: String(status),
      ...(scimType === undefined ? {} : { scimType }),
      [domainErrorSchema]: {
        messageId,
        additionalData: { reason: refusal.reason, ...at, ...additional },
      },
    },
  }
}
