import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideTokenRequest } from '@mintmark/decisions/token/decide-token-request'
import {
  apiFacet,
  application,
  catalogOf,
  proof,
  snapshotOf,
} from '@mintmark/decisions/token/example-domain'
import type { TokenDecision } from '@mintmark/decisions/token/token-plan'
import type { Planned } from './last-plans.ts'
import { repeatOf, tokenAnswer } from './token-answer.ts'

const audience = 'https://orders.example/'
const scope = `${audience}read`
const api = application('orders', { resourceServer: apiFacet(audience, ['read']) })

const decided = (): TokenDecision => {
  const policy = { trustScope: 'Explicit', allowedScopes: [scope], allowedTags: [] } as const
  const snapshot = snapshotOf(catalogOf([api], []), { policy })
  const request = { grantType: 'client_credentials', scope, resources: [] }
  const decision = decideTokenRequest(request, proof(), snapshot)
  assert.ok(decision.ok, JSON.stringify(decision))
  return decision.value
}

const plannedOf = (decision: TokenDecision, asked = scope): Planned => ({
  decision,
  detail: { api: ['orders'], asked },
  mark: '01234567',
  reuseKey: 'k',
})

test('the prepared answer is the answer, whatever the scopes are called', () => {
  const whole = decided()
  const scopes = [['read'], ['"expires_in":-1'], ['a"b', '\\"expires_in":-1,']]
  for (const scopeAnswered of [false, true]) {
    for (const names of scopes) {
      const tokens = whole.tokens.map((plan) => ({ ...plan, scopes: names }))
      const decision = { ...whole, tokens, scopeAnswered }
      const { answer } = repeatOf(plannedOf(decision), { jti: 'j', text: 'a.b.c' })
      for (const seconds of [0, 7, 3600]) {
        assert.equal(answer(seconds), JSON.stringify(tokenAnswer(decision, ['a.b.c'], seconds)))
      }
    }
  }
})

test('alike is what says the same of the same token', () => {
  const decision = decided()
  const one = { jti: '1', text: 'a.b.c' }
  const planned = plannedOf(decision)
  const { alike, detail } = repeatOf(planned, one)
  assert.deepEqual(detail, { ...planned.detail, reissued: true })
  assert.equal(repeatOf(plannedOf(decision), one).alike, alike)
  assert.notEqual(repeatOf(plannedOf(decision, 'read'), one).alike, alike)
  assert.notEqual(repeatOf(planned, { jti: '2', text: 'd.e.f' }).alike, alike)
  assert.match(repeatOf(planned, { jti: '2', text: 'd.e.f' }).answer(1), /d\.e\.f/)
  assert.equal(repeatOf(planned, one).alike, alike)
})
