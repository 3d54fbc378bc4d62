import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGuard } from './guard.ts'
import { readRequirement } from './requirement.ts'
import { testIssuer } from './testing.ts'

test('who sends no, two or a broken Authorization field is told which', async () => {
  const issuer = await testIssuer()
  const guarded = createGuard(issuer.guardOptions)
  const bearer = `Bearer ${issuer.token()}`
  const cases: readonly [fields: readonly string[], reason: string, status: number][] = [
    [[], 'TOKEN_MISSING', 401],
    [[bearer, bearer], 'AUTHORIZATION_REPEATED', 400],
    [['Bearer a b'], 'AUTHORIZATION_MALFORMED', 400],
  ]
  for (const [fields, reason, status] of cases) {
    const request = {
      method: 'GET',
      url: '/',
      fields: (name: string) => (name === 'authorization' ? fields : []),
      raw: null,
    }
    const verdict = await guarded.check(request, readRequirement(undefined))
    assert.ok(!verdict.ok)
    assert.deepEqual([verdict.refusal.reason, verdict.answer.status], [reason, status])
  }
})
