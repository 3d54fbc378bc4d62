import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Change, ChangeStep } from './change.ts'
import { decideFreshProof, isProofFresh, proofMs } from './decide-fresh-proof.ts'

const administrator = (provedAtMs?: number) => ({
  applicationId: 'a',
  clientId: 'user:zoe',
  displayName: 'Zoe',
  roleNames: [],
  ...(provedAtMs === undefined ? {} : { provedAtMs }),
})

const change = (step: object, told: Pick<Change, 'before' | 'after'>): Change => ({
  steps: [step as ChangeStep],
  action: 'x',
  object: 'x',
  ...told,
})
const untold = { before: null, after: null }
const nowMs = 10_000_000

describe('a stale session', () => {
  for (const [what, step, told, isRefused] of [
    ['a secret', { step: 'put-secret' }, untold, true],
    ['the end of a secret', { step: 'delete-secret' }, untold, true],
    ['a certificate', { step: 'put-certificate' }, untold, true],
    ['a trusted authority', { step: 'put-partner-certificate' }, untold, true],
    ['the end of an application', { step: 'delete-application' }, untold, true],
    ['a user', { step: 'put-user' }, untold, true],
    ['members', { step: 'put-members' }, untold, true],
    [
      'an administrator',
      { step: 'put-grant', grant: { applicationId: 'IDCSAppId' } },
      untold,
      true,
    ],
    [
      'one administrator less',
      { step: 'delete-grant', grant: { applicationId: 'IDCSAppId' } },
      untold,
      true,
    ],
    ['a role of an API', { step: 'put-grant', grant: { applicationId: 'orders' } }, untold, false],
    ['settings', { step: 'put-settings' }, untold, false],
    ['a new application', { step: 'put-application' }, { before: null, after: {} }, false],
    [
      'a name',
      { step: 'put-application' },
      { before: { displayName: 'a' }, after: { displayName: 'b' } },
      false,
    ],
    [
      'keys',
      { step: 'put-application' },
      { before: { client: { jwks: null } }, after: { client: { jwks: [{ kid: 'a' }] } } },
      true,
    ],
    [
      'scopes',
      { step: 'put-application' },
      { before: { client: { scopes: [] } }, after: { client: { scopes: ['a'] } } },
      false,
    ],
  ] as const) {
    it(`${isRefused ? 'may not change' : 'may change'} ${what}`, () => {
      const outcome = decideFreshProof(administrator(0), change(step, told), nowMs)
      assert.equal(outcome.ok ? null : outcome.failure.reason, isRefused ? 'PROOF_TOO_OLD' : null)
      assert.equal(decideFreshProof(administrator(nowMs), change(step, told), nowMs).ok, true)
      assert.equal(decideFreshProof(administrator(), change(step, told), nowMs).ok, true)
    })
  }

  it('is one after 5 minutes', () => {
    assert.equal(isProofFresh(administrator(1), proofMs), true)
    assert.equal(isProofFresh(administrator(0), proofMs), false)
  })
})
