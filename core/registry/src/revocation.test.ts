import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientsEnded, clocksApartMsMax, coverRecorded, type Revocation } from './revocation.ts'

const atMs = 1_700_000_000_000
const mark: Revocation = {
  domain: 'd',
  kind: 'client',
  subject: 'app',
  issuedBeforeMs: atMs,
  expiresAtMs: atMs + 3_600_000,
}

test('a revocation covers what faster clocks have dated, as far as clocks may differ', () => {
  const table: readonly [what: string, latestMs: number, expectedMs: number][] = [
    ['nothing on record', 0, atMs],
    ['a record from before', atMs - 1, atMs],
    ['a faster clock', atMs + 1, atMs + 1],
    ['the fastest that may be', atMs + clocksApartMsMax, atMs + clocksApartMsMax],
    ['one that is wrong', atMs + clocksApartMsMax + 1, atMs],
  ]
  for (const [what, latestMs, issuedBeforeMs] of table) {
    const end = { latestMs, tokensUntilMs: null }
    assert.deepEqual(coverRecorded(mark, end, atMs), { ...mark, issuedBeforeMs }, what)
    const waited = { ...mark, issuedBeforeMs: atMs - 60_000 }
    assert.deepEqual(coverRecorded(waited, end, atMs), { ...mark, issuedBeforeMs }, `late: ${what}`)
  }
})

test('a revocation stays for as long as the last token that is on record', () => {
  const hour = atMs + 3_600_000
  const table: readonly [
    what: string,
    kind: Revocation['kind'],
    tokensUntilMs: number | null,
    expectedMs: number,
  ][] = [
    ['tokens of a minute', 'client', atMs + 60_000, atMs + 60_000],
    ['of a credential', 'credential', atMs + 60_000, atMs + 60_000],
    ['for an API', 'audience', atMs + 60_000, atMs + 60_000],
    ['of a client for an API', 'grant', atMs + 60_000, atMs + 60_000],
    ['no token alive', 'client', atMs - 1, atMs],
    ['none ever issued', 'client', 0, atMs],
    ['no longer than any may live', 'client', hour + 1, hour],
    ['nobody knows', 'client', null, hour],
    ['one token has its own end', 'token', atMs + 60_000, hour],
    ['who has the key signs what is not on record', 'key', atMs + 60_000, hour],
  ]
  for (const [what, kind, tokensUntilMs, expiresAtMs] of table) {
    const end = { latestMs: 0, tokensUntilMs }
    assert.equal(coverRecorded({ ...mark, kind }, end, atMs).expiresAtMs, expiresAtMs, what)
  }
})

test('clients whose requests in flight are decided again are those that a mark names', () => {
  const one = { ...mark, clientId: 'one' }
  assert.deepEqual(clientsEnded([one, { ...mark, kind: 'token' }]), ['one'])
})
