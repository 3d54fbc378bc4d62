import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Application } from '@mintmark/registry/application'
import type { Condition } from '@mintmark/registry/query'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import { countApplications } from './application-counts.ts'
import { type CreateTestDatabase, withDatabase } from './contract-database.ts'
import {
  domainA,
  sampleApplication,
  sampleClient,
  sampleDomain,
  sampleResourceServer,
} from './contract-records.ts'
import { createCountMemory } from './count-memory.ts'
import type { Database, SqlValue, Statements } from './database.ts'
import { createChangeSet, openRegistryTransaction, readRegistry } from './stored-registry.ts'
import { countedValuesOf, flagsOf } from './tables/application.ts'
import { putIdentityDomain } from './tables/identity-domain.ts'
import { putCountedUntil } from './tables/registry-standing.ts'

const change = (
  database: Database,
  work: (registry: RegistryTransaction) => Promise<void>,
): Promise<void> =>
  database.transaction((statements) =>
    work(openRegistryTransaction(statements, domainA, createChangeSet(), database.dialect)),
  )

const clientTypes = ['confidential', 'trusted'] as const

/** A client of one of a few kinds, or an application that is none. */
const made = (index: number, kind = index): Application => {
  const client = { ...sampleClient, clientType: clientTypes[kind % 2] ?? 'trusted' }
  return {
    ...sampleApplication(domainA, `app${String(index).padStart(3, '0')}`),
    active: kind % 5 !== 0,
    client: kind % 7 === 0 ? null : client,
    tags: kind % 3 === 0 ? [{ key: 'Team', value: `t${kind % 4}` }] : [],
  }
}

const countOf = (items: Iterable<Application>): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const item of items) {
    for (const value of countedValuesOf(item)) {
      const key = [...value, flagsOf(item)].join(' ')
      counts[key] = (counts[key] ?? 0) + 1
    }
  }
  return counts
}

const storedCounts = async ({ read }: Database): Promise<Record<string, number>> => {
  const rows = await read.all(
    'SELECT field, value, flags, total FROM application_count WHERE domain_id = $1',
    [domainA],
  )
  return Object.fromEntries(
    rows.map((row) => [`${row['field']} ${row['value']} ${row['flags']}`, Number(row['total'])]),
  )
}

const compare = (field: string, value: string | boolean): Condition => ({
  kind: 'compare',
  field,
  operator: 'eq',
  value,
})

const asked: readonly (Condition | null)[] = [
  null,
  compare('active', false),
  compare('clientType', 'trusted'),
  compare('tags.key', 'team'),
  { kind: 'some', field: 'tags', condition: compare('value', 't1') },
  { kind: 'and', conditions: [compare('isOAuthClient', true), compare('active', true)] },
  { kind: 'and', conditions: [compare('clientType', 'trusted'), compare('active', true)] },
]

/** What a condition is about, said of the record itself. */
const holds = (item: Application, index: number): boolean =>
  [
    true,
    !item.active,
    item.client?.clientType === 'trusted',
    item.tags.length > 0,
    item.tags.some(({ value }) => value === 't1'),
    item.client !== null && item.active,
    item.client?.clientType === 'trusted' && item.active,
  ][index] === true

const checkLists = async (
  database: Database,
  statements: Statements,
  items: readonly Application[],
): Promise<void> => {
  const registry = readRegistry(statements, domainA, database.dialect)
  for (const [index, where] of asked.entries()) {
    const expected = items.filter((item) => holds(item, index)).map(({ id }) => id)
    const page = { where, sort: { field: 'name', descending: false }, startIndex: 3, count: 4 }
    const found = await registry.search('application', page)
    assert.equal(found.total, expected.length, JSON.stringify(where))
    assert.deepEqual(
      found.items.map(({ id }) => id),
      expected.slice(2, 6),
      JSON.stringify(where),
    )
    const { total } = await registry.search('application', { ...page, count: 0 })
    assert.equal(total, expected.length, JSON.stringify(where))
  }
}

const count = 130

