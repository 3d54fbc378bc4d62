/**
 * The only map from a refusal, which is for operators, to the error that a client reads (RFC 6749
 * §5.2). A reason that is not mapped here does not compile.
 */
import type { Refusal, RefusalReason } from './refusal.ts'
import { codingsRead } from './rfc9110-content.ts'

interface OAuthErrorShape {
  readonly error: string
  readonly status: number
  /** Ours and fixed; printable ASCII without `"` and `\` (§5.2). */
  readonly text: string
  /** Whether `refusal.detail` follows: never before the client is proven. */
  readonly isDetailed: boolean
}

const shape = (error: string, status: number, text: string): OAuthErrorShape => ({
  error,
  status,
  text,
  isDetailed: true,
})

const badRequest = (text: string) => shape('invalid_request', 400, text)
const badScope = (text: string) => shape('invalid_scope', 400, text)
const badTarget = (text: string) => shape('invalid_target', 400, text)

/** RFC 9449 §5: the client is proven by then, and may read what is wrong. */
const badProof = (text: string) => shape('invalid_dpop_proof', 400, text)

/** One answer for everything that could tell a stranger which clients and secrets exist. */
const unproven: OAuthErrorShape = {
  error: 'invalid_client',
  status: 401,
  text: 'Client authentication failed.',
  isDetailed: false,
}

/**
 * RFC 6749 has no code for "not now" at the token endpoint; `temporarily_unavailable` is the one
 * its §4.1.2.1 registers, with the status and Retry-After of RFC 9110 §15.6.4 and RFC 6585 §4.
 */
const notNow = (status: 429 | 503, text: string) => shape('temporarily_unavailable', status, text)

