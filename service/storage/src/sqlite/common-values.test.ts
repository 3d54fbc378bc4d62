import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Condition } from '@mintmark/registry/query'
import { withDatabase } from '../contract-database.ts'
import { domainA, sampleApplication, sampleClient, sampleDomain } from '../contract-records.ts'
import { fewMax } from '../search/known-totals.ts'
import { createChangeSet, openRegistryTransaction, readRegistry } from '../stored-registry.ts'
import { putIdentityDomain } from '../tables/identity-domain.ts'
import { createSqliteTestDatabase } from './sqlite-test-database.ts'

const rare = 30

/** More than are sorted have one value, every thirtieth has another. */
const store = (statements: Parameters<typeof putIdentityDomain>[0]): Promise<void> => {
  const registry = openRegistryTransaction(statements, domainA, createChangeSet())
  const names = Array.from({ length: fewMax + 5 * rare }, (_, index) => String(10_000 + index))
  return names.reduce(async (before, name, index) => {
    await before
    const tag = { key: index % rare === 0 ? 'rare' : 'common', value: String(index % 2) }
    await registry.putApplication(
      sampleApplication(domainA, name, { client: sampleClient, tags: [tag] }),
    )
  }, Promise.resolve())
}

const key = (value: string): Condition => ({ kind: 'compare', field: 'key', operator: 'eq', value })
const tagged = (...conditions: readonly Condition[]): Condition => ({
  kind: 'some',
  field: 'tags',
  condition: conditions.length === 1 ? (conditions[0] as Condition) : { kind: 'and', conditions },
})
const even: Condition = { kind: 'compare', field: 'value', operator: 'eq', value: '0' }

const total = fewMax + 5 * rare
const rareTotal = Math.ceil(total / rare)

const cases: readonly (readonly [string, Condition, number, readonly number[]])[] = [
  ['one that most have', tagged(key('common')), total - rareTotal, [1, 2, 3]],
  ['one that few have', tagged(key('rare')), rareTotal, [0, 30, 60]],
  [
    'both of one element',
    tagged(key('common'), even),
    Array.from({ length: total }).filter((_, at) => at % 2 === 0 && at % rare !== 0).length,
    [2, 4, 6],
  ],
  [
    'what most have, or few',
    { kind: 'or', conditions: [tagged(key('common')), tagged(key('rare'))] },
    total,
    [0, 1, 2],
  ],
  ['not what most have', { kind: 'not', condition: tagged(key('common')) }, rareTotal, [0, 30, 60]],
  [
    'two kinds of them',
    { kind: 'and', conditions: [tagged(key('common')), tagged(key('rare'))] },
    0,
    [],
  ],
]

test('a value that very many have is listed in order, and exactly as many as have it', () =>
  withDatabase(createSqliteTestDatabase, async (database) => {
    await database.transaction(async (statements) => {
      await putIdentityDomain(statements, sampleDomain(domainA))
      await store(statements)
    })
    const registry = readRegistry(database.read, domainA)
    for (const [name, where, count, first] of cases) {
      const page = { where, sort: null, startIndex: 1, count: 3 }
      const found = await registry.search('application', page)
      assert.equal(found.total, count, name)
      assert.deepEqual(
        found.items.map(({ clientId }) => Number(clientId) - 10_000),
        first,
        name,
      )
    }
  }))
