import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import { counterBytes, hotpOf } from './rfc4226-hotp.ts'
import { base32, totpAddress, totpStep, totpSteps } from './rfc6238-totp.ts'

const secret = Buffer.from('12345678901234567890')
const code = (counter: number, digits: number) =>
  hotpOf(createHmac('sha1', secret).update(counterBytes(counter)).digest(), digits)

describe('RFC 4226 Appendix D', () => {
  const values = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'
  for (const [counter, expected] of values.split(' ').entries()) {
    it(`count ${counter}`, () => assert.equal(code(counter, 6), expected))
  }
})

describe('RFC 6238 Appendix B, SHA-1', () => {
  for (const [seconds, expected] of [
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ] as const) {
    it(`${seconds} s`, () => assert.equal(code(totpStep(seconds * 1000), 8), expected))
  }
})

describe('steps that count', () => {
  it('are this one and its neighbours', () => {
    assert.deepEqual(totpSteps(300_000, 0), [10, 9, 11])
  })
  it('are newer than the last that was used', () => {
    assert.deepEqual(totpSteps(300_000, 9), [10, 11])
    assert.deepEqual(totpSteps(300_000, 10), [11])
    assert.deepEqual(totpSteps(300_000, 11), [])
  })
})

describe('RFC 4648 §10 in base 32', () => {
  for (const [text, expected] of [
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ] as const) {
    it(`"${text}"`, () => assert.equal(base32(Buffer.from(text)), expected))
  }
})

it('an address names who it is for, whatever the name', () => {
  const address = totpAddress('zoe&co', 'Default domain', Buffer.from('foobar'))
  assert.equal(
    address,
    'otpauth://totp/Default%20domain:zoe%26co?secret=MZXW6YTBOI&issuer=Default%20domain',
  )
})