const shapes: Readonly<Record<RefusalReason, OAuthErrorShape>> = {
  METHOD_NOT_ALLOWED: shape(
    'invalid_request',
    405,
    'This endpoint only takes POST. Parameters in a URL may now be in the logs of proxies: if a ' +
      'client_secret was among them, replace it.',
  ),
  PATH_ONLY_READ: shape('invalid_request', 405, 'This address is only read. Send GET.'),
  PATH_UNKNOWN: shape(
    'invalid_request',
    404,
    'There is no endpoint at this path. /.well-known/oauth-authorization-server lists them.',
  ),
  BODY_NOT_FORM: badRequest(
    'This endpoint reads a form, not JSON or multipart. Send Content-Type: ' +
      'application/x-www-form-urlencoded; with curl use -d grant_type=client_credentials, ' +
      'not --json.',
  ),
  // RFC 6749 §5.2: 400 unless something else is said, so as for what is no form at all.
  BODY_CHARSET_UNSUPPORTED: badRequest(
    'The Content-Type names another charset than UTF-8. Write the form in UTF-8, and leave the ' +
      'charset out or send charset=UTF-8.',
  ),
  // RFC 9110 §12.5.3 says something else of codings: 415, with those that are read.
  BODY_CODING_UNSUPPORTED: shape(
    'invalid_request',
    415,
    'The body is compressed or coded, and read as it is. Send it so, without Content-Encoding.',
  ),
  BODY_TOO_LARGE: shape('invalid_request', 413, 'The body is larger than this endpoint reads.'),
  BODY_MALFORMED: badRequest(
    'The body is not a form in UTF-8. Percent-encode each name and value, or use curl ' +
      '--data-urlencode.',
  ),
  HEADER_REPEATED: badRequest('A header field that may appear once appears more than once.'),
  PARAMETER_REPEATED: badRequest('A parameter appears more than once. Send each at most once.'),
  SEVERAL_AUTHENTICATION_METHODS: badRequest(
    'The request authenticates in several ways. Use one: the Authorization header, ' +
      'client_secret, or client_assertion.',
  ),
  CLIENT_ID_MISMATCH: badRequest(
    'The client_id parameter names another client than the Authorization header. Omit it or make ' +
      'both equal.',
  ),
  ASSERTION_TYPE_MISSING: badRequest(
    'client_assertion came without client_assertion_type. Add client_assertion_type=' +
      'urn:ietf:params:oauth:client-assertion-type:jwt-bearer.',
  ),
  ASSERTION_TYPE_UNSUPPORTED: badRequest(
    'This client_assertion_type is not supported. Use ' +
      'urn:ietf:params:oauth:client-assertion-type:jwt-bearer.',
  ),
  ASSERTION_MISSING: badRequest(
    'client_assertion_type came without client_assertion. Add the signed JWT.',
  ),
  TOKEN_MISSING: badRequest('The token parameter is missing. Add token=...'),

  TOO_MANY_ATTEMPTS: notNow(429, 'Too many failed attempts. Try again after Retry-After seconds.'),
  RATE_LIMITED: notNow(429, 'Too many requests. Try again after Retry-After seconds.'),

  CREDENTIALS_MISSING: unproven,
  CREDENTIALS_MALFORMED: unproven,
  CLIENT_UNKNOWN: unproven,
  CLIENT_INACTIVE: unproven,
  CLIENT_PUBLIC: unproven,
  METHOD_NOT_REGISTERED: unproven,
  MISTYPED_SECRET: unproven,
  OLD_SECRET: unproven,
  EXPIRED_SECRET: unproven,
  SECRET_OF_OTHER_APP: unproven,
  UNKNOWN_SECRET: unproven,
  NOT_A_SECRET: unproven,
  ASSERTION_MALFORMED: unproven,
  ASSERTION_TYP_REFUSED: unproven,
  ASSERTION_CRITICAL_HEADER: unproven,
  ASSERTION_ALGORITHM_REFUSED: unproven,
  ASSERTION_KEY_UNKNOWN: unproven,
  ASSERTION_KEYS_UNREACHABLE: unproven,
  ASSERTION_SIGNATURE_INVALID: unproven,
  ASSERTION_ISSUER_WRONG: unproven,
  ASSERTION_SUBJECT_WRONG: unproven,
  ASSERTION_AUDIENCE_WRONG: unproven,
  ASSERTION_TIME_MALFORMED: unproven,
  ASSERTION_EXPIRED: unproven,
  ASSERTION_NOT_YET_VALID: unproven,
  ASSERTION_LIFETIME_TOO_LONG: unproven,
  ASSERTION_REPLAYED: unproven,
  CERTIFICATE_MISSING: unproven,
  CERTIFICATE_HEADER_MALFORMED: unproven,
  CERTIFICATE_UNTRUSTED: unproven,
  CERTIFICATE_OUTSIDE_VALIDITY: unproven,
  CERTIFICATE_NOT_REGISTERED: unproven,
  CERTIFICATE_SUBJECT_MISMATCH: unproven,

  DPOP_REPEATED: badProof('The request has more than one DPoP proof.'),
  DPOP_MALFORMED: badProof('The DPoP proof cannot be read.'),
  DPOP_TYP_REFUSED: badProof('The DPoP proof is a JWT of another type.'),
  DPOP_ALGORITHM_REFUSED: badProof(
    'The DPoP proof is signed by an algorithm that is not accepted.',
  ),
  DPOP_KEY_REFUSED: badProof('The key in the DPoP proof cannot be used.'),
  DPOP_SIGNATURE_INVALID: badProof('The signature of the DPoP proof does not hold under its jwk.'),
  DPOP_METHOD_MISMATCH: badProof('The DPoP proof is for another method.'),
  DPOP_URL_MISMATCH: badProof('The DPoP proof is for another address.'),
  DPOP_TIME_REFUSED: badProof('The DPoP proof is not of this moment.'),
  DPOP_TOKEN_MISMATCH: badProof('The DPoP proof is for another access token.'),
  DPOP_NONCE_REFUSED: shape('use_dpop_nonce', 400, 'The DPoP proof needs another nonce.'), // §8
  DPOP_REPLAYED: badProof('This DPoP proof was used before. Make a new one for each request.'),

  GRANT_TYPE_MISSING: badRequest(
    'The grant_type parameter is missing. Add grant_type=client_credentials to the body; the URL ' +
      'is not read.',
  ),
  GRANT_TYPE_UNSUPPORTED: shape(
    'unsupported_grant_type',
    400,
    'This grant type is not offered. Use grant_type=client_credentials.',
  ),
  GRANT_TYPE_NOT_ALLOWED: shape(
    'unauthorized_client',
    400,
    'This client may not use this grant type. An administrator can allow it.',
  ),
  SCOPE_MALFORMED: badScope('The scope parameter is not a list of scopes with one space between.'),
  SCOPE_UNKNOWN: badScope('No API has this scope.'),
  SCOPE_NOT_GRANTED: badScope('This client may not use this scope. An administrator can grant it.'),
  SCOPE_STANDS_ALONE: badScope(
    'urn:opc:resource:consumer::all cannot be combined with other scopes. Ask for them in a ' +
      'request of their own.',
  ),
  SCOPES_OF_SEVERAL_APIS: badScope(
    'These scopes belong to several APIs. Send one request for each, or add ' +
      'urn:opc:resource:multiresourcescope.',
  ),
  SCOPE_NONE_AVAILABLE: badScope('This client has no scope here. An administrator can grant some.'),
  EXPIRY_MALFORMED: badScope(
    'urn:opc:resource:expiry takes one whole number of seconds from 1 to 31536000.',
  ),
  TARGET_MALFORMED: badTarget('resource takes an absolute URI without a fragment.'),
  TARGET_UNKNOWN: badTarget('This client may not use an API with this audience.'),
  TARGET_AMBIGUOUS: badTarget(
    'This client may use several APIs and none is its default. Name one with resource=AUDIENCE.',
  ),
  TARGET_CONFLICT: badTarget('scope and resource name different APIs. Make them agree.'),
  BINDING_REQUIRED: badRequest(
    'Only sender-constrained tokens are issued here. Present the client certificate at the ' +
      'secure domain URL.',
  ),
  DPOP_REQUIRED: badProof(
    'Only tokens that are bound to a key are issued here. Send a DPoP proof with the request.',
  ),
  TOKEN_OF_ANOTHER_CLIENT: shape('invalid_grant', 400, 'This token belongs to another client.'),

  BUDGET_SPENT: notNow(429, 'The budget of tokens is spent. Try again after Retry-After seconds.'),
  RECORD_UNAVAILABLE: notNow(503, 'The request could not be recorded, so nothing was done. Retry.'),
  OVERLOADED: notNow(503, 'The server is busy. Retry after Retry-After seconds.'),
  INTERNAL: shape('server_error', 500, 'The server failed. Its log has the ecid of this answer.'),
}

