import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bearerChallenge, readBearerToken } from './rfc6750-bearer.ts'

const reads: readonly [values: readonly string[], expected: string][] = [
  [['Bearer abc.def-~+/_=='], 'abc.def-~+/_=='],
  [['bearer abc'], 'abc'],
  [['BEARER   abc'], 'abc'],
  [[], 'NO_TOKEN'],
  [['Basic YTpi'], 'NO_TOKEN'],
  [['Bearerabc'], 'NO_TOKEN'],
  [['DPoP abc'], 'NO_TOKEN'],
  [['Bearer a', 'Bearer a'], 'SEVERAL_AUTHORIZATION_FIELDS'],
  [['Basic YTpi', 'Bearer a'], 'SEVERAL_AUTHORIZATION_FIELDS'],
  [['Basic YTpi, Bearer a'], 'SEVERAL_AUTHORIZATION_FIELDS'],
  [['Bearer a, Bearer b'], 'SEVERAL_AUTHORIZATION_FIELDS'],
  [['Bearer a, Basic YTpi'], 'AUTHORIZATION_MALFORMED'],
  [['Bearer'], 'AUTHORIZATION_MALFORMED'],
  [['Bearer '], 'AUTHORIZATION_MALFORMED'],
  [['Bearer a b'], 'AUTHORIZATION_MALFORMED'],
  [['Bearer "a"'], 'AUTHORIZATION_MALFORMED'],
  [['Bearer a=b'], 'AUTHORIZATION_MALFORMED'],
  [['Bearer\ta'], 'NO_TOKEN'],
]

test('one header field carries at most one token', () => {
  for (const [values, expected] of reads) {
    const read = readBearerToken(values)
    assert.equal(read.ok ? read.value : read.failure, expected, values.join(' | '))
  }
})

test('a challenge has its parameters once, in quotes that cannot be left', () => {
  assert.equal(bearerChallenge({ realm: 'api' }), 'Bearer realm="api"')
  const full = bearerChallenge({
    realm: 'a"b\\c',
    error: 'invalid_token',
    description: 'audience "x", é\r\nSet-Cookie: y',
    scope: 'a b',
    resourceMetadata: 'https://api.example/.well-known/oauth-protected-resource',
  })
  assert.equal(
    full,
    `Bearer realm="a'b?c", error="invalid_token", ` +
      `error_description="audience 'x', ???Set-Cookie: y", scope="a b", ` +
      'resource_metadata="https://api.example/.well-known/oauth-protected-resource"',
  )
})
