import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseScope, scopeCharsMax, scopeTokensMax } from './rfc6749-scope.ts'

const good: readonly [text: string, tokens: string[]][] = [
  ['a', ['a']],
  ['b a', ['b', 'a']],
  ['a b a', ['a', 'b']],
  ['A a', ['A', 'a']],
  ['!#[]~', ['!#[]~']],
  ['__proto__ constructor', ['__proto__', 'constructor']],
  [
    'https://h:443/urn:opc:resource:consumer::all',
    ['https://h:443/urn:opc:resource:consumer::all'],
  ],
  ['a'.repeat(scopeCharsMax), ['a'.repeat(scopeCharsMax)]],
]

for (const [text, tokens] of good) {
  test(`scope '${text.slice(0, 60)}'`, () => {
    assert.deepEqual(parseScope(text), { ok: true, value: tokens })
  })
}

const bad = [
  '',
  ' ',
  ' a',
  'a ',
  'a  b',
  'a"b',
  'a\\b',
  'a\0b',
  'a\tb',
  'a\nb',
  'é',
  'a\u007f',
  'a\u00a0b',
  'a\n',
  'a'.repeat(scopeCharsMax + 1),
  Array.from({ length: scopeTokensMax + 1 }, (_, at) => `s${at}`).join(' '),
]

for (const text of bad) {
  test(`SCOPE_MALFORMED: ${JSON.stringify(text.slice(0, 40))}`, () => {
    const parsed = parseScope(text)
    assert.equal(!parsed.ok && parsed.failure.reason, 'SCOPE_MALFORMED')
  })
}

test('the answer says what is wrong with the spaces', () => {
  const parsed = parseScope('a  b')
  assert.match((!parsed.ok && parsed.failure.detail) || '', /exactly one space/)
})

test('accepted exactly when the grammar of §3.3 accepts', () => {
  const grammar = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', ' ', '"', '\\', '!', '\u007f', 'é', '\n'),
  })
  fc.assert(
    fc.property(text, (scope) => {
      assert.equal(parseScope(scope).ok, grammar.test(scope) && !scope.endsWith('\n'))
    }),
  )
})

test('every token is kept once, in the order of its first use', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }), (tokens) => {
      assert.deepEqual(parseScope(tokens.join(' ')), { ok: true, value: [...new Set(tokens)] })
    }),
  )
})
