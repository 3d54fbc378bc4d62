import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { refusalText } from './rfc7644-error.ts'
import {
  listResponse,
  nextPageToken,
  type PageParameters,
  readPage,
  readPageParameters,
} from './rfc7644-list-response.ts'

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

test('paging by page and limit: every resource once, in order', () => {
  const sizes = fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 1, max: 1500 }))
  fc.assert(
    fc.property(sizes, ([total, limit]) => {
      const seen: number[] = []
      let token: string | null = null
      do {
        const page = readPageParameters({
          limit: String(limit),
          ...(token === null ? {} : { page: token }),
        })
        assert.ok(page.ok)
        assert.equal(page.value.style, 'token')
        assert.equal(page.value.count, Math.min(limit, 1000))
        const { startIndex, count } = page.value
        for (let at = startIndex; at < startIndex + count && at <= total; at++) seen.push(at)
        token = nextPageToken(page.value, total)
      } while (token !== null)
      assert.equal(seen.length, total)
      assert.ok(seen.every((each, at) => each === at + 1))
    }),
    { numRuns: 50 },
  )
})

const asked: readonly [PageParameters, number, number, 'index' | 'token'][] = [
  [{}, 1, 50, 'index'],
  [{ startIndex: '11', count: '10' }, 11, 10, 'index'],
  [{ limit: '10' }, 1, 10, 'token'],
  [{ limit: '9999' }, 1, 1000, 'token'],
  [{ page: 'p1f' }, 51, 50, 'token'],
]

test('either style of paging', () => {
  for (const [query, startIndex, count, style] of asked) {
    assert.deepEqual(readPageParameters(query), { ok: true, value: { startIndex, count, style } })
  }
})

const unreadable: readonly [PageParameters, RegExp][] = [
  [{ limit: '10', startIndex: '1' }, /limit and startIndex are two.*Send startIndex and count, or/],
  [{ page: 'p1', count: '5' }, /page and count are two/],
  [{ limit: '0' }, /limit must be above 0/],
  [{ limit: '-1' }, /limit must be above 0/],
  [{ limit: 'ten' }, /limit must be a whole number/],
  ...['', 'p', 'p0', '51', 'P1f', 'p1f ', 'pzzzzzzz'].map((page): [PageParameters, RegExp] => [
    { page },
    /page is not one.*opc-next-page/,
  ]),
]

test('pages that cannot be', () => {
  for (const [query, message] of unreadable) {
    const page = readPageParameters(query)
    assert.ok(!page.ok, JSON.stringify(query))
    assert.equal(page.failure.reason, 'QUERY_MALFORMED')
    assert.match(refusalText(page.failure), message)
  }
})
