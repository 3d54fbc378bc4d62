import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type BulkOperation,
  bulkExtensionSchema,
  readBulkRequest,
  resolveBulkReferences,
} from './rfc7644-bulk.ts'

const post = { method: 'post', path: '/Apps', bulkId: 'a', data: { displayName: 'A' } }

test('RFC 7644 §3.7: reads operations, whatever the case of the method', () => {
  const request = readBulkRequest({
    Operations: [post, { method: 'DELETE', path: '/Apps/1', version: 'W/"x"' }],
    failOnErrors: 2,
    [bulkExtensionSchema]: { atomic: true },
  })
  assert.ok(request.ok)
  assert.deepEqual(request.value, {
    operations: [
      { ...post, method: 'POST', version: null },
      { method: 'DELETE', path: '/Apps/1', bulkId: null, version: 'W/"x"', data: null },
    ],
    failOnErrors: 2,
    atomic: true,
    dryRun: false,
  })
})

const malformed: readonly [string, unknown, string][] = [
  ['not an object', [], 'BODY_NOT_AN_OBJECT'],
  ['no operations', {}, 'VALUE_INVALID'],
  ['too many', { Operations: Array(1001).fill(post) }, 'TOO_MANY_OPERATIONS'],
  ['a method that is none', { Operations: [{ ...post, method: 'GET' }] }, 'VALUE_INVALID'],
  ['a path without slash', { Operations: [{ ...post, path: 'Apps' }] }, 'VALUE_INVALID'],
  ['a POST without bulkId', { Operations: [{ ...post, bulkId: undefined }] }, 'VALUE_INVALID'],
  ['a bulkId twice', { Operations: [post, post] }, 'VALUE_INVALID'],
  ['failOnErrors 0', { Operations: [post], failOnErrors: 0 }, 'VALUE_INVALID'],
  ['atomic as text', { Operations: [], [bulkExtensionSchema]: { atomic: 'yes' } }, 'VALUE_INVALID'],
  [
    'a misspelt flag',
    { Operations: [], [bulkExtensionSchema]: { dryrun: true } },
    'ATTRIBUTE_UNKNOWN',
  ],
  ['a misspelt member', { operations: [] }, 'ATTRIBUTE_UNKNOWN'],
]

test('a Bulk request that is none is refused whole', () => {
  for (const [what, body, reason] of malformed) {
    const request = readBulkRequest(body)
    assert.ok(!request.ok, what)
    assert.equal(request.failure.reason, reason, what)
  }
})

test('RFC 7644 §3.7.2: references to what earlier operations made', () => {
  const operation: BulkOperation = {
    method: 'PUT',
    path: '/Apps/bulkId:a',
    bulkId: null,
    version: null,
    data: JSON.parse(
      '{"x":[{"value":"bulkId:a"}],"text":"no bulkId:a here","__proto__":"bulkId:a"}',
    ),
  }
  const resolved = resolveBulkReferences(operation, new Map([['a', 'id-1']]))
  assert.ok(resolved.ok)
  assert.equal(resolved.value.path, '/Apps/id-1')
  assert.equal(
    JSON.stringify(resolved.value.data),
    '{"x":[{"value":"id-1"}],"text":"no bulkId:a here","__proto__":"id-1"}',
  )
  assert.equal(Object.getPrototypeOf(resolved.value.data), Object.prototype)
  const unknown = resolveBulkReferences(operation, new Map())
  assert.equal(!unknown.ok && unknown.failure.reason, 'BULK_REFERENCE_UNKNOWN')
})
