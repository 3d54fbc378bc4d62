import assert from 'node:assert/strict'
import { test } from 'node:test'
import { targetOf, urlsOfHosts } from './postgres-url.ts'

const cases: readonly (readonly [string, readonly string[]])[] = [
  ['postgres://me@one/x', ['postgres://me@one/x']],
  ['postgres:///x?host=/run', ['postgres:///x?host=/run']],
  [
    'postgres://me:p%40@one:1,two:2/x',
    ['postgres://me:p%40@one:1/x', 'postgres://me:p%40@two:2/x'],
  ],
  [
    'postgresql://one,two/x?target_session_attrs=read-write&sslmode=verify-full',
    ['postgresql://one/x?sslmode=verify-full', 'postgresql://two/x?sslmode=verify-full'],
  ],
  [
    'postgres://a@%2Frun%2Fa,%2Frun%2Fb/x?sslmode=disable&target_session_attrs=primary',
    ['postgres://a@%2Frun%2Fa/x?sslmode=disable', 'postgres://a@%2Frun%2Fb/x?sslmode=disable'],
  ],
  ['postgres://one/x?target_session_attrs=any', ['postgres://one/x']],
]

test('a URL with several hosts is one for each of them', () => {
  for (const [url, urls] of cases) assert.deepEqual(urlsOfHosts(url), urls)
})

test('which of the hosts is wanted is read, where it is said', () => {
  assert.equal(targetOf('postgres://one,two/x?target_session_attrs=read-only'), 'read-only')
  assert.equal(targetOf('postgres://one/x?sslmode=disable'), null)
})
