import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administrationRefusalReasons } from './administration-refusal.ts'
import { scimError } from './rfc7644-error.ts'

test('RFC 7644 §3.12: every reason has a body with a string status and a message id', () => {
  for (const reason of administrationRefusalReasons) {
    const { status, body } = scimError({ reason, what: 'What.', why: 'Why.', fix: 'Fix.' })
    assert.ok(status >= 400 && status <= 503, reason)
    assert.equal(body['status'], String(status))
    assert.equal(body['detail'], 'What. Why. Fix.')
    const [standard, domain] = body['schemas'] as string[]
    assert.equal(standard, 'urn:ietf:params:scim:api:messages:2.0:Error')
    const own = body[domain as string] as { messageId: string }
    assert.match(own.messageId, /^error\.common\.[a-z]+\.[A-Za-z]+$/)
  }
})

test('statuses that others rely on', () => {
  const status = (reason: (typeof administrationRefusalReasons)[number]) =>
    scimError({ reason, what: '' }).status
  assert.equal(status('ACCESS_DENIED'), 401) // the domain's own, not 403
  assert.equal(status('VALUE_TAKEN'), 409)
  assert.equal(status('VERSION_STALE'), 412)
  assert.equal(status('TOO_MANY_OPERATIONS'), 413)
  assert.equal(status('APPLICATION_ACTIVE'), 400)
  assert.equal(status('RESOURCE_NOT_FOUND'), 404)
})
