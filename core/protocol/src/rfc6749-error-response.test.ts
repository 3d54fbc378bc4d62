import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type RefusalReason, refusalReasons } from './refusal.ts'
import { oauthError, sanitizeErrorDescription } from './rfc6749-error-response.ts'

const context = { ecid: 'ecid-1', issuerRealm: 'https://id.example' }
const descriptionGrammar = /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/

const mapped: readonly [RefusalReason, status: number, error: string][] = [
  ['METHOD_NOT_ALLOWED', 405, 'invalid_request'],
  ['PATH_ONLY_READ', 405, 'invalid_request'],
  ['PATH_UNKNOWN', 404, 'invalid_request'],
  ['BODY_NOT_FORM', 400, 'invalid_request'],
  ['BODY_CHARSET_UNSUPPORTED', 400, 'invalid_request'],
  ['BODY_CODING_UNSUPPORTED', 415, 'invalid_request'],
  ['BODY_TOO_LARGE', 413, 'invalid_request'],
  ['BODY_MALFORMED', 400, 'invalid_request'],
  ['HEADER_REPEATED', 400, 'invalid_request'],
  ['PARAMETER_REPEATED', 400, 'invalid_request'],
  ['SEVERAL_AUTHENTICATION_METHODS', 400, 'invalid_request'],
  ['CLIENT_ID_MISMATCH', 400, 'invalid_request'],
  ['ASSERTION_TYPE_MISSING', 400, 'invalid_request'],
  ['ASSERTION_TYPE_UNSUPPORTED', 400, 'invalid_request'],
  ['ASSERTION_MISSING', 400, 'invalid_request'],
  ['TOKEN_MISSING', 400, 'invalid_request'],
  ['TOO_MANY_ATTEMPTS', 429, 'temporarily_unavailable'],
  ['RATE_LIMITED', 429, 'temporarily_unavailable'],
  ['BUDGET_SPENT', 429, 'temporarily_unavailable'],
  ['GRANT_TYPE_MISSING', 400, 'invalid_request'],
  ['GRANT_TYPE_UNSUPPORTED', 400, 'unsupported_grant_type'],
  ['GRANT_TYPE_NOT_ALLOWED', 400, 'unauthorized_client'],
  ['SCOPE_MALFORMED', 400, 'invalid_scope'],
  ['SCOPE_UNKNOWN', 400, 'invalid_scope'],
  ['SCOPE_NOT_GRANTED', 400, 'invalid_scope'],
  ['SCOPE_STANDS_ALONE', 400, 'invalid_scope'],
  ['SCOPES_OF_SEVERAL_APIS', 400, 'invalid_scope'],
  ['SCOPE_NONE_AVAILABLE', 400, 'invalid_scope'],
  ['EXPIRY_MALFORMED', 400, 'invalid_scope'],
  ['TARGET_MALFORMED', 400, 'invalid_target'],
  ['TARGET_UNKNOWN', 400, 'invalid_target'],
  ['TARGET_AMBIGUOUS', 400, 'invalid_target'],
  ['TARGET_CONFLICT', 400, 'invalid_target'],
  ['BINDING_REQUIRED', 400, 'invalid_request'],
  ['DPOP_REPEATED', 400, 'invalid_dpop_proof'],
  ['DPOP_MALFORMED', 400, 'invalid_dpop_proof'],
  ['DPOP_TYP_REFUSED', 400, 'invalid_dpop_proof'],
  ['DPOP_ALGORITHM_REFUSED', 400, 'invalid_dpop_proof'],
  ['DPOP_KEY_REFUSED', 400, 'invalid_dpop_proof'],
  ['DPOP_SIGNATURE_INVALID', 400, 'invalid_dpop_proof'],
  ['DPOP_METHOD_MISMATCH', 400, 'invalid_dpop_proof'],
  ['DPOP_URL_MISMATCH', 400, 'invalid_dpop_proof'],
  ['DPOP_TIME_REFUSED', 400, 'invalid_dpop_proof'],
  ['DPOP_TOKEN_MISMATCH', 400, 'invalid_dpop_proof'],
  ['DPOP_REPLAYED', 400, 'invalid_dpop_proof'],
  ['DPOP_REQUIRED', 400, 'invalid_dpop_proof'],
  ['DPOP_NONCE_REFUSED', 400, 'use_dpop_nonce'],
  ['TOKEN_OF_ANOTHER_CLIENT', 400, 'invalid_grant'],
  ['RECORD_UNAVAILABLE', 503, 'temporarily_unavailable'],
  ['OVERLOADED', 503, 'temporarily_unavailable'],
  ['INTERNAL', 500, 'server_error'],
]