const detailCharsMax = 400

/**
 * RFC 6749 §5.2: error_description has only %x20-21 / %x23-5B / %x5D-7E. Double quotes become
 * single ones, everything else that does not fit a question mark.
 */
export const sanitizeErrorDescription = (text: string): string =>
  text
    .slice(0, detailCharsMax)
    .replaceAll('"', "'")
    .replaceAll(/[^\x20\x21\x23-\x5b\x5d-\x7e]/gu, '?')

/** RFC 9110 §5.6.4: what a quoted-string may hold without escapes. */
const quoted = (text: string): string => `"${sanitizeErrorDescription(text)}"`

export interface OAuthErrorContext {
  /** The one id of this answer, also in log and audit. */
  readonly ecid: string
  /** Names the protection space, normally the issuer. */
  readonly issuerRealm: string
}

export interface OAuthErrorResponse {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: {
    readonly error: string
    readonly error_description: string
    readonly ecid: string
  }
}

const headersOf = (
  status: number,
  refusal: Refusal,
  context: OAuthErrorContext,
): Record<string, string> => {
  const headers: Record<string, string> = {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    Pragma: 'no-cache',
  }
  if (status === 401) {
    headers['WWW-Authenticate'] = `Basic realm=${quoted(context.issuerRealm)}, charset="UTF-8"`
  }
  if (status === 405) headers['Allow'] = refusal.reason === 'PATH_ONLY_READ' ? 'GET, HEAD' : 'POST'
  if (status === 415) headers['Accept-Encoding'] = codingsRead
  if (status === 429 || status === 503) {
    headers['Retry-After'] = String(Math.max(1, Math.ceil(refusal.retryAfterSeconds ?? 1)))
  }
  return headers
}

/**
 * The answer to a refused request at the token, introspection and revocation endpoints.
 * @param refusal why; its `operator` text never leaves through here
 * @returns status, headers and body; until the client is proven they depend on nothing but context
 */
export const oauthError = (refusal: Refusal, context: OAuthErrorContext): OAuthErrorResponse => {
  const { error, status, text, isDetailed } = shapes[refusal.reason]
  const isDetailGiven = isDetailed && refusal.detail !== undefined && refusal.detail !== ''
  const description = isDetailGiven ? `${text} ${sanitizeErrorDescription(refusal.detail)}` : text
  return {
    status,
    headers: headersOf(status, refusal, context),
    body: { error, error_description: description, ecid: context.ecid },
  }
}
