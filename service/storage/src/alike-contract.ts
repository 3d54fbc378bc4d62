import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openAuditReader } from './audit-reader.ts'
import type { CreateTestDatabase } from './contract-database.ts'
import { entryOf, proofOf, storedEvents, withLedger } from './contract-ledger-stand.ts'
import { domainA } from './contract-records.ts'

/** Entries that say the same are one event of their commit. */
export const alikeContract = (create: CreateTestDatabase): void => {
  it('counts what is alike in one commit, and names each', () =>
    withLedger(create, async ({ database, ledger }) => {
      const alikeOf = (ecid: string, alike: string, source = '::1') => {
        const { event } = entryOf(ecid)
        return entryOf(ecid, { event: { ...event, source, detail: { of: alike } }, alike })
      }
      const asked = [
        alikeOf('a1', 'a'),
        entryOf('x'),
        alikeOf('b1', 'b'),
        alikeOf('a2', 'a'),
        alikeOf('a3', 'a', '::2'),
        ...Array.from({ length: 130 }, (_, at) => alikeOf(`b${at + 2}`, 'b')),
      ]
      const outcomes = await Promise.all(asked.map((each) => ledger.record(each)))
      assert.deepEqual(new Set(outcomes), new Set(['recorded']))
      await ledger.record(alikeOf('a4', 'a'))
      const told = (await storedEvents(database)).map(({ ecid, source, detail }) => {
        const of = Array.isArray(detail?.['of']) ? detail['of'] : []
        return [ecid, source, detail?.['count'], of.length, of[0]]
      })
      assert.deepEqual(told, [
        ['x', undefined, undefined, 0, undefined],
        ['a1', '::1', 2, 1, ['a2', null]],
        ['b1', '::1', 128, 127, ['b2', null]],
        ['a3', '::2', undefined, 0, undefined],
        ['b129', '::1', 3, 2, ['b130', null]],
        ['a4', '::1', undefined, 0, undefined],
      ])
    }))

  it('counts what is alike but for its object, and finds it by that', () =>
    withLedger(create, async ({ database, ledger }) => {
      const about = (ecid: string, object: string) => {
        const { event } = entryOf(ecid)
        return ledger.record(entryOf(ecid, { event: { ...event, object }, alike: 'a' }))
      }
      await Promise.all([about('1', 'red'), about('2', 'green'), about('3', 'red')])
      const [event] = await storedEvents(database)
      const detail = { count: 3, of: [['2', 'green'] as const, ['3', null] as const] }
      assert.deepEqual([event?.object, event?.detail], ['red', detail])
      const audit = openAuditReader(database.read, domainA)
      for (const query of [{ object: 'gree' }, { object: 'red' }, { ecid: '2' }, { ecid: '3' }]) {
        assert.equal((await audit.search(query, null, 10)).events.length, 1)
      }
      assert.equal((await audit.search({ object: 'blue' }, null, 10)).events.length, 0)
    }))

  it('of what is alike, refuses what was used and what has been overtaken', () =>
    withLedger(create, async ({ database, ledger }) => {
      const once = (name: string) => [proofOf(name)]
      ledger.markChanged(['changed'], 7)
      const outcomes = await Promise.all([
        ledger.record(entryOf('one', { once: once('p'), alike: 'a' })),
        ledger.record(entryOf('again', { once: once('p'), alike: 'a' })),
        ledger.record(entryOf('stale', { clientId: 'changed', sequence: 6, alike: 'a' })),
        ledger.record(entryOf('two', { once: once('q'), alike: 'a' })),
      ])
      assert.deepEqual(outcomes, ['recorded', 'replayed', 'stale', 'recorded'])
      const events = await storedEvents(database)
      assert.deepEqual(
        events.map(({ ecid, reason, detail }) => [ecid, reason, detail?.['of']]),
        [
          ['again', 'ASSERTION_REPLAYED', undefined],
          ['one', undefined, [['two', null]]],
        ],
      )
    }))
}
