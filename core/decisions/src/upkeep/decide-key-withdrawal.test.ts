import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SigningKey } from '@mintmark/registry/signing-key'
import { decideKeyWithdrawal } from './decide-key-withdrawal.ts'
import { foretellKeyStep } from './foretell-key-steps.ts'

const key = (text: string): SigningKey => {
  const [kid = '', algorithm, state, since] = text.split(' ')
  return {
    domain: 'd',
    kid,
    algorithm: algorithm as 'ES256',
    state: state as 'active',
    sealedPrivateKey: '',
    publicJwk: {},
    certificate: '',
    x5t: '',
    x5tS256: '',
    createdAtMs: 0,
    stateSinceMs: Number(since ?? 0),
  }
}

const keys = [
  'old ES256 retired',
  'now ES256 active',
  'next ES256 published',
  'later ES256 announced',
  'rsa RS256 active',
].map(key)

const rows: readonly [string, Parameters<typeof decideKeyWithdrawal>[1], string][] = [
  ['an algorithm', { algorithm: 'ES256' }, 'now next later; new ES256'],
  ['the other', { algorithm: 'RS256' }, 'rsa; new RS256'],
  ['the active key', { kid: 'now' }, 'now; new ES256'],
  ['one that waits', { kid: 'next' }, 'next; new '],
  ['a retired one', { kid: 'old' }, 'old; new '],
  ['one that there is not', { kid: 'x' }, 'nothing'],
]

for (const [what, wish, expected] of rows) {
  test(`key withdrawal: ${what}`, () => {
    const decided = decideKeyWithdrawal(keys, wish, 1000)
    const kids = decided?.keys.map(({ kid }) => kid)
    assert.equal(
      decided === null ? 'nothing' : `${kids?.join(' ')}; new ${decided.replaced.join()}`,
      expected,
    )
    assert.deepEqual(
      decided?.revocations.map(({ kind, subject }) => `${kind} ${subject}`),
      kids?.map((kid) => `key ${kid}`),
    )
  })
}

test('a withdrawn key is told of for as long as a token can live', () => {
  const [row] = decideKeyWithdrawal(keys, { kid: 'now' }, 1000)?.revocations ?? []
  assert.equal(row?.expiresAtMs, 1000 + 31_536_000_000)
})

const policy = { rotateAfterMs: 1000, publishLeadMs: 100, keepRetiredMs: 500 }

const foretold: readonly [string, string, string][] = [
  ['a ES256 announced 7', '', 'publish 7'],
  ['a ES256 published 7', 'b ES256 active 1', 'activate 107'],
  ['a ES256 active 7', 'b ES256 retired 1', 'replace 1007'],
  ['a ES256 active 7', 'b ES256 published 9', 'retire 109'],
  ['a ES256 active 7', 'b RS256 published 9', 'replace 1007'],
  ['a ES256 retired 7', 'b ES256 active 1', 'remove 507'],
]

for (const [mine, other, expected] of foretold) {
  test(`next step of ${mine} beside ${other || 'nothing'}: ${expected}`, () => {
    const subject = key(mine)
    const { step, atMs } = foretellKeyStep(subject, [subject, key(other)], policy)
    assert.equal(`${step} ${atMs}`, expected)
  })
}