for (const [reason, status, error] of mapped) {
  test(`${reason} is ${status} ${error}`, () => {
    const answer = oauthError({ reason, detail: "Detail of 'x'." }, context)
    assert.equal(answer.status, status)
    assert.equal(answer.body.error, error)
    assert.equal(answer.body.ecid, 'ecid-1')
    assert.ok(answer.body.error_description.endsWith(" Detail of 'x'."))
    assert.equal(answer.headers['WWW-Authenticate'], undefined)
    assert.equal('Allow' in answer.headers, status === 405)
    assert.equal('Accept-Encoding' in answer.headers, status === 415)
    assert.equal(answer.headers['Retry-After'], status === 429 || status === 503 ? '1' : undefined)
  })
}

const proven = new Set<string>(mapped.map(([reason]) => reason))
const unprovenReasons = refusalReasons.filter((reason) => !proven.has(reason))

test('every other reason is a prove reason, and all of them get one and the same answer', () => {
  for (const reason of unprovenReasons) {
    assert.match(
      reason,
      /^((CREDENTIALS|CLIENT|ASSERTION|CERTIFICATE)_.*|(NOT_A|.*)_SECRET|SECRET_OF_OTHER_APP|METHOD_NOT_REGISTERED)$/,
    )
    const answer = oauthError({ reason, detail: 'd', operator: 'o', retryAfterSeconds: 9 }, context)
    assert.deepEqual(answer, {
      status: 401,
      headers: {
        'Content-Type': 'application/json',
        'Cache-Control': 'no-store',
        Pragma: 'no-cache',
        'WWW-Authenticate': 'Basic realm="https://id.example", charset="UTF-8"',
      },
      body: {
        error: 'invalid_client',
        error_description: 'Client authentication failed.',
        ecid: 'ecid-1',
      },
    })
  }
})

test('every reason: no caching, the charset of §5.2, 401 only for invalid_client', () => {
  for (const reason of refusalReasons) {
    const answer = oauthError({ reason, operator: 'SECRET-OPERATOR' }, context)
    assert.equal(answer.headers['Cache-Control'], 'no-store')
    assert.equal(answer.headers['Pragma'], 'no-cache')
    assert.match(answer.body.error_description, descriptionGrammar)
    assert.equal(answer.status === 401, answer.body.error === 'invalid_client')
    assert.doesNotMatch(JSON.stringify(answer), /SECRET-OPERATOR/)
  }
})

test('what is refused for its method or coding is told what is taken instead', () => {
  const table = [
    ['METHOD_NOT_ALLOWED', 405, 'Allow', 'POST'],
    ['PATH_ONLY_READ', 405, 'Allow', 'GET, HEAD'],
    ['BODY_CODING_UNSUPPORTED', 415, 'Accept-Encoding', 'identity'],
  ] as const
  for (const [reason, status, field, value] of table) {
    const answer = oauthError({ reason }, context)
    assert.deepEqual([answer.status, answer.headers[field]], [status, value], reason)
  }
})

test('Retry-After is whole seconds, at least one', () => {
  const table = [
    [0, '1'],
    [0.2, '1'],
    [2.1, '3'],
    [60, '60'],
    [-5, '1'],
  ] as const
  for (const [retryAfterSeconds, expected] of table) {
    const answer = oauthError({ reason: 'RATE_LIMITED', retryAfterSeconds }, context)
    assert.equal(answer.headers['Retry-After'], expected)
  }
})

test('reflection attempts are defused (ER-04)', () => {
  const detail = 'a"b\\<script>é\r\n\t🔑'
  const answer = oauthError({ reason: 'GRANT_TYPE_UNSUPPORTED', detail }, context)
  assert.ok(answer.body.error_description.endsWith(" a'b?<script>?????"))
})

test('a realm cannot break out of its quotes', () => {
  const answer = oauthError(
    { reason: 'CLIENT_UNKNOWN' },
    { ecid: 'e', issuerRealm: 'x", evil="\\\r\n' },
  )
  assert.equal(answer.headers['WWW-Authenticate'], `Basic realm="x', evil='???", charset="UTF-8"`)
})

test('any text becomes a description of bounded length', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 1000 }), (text) => {
      const clean = sanitizeErrorDescription(text)
      assert.match(clean, descriptionGrammar)
      assert.ok(clean.length <= 400)
    }),
  )
})
