import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { compactObject, type JsonObject, parseStrictJson } from './rfc8259-strict-json.ts'

const fault = (text: string): string => {
  const parsed = parseStrictJson(text, 16)
  return parsed.ok ? 'ok' : parsed.failure
}

const bad: readonly [text: string, fault: string][] = [
  ['{"a":1,"a":1}', 'DUPLICATE_NAME'],
  ['{"a":1,"\\u0061":2}', 'DUPLICATE_NAME'],
  ['{"x":{"b":1,"b":2}}', 'DUPLICATE_NAME'],
  ['[{"b":1,"b":2}]', 'DUPLICATE_NAME'],
  ['{"__proto__":1,"__proto__":2}', 'DUPLICATE_NAME'],
  ['{"":1,"":2}', 'DUPLICATE_NAME'],
  ['1e400', 'NUMBER_NOT_FINITE'],
  ['{"exp":-1e999}', 'NUMBER_NOT_FINITE'],
  ['['.repeat(17) + ']'.repeat(17), 'TOO_DEEP'],
  [`${'{"a":'.repeat(17)}1${'}'.repeat(17)}`, 'TOO_DEEP'],
  ['['.repeat(100_000), 'TOO_DEEP'],
  ['"\\ud800"', 'NOT_JSON'],
  ['"\\udc00\\ud800"', 'NOT_JSON'],
  ['', 'NOT_JSON'],
  ['{} {}', 'NOT_JSON'],
  ['{}x', 'NOT_JSON'],
  ['\uFEFF{}', 'NOT_JSON'],
  ['{}\0', 'NOT_JSON'],
  ['{"a":1,}', 'NOT_JSON'],
  ['[1,]', 'NOT_JSON'],
  ['{a:1}', 'NOT_JSON'],
  ["{'a':1}", 'NOT_JSON'],
  ['{"a" 1}', 'NOT_JSON'],
  ['{"a":1 "b":2}', 'NOT_JSON'],
  ['"a', 'NOT_JSON'],
  ['"a\\', 'NOT_JSON'],
  ['"a\nb"', 'NOT_JSON'],
  ['"\\x"', 'NOT_JSON'],
  ['"\\u00g0"', 'NOT_JSON'],
  ['01', 'NOT_JSON'],
  ['+1', 'NOT_JSON'],
  ['.5', 'NOT_JSON'],
  ['1.', 'NOT_JSON'],
  ['NaN', 'NOT_JSON'],
  ['Infinity', 'NOT_JSON'],
  ['tru', 'NOT_JSON'],
  ['nulll', 'NOT_JSON'],
  ['\u00a0{}', 'NOT_JSON'],
]

for (const [text, expected] of bad) {
  test(`${expected}: ${JSON.stringify(text.slice(0, 40))}`, () =>
    assert.equal(fault(text), expected))
}

test('depth 16 is read', () => {
  assert.equal(fault('['.repeat(16) + ']'.repeat(16)), 'ok')
})

test('objects have no prototype, and __proto__ is a member', () => {
  const parsed = parseStrictJson('{"__proto__":{"admin":true},"a":{}}', 16)
  assert.ok(parsed.ok)
  const value = parsed.value as Record<string, object>
  assert.equal(Object.getPrototypeOf(value), null)
  assert.equal(Object.getPrototypeOf(value['a']), null)
  assert.deepEqual(Object.keys(value), ['__proto__', 'a'])
  assert.equal('admin' in value, false)
})

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

test('a compact object says the same in less than two thirds of the memory', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const names = Array.from({ length: 12 }, (_, at) => `"n${at}":${at}`)
  const total = 5000
  const bytesOfOne = (made: (read: JsonObject) => JsonObject): number => {
    const kept: JsonObject[] = []
    const used = (): number => {
      collect()
      return process.memoryUsage().heapUsed
    }
    const before = used()
    for (let at = 0; at < total; at += 1) {
      const parsed = parseStrictJson(`{${names.join()},"__proto__":{"m":true}}`, 2)
      assert.ok(parsed.ok)
      kept.push(made(parsed.value as JsonObject))
    }
    const bytes = (used() - before) / total
    assert.equal(Object.getPrototypeOf(kept[0]), null)
    const text = `{${names.join()},"__proto__":{"m":true}}`
    assert.equal(JSON.stringify(kept.at(-1)), text)
    return bytes
  }
  const bytes = [bytesOfOne((read) => read), bytesOfOne(compactObject)] as const
  assert.ok(bytes[1] * 3 < bytes[0] * 2, bytes.join())
})

test('reads what JSON.stringify writes', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 8 }),
      fc.constantFrom(undefined, ' ', '\t'),
      (value, indent) => {
        const parsed = parseStrictJson(JSON.stringify(value, null, indent), 16)
        assert.ok(parsed.ok)
        assert.deepEqual(plain(parsed.value), plain(value))
      },
    ),
  )
})

test('accepts nothing that JSON.parse refuses, and agrees with it otherwise', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    'a',
    '1',
    '-',
    '.',
    'e',
    ' ',
    'true',
    'null',
    '"k":',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('')
      let expected: unknown
      try {
        expected = JSON.parse(text)
      } catch {
        assert.notEqual(fault(text), 'ok')
        return
      }
      const parsed = parseStrictJson(text, 16)
      if (parsed.ok) assert.deepEqual(plain(parsed.value), plain(expected))
      else assert.ok(['DUPLICATE_NAME', 'NUMBER_NOT_FINITE', 'NOT_JSON'].includes(parsed.failure))
      if (!parsed.ok && parsed.failure === 'NOT_JSON') assert.fail(`refused ${text}`)
    }),
    { numRuns: 2000 },
  )
})