/** Counts say what is there, whatever was changed before, during and after their making. */
export const applicationCountContract = (create: CreateTestDatabase): void => {
  it('counts applications while they are changed, and after an upgrade those that there were', () =>
    withDatabase(create, async (database) => {
      await database.transaction((statements) =>
        putIdentityDomain(statements, sampleDomain(domainA)),
      )
      const items = new Map<string, Application>()
      const put = (...changed: readonly Application[]) =>
        change(database, async (registry) => {
          for (const each of changed) {
            items.set(each.id, each)
            await registry.putApplication(each)
          }
        })
      const all = () => [...items.values()].toSorted((a, b) => (a.clientId < b.clientId ? -1 : 1))
      const check = async (): Promise<void> => {
        assert.deepEqual(await storedCounts(database), countOf(items.values()))
        await checkLists(database, database.read, all())
      }
      await put(...Array.from({ length: count }, (_, index) => made(index)))
      await check()
      await put(made(3, 4), made(4, 7), made(5, 6))
      await check()
      const later: readonly SqlValue[] = [domainA]
      await database.transaction(async (statements) => {
        await statements.run('DELETE FROM application_count WHERE domain_id = $1', later)
        await statements.run("DELETE FROM application_value WHERE field LIKE 'tags%'", [])
        await putCountedUntil(statements, domainA, '')
      })
      await checkLists(database, database.read, all())
      let steps = 0
      // a page is counted; then one of it, and one that waits for its turn, are changed
      await countApplications(database, domainA, () => {
        steps += 1
        return steps > 1
      })
      const [first, last] = [all()[0], all().at(-1)] as [Application, Application]
      await put({ ...first, active: !first.active }, { ...last, active: !last.active })
      await put(made(count), made(-1 + count, 9))
      await change(database, async (registry) => {
        for (const { id } of [all()[7], all()[100]] as Application[]) {
          await registry.deleteApplication(id)
          items.delete(id)
        }
      })
      await checkLists(database, database.read, all())
      await countApplications(database, domainA, () => false)
      await check()
      for (const { id } of all()) await change(database, (r) => r.deleteApplication(id))
      assert.deepEqual(await storedCounts(database), {})
    }))

  rememberedCountContract(create)
}

const rememberedCountContract = (create: CreateTestDatabase): void => {
  it('counts again only when something was changed', () =>
    withDatabase(create, async (database) => {
      await database.transaction((statements) =>
        putIdentityDomain(statements, sampleDomain(domainA)),
      )
      const put = (from: number, to: number) =>
        change(database, async (registry) => {
          for (let index = from; index < to; index += 1) await registry.putApplication(made(index))
        })
      await put(0, 20)
      let counted = 0
      const statements: Statements = {
        ...database.read,
        all: (sql, params) => {
          if (/count\(\*\)|MATERIALIZED/.test(sql)) counted += 1
          return database.read.all(sql, params)
        },
        counted: createCountMemory(),
      }
      const ask = async (field: string, count: number) => {
        const registry = readRegistry(statements, domainA, database.dialect)
        const where = { kind: 'present', field } as const
        const page = { where, sort: null, startIndex: 1, count }
        const { total, items } = await registry.search('application', page)
        return [total, items.length, counted]
      }
      const [before = 0] = await ask('clientType', 0)
      assert.deepEqual(await ask('clientType', 0), [before, 0, 1])
      assert.deepEqual(await ask('audience', 10), [0, 0, 2])
      assert.deepEqual(await ask('audience', 10), [0, 0, 2])
      await put(20, 22)
      assert.deepEqual(await ask('clientType', 0), [before + 1, 0, 3])
      assert.deepEqual(await ask('clientType', 5), [before + 1, 5, 4])
      assert.deepEqual(await ask('audience', 10), [0, 0, 5])
      const api = { ...made(30), resourceServer: sampleResourceServer }
      await change(database, (registry) => registry.putApplication(api))
      assert.deepEqual(await ask('audience', 10), [1, 1, 6])
      assert.deepEqual(await ask('audience', 10), [1, 1, 7])
      await change(database, (registry) => registry.deleteApplication(api.id))
      assert.deepEqual(await ask('audience', 10), [0, 0, 8])
    }))
}
