import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listResponse, readPage } from './rfc7644-list-response.ts'

const pages: readonly [string | undefined, string | undefined, number, number][] = [
  [undefined, undefined, 1, 50],
  ['0', '10', 1, 10],
  ['-5', '-1', 1, 50],
  ['11', '0', 11, 0],
  ['1', '5000', 1, 1000],
]

test('RFC 7644 §3.4.2.4: pages, with the defaults of an identity domain', () => {
  for (const [startIndex, count, first, size] of pages) {
    assert.deepEqual(readPage(startIndex, count), {
      ok: true,
      value: { startIndex: first, count: size },
    })
  }
  for (const bad of ['', 'x', '1.5', '1e3', '99999999999']) {
    assert.equal(readPage(bad, undefined).ok, false, bad)
    assert.equal(readPage(undefined, bad).ok, false, bad)
  }
})

test('RFC 7644 §3.4.2: the list', () => {
  const list = listResponse([{ id: 'a' }], 7, { startIndex: 3, count: 1 })
  assert.deepEqual(list, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: 7,
    Resources: [{ id: 'a' }],
    startIndex: 3,
    itemsPerPage: 1,
  })
})
