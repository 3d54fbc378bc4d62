import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  signedIntrospectionClaims,
  wantsSignedIntrospection,
} from './rfc9701-signed-introspection.ts'

const jwt = 'application/token-introspection+jwt'

const fields: readonly [accept: string | undefined, wanted: boolean][] = [
  [undefined, false],
  ['', false],
  ['*/*', false],
  ['application/*', false],
  ['application/json', false],
  ['application/jwt', false],
  [jwt, true],
  [jwt.toUpperCase(), true],
  [`${jwt}; q=0.5`, true],
  [`${jwt};q=0`, false],
  [`${jwt};q=x`, false],
  [`${jwt};q=2`, false],
  [`application/json, ${jwt}`, true],
  [`application/json;q=0.1, ${jwt};q=0.2`, true],
  [`application/json, ${jwt};q=0.9`, false],
  [`${jwt}, */*`, true],
  [`${jwt}x`, false],
  [`x${jwt}`, false],
]

test('a signed answer is given to whoever names it and does not prefer a plain one', () => {
  for (const [accept, wanted] of fields) {
    assert.equal(wantsSignedIntrospection(accept), wanted, accept ?? 'none')
  }
})

test('what is said of the token stands apart from what is said of the answer', () => {
  const context = { issuer: 'https://as.test', audience: 'a"pi', issuedAtSeconds: 5 }
  assert.deepEqual(JSON.parse(signedIntrospectionClaims(context, '{"active":true,"exp":9}')), {
    iss: 'https://as.test',
    aud: 'a"pi',
    iat: 5,
    token_introspection: { active: true, exp: 9 },
  })
})
