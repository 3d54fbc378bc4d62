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

test('an answer is JSON that says what was decided, whatever the scopes are called', () => {
  const whole = decided()
  const scopes = [['read'], ['"expires_in":-1'], ['a"b', '\\"expires_in":-1,'], ['ä\u2028']]
  for (const scopeAnswered of [false, true]) {
    for (const names of scopes) {
      const tokens = whole.tokens.map((plan) => ({ ...plan, scopes: names }))
      const decision = { ...whole, tokens, scopeAnswered }
      const one = (text: string, seconds: number) => ({
        access_token: text,
        token_type: 'Bearer',
        expires_in: seconds,
        ...(scopeAnswered && { scope: names.join(' ') }),
      })
      const lifetime = tokens[0]?.lifetimeSeconds ?? 0
      assert.deepEqual(JSON.parse(tokenAnswer(decision, ['a.b.c'])), one('a.b.c', lifetime))
      const { answer } = repeatOf(plannedOf(decision), { jti: 'j', text: 'a.b.c' })
      for (const seconds of [0, 7, 3600]) {
        assert.deepEqual(JSON.parse(answer(seconds)), one('a.b.c', seconds))
      }
      const both = { ...decision, tokens: [...tokens, ...tokens], severalTargets: true }
      assert.deepEqual(JSON.parse(tokenAnswer(both, ['a.b.c', 'd.e.f'])), {
        tokenResponses: [one('a.b.c', lifetime), one('d.e.f', lifetime)],
      })
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
