import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { crc32, formatSecret, mintedSecretChars, readSecretForm } from './minted-secret.ts'

const random = fc.uint8Array({ minLength: 32, maxLength: 32 })
const largest = formatSecret(new Uint8Array(32).fill(255))

test('the smallest and the largest secret have one length', () => {
  assert.match(formatSecret(new Uint8Array(32)), /^mms_0{43}[0-9A-Za-z]{6}$/)
  assert.equal(largest.length, mintedSecretChars)
  assert.equal(mintedSecretChars, 53)
})

test('the check sum is the CRC-32 that zlib computes', () => {
  fc.assert(
    fc.property(random, (bytes) => {
      const secret = formatSecret(bytes)
      assert.equal(crc32(secret, 47), zlibCrc32(secret.slice(0, 47)))
    }),
  )
})

test('what is minted is recognised, and different bits are different secrets', () => {
  fc.assert(
    fc.property(random, random, (one, other) => {
      assert.equal(readSecretForm(formatSecret(one)), 'minted')
      assert.equal(formatSecret(one) === formatSecret(other), Buffer.compare(one, other) === 0)
    }),
  )
})

test('no bits are lost', () => {
  const read = (secret: string): bigint => {
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
    return [...secret.slice(4, 47)].reduce((n, c) => n * 62n + BigInt(digits.indexOf(c)), 0n)
  }
  fc.assert(
    fc.property(random, (bytes) => {
      assert.equal(read(formatSecret(bytes)), BigInt(`0x${Buffer.from(bytes).toString('hex')}`))
    }),
  )
})

test('every single wrong character and every swap of neighbours is noticed', () => {
  const secret = formatSecret(Uint8Array.from({ length: 32 }, (_, at) => at * 7))
  for (let at = 4; at < secret.length; at += 1) {
    const wrong = secret[at] === 'x' ? 'y' : 'x'
    assert.equal(readSecretForm(secret.slice(0, at) + wrong + secret.slice(at + 1)), 'mistyped')
    const [left, right] = [secret[at]!, secret[at + 1] ?? '']
    if (left === right || right === '') continue
    const swapped = secret.slice(0, at) + right + left + secret.slice(at + 2)
    assert.equal(readSecretForm(swapped), 'mistyped')
  }
})

const forms: readonly [title: string, text: string, form: string][] = [
  ['last character cut', largest.slice(0, -1), 'mistyped'],
  ['one too many', `${largest}a`, 'mistyped'],
  ['newline behind', `${largest}\n`, 'mistyped'],
  ['prefix alone', 'mms_', 'mistyped'],
  ['foreign characters', `mms_${'-'.repeat(49)}`, 'mistyped'],
  ['check sum above 2^32', `${largest.slice(0, 47)}zzzzzz`, 'mistyped'],
  ['empty', '', 'foreign'],
  ['prefix in capitals', largest.replace('mms_', 'MMS_'), 'foreign'],
  ['space before', ` ${largest}`, 'foreign'],
  ['UUID', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6', 'foreign'],
]

for (const [title, text, form] of forms) {
  test(`${title} is ${form}`, () => assert.equal(readSecretForm(text), form))
}

test('any other number of random bytes is a fault of ours', () => {
  assert.throws(() => formatSecret(new Uint8Array(31)), RangeError)
  assert.throws(() => formatSecret(new Uint8Array(33)), RangeError)
})
