import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeToken, findToken } from './decode-token.ts'
import { tokenPanel } from './token-panel.ts'

const pasted: readonly (readonly [string, string])[] = [
  ['a.b.c', 'a.b.c'],
  ['  a.b.c\n', 'a.b.c'],
  ['Bearer a.b.c', 'a.b.c'],
  ['authorization: bearer  a.b.c\r\n', 'a.b.c'],
  ['{"access_token":"a.b.c","expires_in":60}', 'a.b.c'],
  ['{"error":"invalid_client"}', '{"error":"invalid_client"}'],
  ['{broken', '{broken'],
]

for (const [input, token] of pasted) {
  test(`finds the token in ${JSON.stringify(input)}`, () => {
    assert.equal(findToken(input), token)
  })
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

for (const text of ['', 'opaque', 'a.b', 'a.b.c', `${part([])}.${part({})}.x`, 'ä.b.c']) {
  test(`${JSON.stringify(text)} is no JWT`, () => {
    assert.equal(decodeToken(text), null)
  })
}

test('whatever a token says, the terminal is not spoken to', () => {
  fc.assert(
    fc.property(fc.object(), fc.string({ unit: 'binary' }), (claims, text) => {
      const spoken = { ...claims, iss: `\u001b[2J${text}`, aud: [text, '\u0007'], [text]: 1 }
      const decoded = decodeToken(`${part({ alg: text })}.${part(spoken)}.x`)
      assert.ok(decoded !== null)
      assert.doesNotMatch(tokenPanel(decoded, null, 0).replaceAll('\n', ''), /\p{Cc}/u)
    }),
  )
})

const times: readonly (readonly [number, RegExp])[] = [
  [3600, /in 1 h {2}\(2026-01-01 01:00:00 UTC\)/],
  [3599, /in 59 min 59 s /],
  [90_061, /in 1 d 1 h /],
  [0, /in 0 s /],
  [-61, /1 min 1 s ago /],
]

for (const [seconds, pattern] of times) {
  test(`an end ${seconds} s away is shown as ${pattern}`, () => {
    const nowMs = Date.UTC(2026, 0, 1)
    const claims = { exp: nowMs / 1000 + seconds }
    assert.match(tokenPanel({ header: {}, claims }, null, nowMs), pattern)
  })
}
