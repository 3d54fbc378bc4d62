import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeToken, findToken, looksLikeSecret } from './token-text.ts'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const token = `${part({ alg: 'ES256' })}.${part({ iss: 'https://auth.example.org' })}.c2ln`

for (const [what, text] of [
  ['alone', ` ${token}\n`],
  ['as a header', `Authorization: Bearer ${token}`],
  ['in an answer', JSON.stringify({ access_token: token, expires_in: 3600 })],
  ['in a curl', `curl https://api.orders.example/v1.2.3/x -H 'authorization: Bearer ${token}'`],
] as const) {
  test(`a token is found ${what}`, () => assert.equal(findToken(text), token))
}

test('what is no token is none, and a secret is told from one', () => {
  assert.equal(decodeToken(findToken('curl https://api.orders.example/x')), null)
  assert.equal(looksLikeSecret(`curl -u app:mms_${'a'.repeat(49)} https://x`), true)
  assert.equal(looksLikeSecret(token), false)
})
