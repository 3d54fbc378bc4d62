import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SigningKey, SigningKeyState } from '@mintmark/registry/signing-key'
import { decideKeyRotation, signingKeysMax } from './decide-key-rotation.ts'

const policy = { rotateAfterMs: 1000, publishLeadMs: 100, keepRetiredMs: 500 }

const key = (kid: string, state: SigningKeyState, stateSinceMs: number): SigningKey => ({
  domain: 'd',
  kid,
  algorithm: 'ES256',
  state,
  sealedPrivateKey: '',
  publicJwk: {},
  certificate: '',
  x5t: '',
  x5tS256: '',
  createdAtMs: 0,
  stateSinceMs,
})

const rows: readonly [string, readonly SigningKey[], number, string][] = [
  ['no key at all', [], 0, 'create active'],
  ['young key', [key('a', 'active', 0)], 999, 'nothing'],
  ['old key', [key('a', 'active', 0)], 1000, 'create announced'],
  ['announced', [key('a', 'active', 0), key('b', 'announced', 1000)], 1000, 'publish b'],
  [
    'published, not yet everywhere',
    [key('a', 'active', 0), key('b', 'published', 1000)],
    1099,
    'nothing',
  ],
  [
    'published everywhere',
    [key('a', 'active', 0), key('b', 'published', 1000)],
    1100,
    'activate b retire a',
  ],
  ['retired, tokens alive', [key('a', 'retired', 1100), key('b', 'active', 1100)], 1599, 'nothing'],
  ['retired, tokens gone', [key('a', 'retired', 1100), key('b', 'active', 1100)], 1600, 'remove a'],
  ['only a retired key is left', [key('a', 'retired', 0)], 10, 'create active'],
  ['two active after a crash', [key('a', 'active', 0), key('b', 'active', 5)], 1001, 'nothing'],
]

for (const [name, keys, nowMs, expected] of rows) {
  test(`key rotation: ${name}`, () => {
    const step = decideKeyRotation(keys, 'ES256', nowMs, policy)
    const said =
      step === null
        ? 'nothing'
        : step.step === 'create'
          ? `create ${step.as}`
          : step.step === 'activate'
            ? `activate ${step.key.kid} retire ${step.retire.map((each) => each.kid).join()}`
            : `${step.step} ${step.key.kid}`
    assert.equal(said, expected)
  })
}

test('key rotation: a key set that is full gets no other key, and is emptied by time', () => {
  const retired = Array.from({ length: signingKeysMax }, (_, at) => key(`r${at}`, 'retired', 900))
  const keys = [key('a', 'active', 0), ...retired]
  assert.equal(decideKeyRotation(keys, 'ES256', 1000, policy), null)
  assert.equal(decideKeyRotation(keys, 'ES256', 1400, policy)?.step, 'remove')
  const fewer = keys.slice(0, signingKeysMax - 1)
  assert.equal(decideKeyRotation(fewer, 'ES256', 1000, policy)?.step, 'create')
})

test('key rotation: keys of another algorithm do not count', () => {
  const step = decideKeyRotation([key('a', 'active', 0)], 'RS256', 10, policy)
  assert.equal(step?.step, 'create')
})
