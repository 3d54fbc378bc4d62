import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keepNewest, keptMax, type LiveRequest, readWish, sift } from './live-request.ts'

const requestOf = (at: number, members: Partial<LiveRequest> = {}): LiveRequest => ({
  at: '2026-01-01T00:00:00.000Z',
  ecid: `e${at}`,
  endpoint: 'token',
  status: 200,
  ms: 1,
  source: '10.0.0.1',
  client: 'billing',
  api: 'Orders',
  scopes: 'orders.read',
  reason: null,
  detail: null,
  ...members,
})

const seen = [
  requestOf(1),
  requestOf(2, { reason: 'SCOPE_NOT_GRANTED', client: 'reports' }),
  requestOf(3, { reason: 'CLIENT_UNKNOWN', client: null, api: null }),
  requestOf(4, { reason: 'SCOPE_NOT_GRANTED', endpoint: 'introspect' }),
]

const shown = (query: string): string =>
  sift(seen, readWish(new URLSearchParams(query)))
    .shown.map(({ ecid }) => ecid)
    .join(' ')

for (const [query, expected] of [
  ['', 'e1 e2 e3 e4'],
  ['show=denied', 'e2 e3 e4'],
  ['show=allowed', 'e1'],
  ['show=anything', 'e1 e2 e3 e4'],
  ['reason=SCOPE_NOT_GRANTED', 'e2 e4'],
  ['reason=SCOPE_NOT_GRANTED,CLIENT_UNKNOWN', 'e2 e3 e4'],
  ['endpoint=introspect', 'e4'],
  ['q=REPORTS+orders', 'e2'],
  ['q=10.0.0.1&show=allowed', 'e1'],
] as const) {
  test(`shown with "${query}"`, () => assert.equal(shown(query), expected))
}

test('counts say what each choice would show, those chosen also when there are none', () => {
  const { all, denied, reasons } = sift(
    seen,
    readWish(new URLSearchParams('reason=GONE&q=billing')),
  )
  assert.deepEqual(
    [all, denied, reasons],
    [
      2,
      1,
      [
        ['SCOPE_NOT_GRANTED', 1],
        ['GONE', 0],
      ],
    ],
  )
})

test('the newest are kept, each once', () => {
  const many = Array.from({ length: keptMax + 5 }, (_, at) => requestOf(at))
  const kept = keepNewest(keepNewest([], many), [requestOf(keptMax), requestOf(5000)])
  assert.equal(kept.length, keptMax)
  assert.deepEqual([kept[0]?.ecid, kept[1]?.ecid], ['e5000', `e${keptMax + 4}`])
})
