import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Condition, Query } from '@mintmark/registry/query'
import type { RegistryReader, SearchedNouns } from '@mintmark/registry/registry'
import { searchDefinitions } from '@mintmark/registry/search/search-definitions'
import type { SearchDefinition } from '@mintmark/registry/search-definition'
import { type CreateTestDatabase, withDatabase } from './contract-database.ts'
import { domainA, sampleDomain } from './contract-records.ts'
import type { Database } from './database.ts'
import { UnknownCondition } from './search/compile-condition.ts'
import { drawWorld, type SampleWorld } from './search-samples.ts'
import { createChangeSet, openRegistryTransaction, readRegistry } from './stored-registry.ts'
import { putIdentityDomain } from './tables/identity-domain.ts'

export type Noun = keyof SearchedNouns

export const nouns = Object.keys(searchDefinitions) as Noun[]

export const definitionOf = (noun: Noun): SearchDefinition<{ readonly id: string }> =>
  searchDefinitions[noun] as SearchDefinition<never>

/** Puts a whole world into an empty database. */
export const storeWorld = async (database: Database, world: SampleWorld): Promise<void> => {
  const { nouns: all } = world
  await database.transaction(async (statements) => {
    await putIdentityDomain(statements, sampleDomain(domainA))
    const registry = openRegistryTransaction(
      statements,
      domainA,
      createChangeSet(),
      database.dialect,
    )
    for (const each of all.application) await registry.putApplication(each)
    for (const each of all.role) await registry.putRole(each)
    for (const each of all.grant) await registry.putGrant(each)
    for (const each of all.certificate) await registry.putCertificate(each)
    for (const each of all.partnerCertificate) await registry.putPartnerCertificate(each)
    for (const each of all.user) await registry.putUser(each)
    for (const each of all.group) await registry.putGroup(each)
    for (const each of all.customClaim) await registry.putCustomClaim(each)
    for (const [id, certificates] of world.attached) {
      await registry.attachCertificates(id, certificates)
    }
    for (const [id, members] of Map.groupBy(world.members, (each) => each.groupId)) {
      await registry.putMembers(id, members)
    }
  })
}

/** One page of a search, by ids. */
export const searchIds = async (registry: RegistryReader, noun: Noun, query: Query) => {
  const found = await registry.search(noun, query)
  return { total: found.total, ids: found.items.map((item) => item.id) }
}

const everything: Query = { where: null, sort: null, startIndex: 1, count: 100 }

const listContract = (create: CreateTestDatabase): void => {
  it('lists every noun in its own order, page by page', () =>
    withDatabase(create, async (database) => {
      const world = drawWorld(7)
      await storeWorld(database, world)
      const registry = readRegistry(database.read, domainA, database.dialect)
      for (const noun of nouns) {
        const { total, ids } = await searchIds(registry, noun, everything)
        assert.equal(total, world.nouns[noun].length)
        assert.equal(new Set(ids).size, total)
        const pages: string[] = []
        for (let startIndex = 1; startIndex <= total; startIndex += 3) {
          const page = await searchIds(registry, noun, { ...everything, startIndex, count: 3 })
          assert.equal(page.total, total)
          pages.push(...page.ids)
        }
        assert.deepEqual(pages, ids)
        assert.deepEqual(await searchIds(registry, noun, { ...everything, count: 0 }), {
          total,
          ids: [],
        })
        const behind = { ...everything, startIndex: total + 1 }
        assert.deepEqual(await searchIds(registry, noun, behind), { total, ids: [] })
      }
    }))
}

const refusalContract = (create: CreateTestDatabase): void => {
  it('refuses fields that no definition has, and binds whatever is compared', () =>
    withDatabase(create, async (database) => {
      await storeWorld(database, drawWorld(1))
      const registry = readRegistry(database.read, domainA, database.dialect)
      const ask = (where: Condition) => searchIds(registry, 'application', { ...everything, where })
      for (const field of ['nobody', 'constructor', '__proto__', 'scopes.constructor', "a'--"]) {
        await assert.rejects(ask({ kind: 'present', field }), UnknownCondition, field)
        const condition = { kind: 'present', field } as const
        await assert.rejects(ask({ kind: 'some', field: 'scopes', condition }), UnknownCondition)
      }
      const by = (field: string) => ({ ...everything, sort: { field, descending: false } })
      await assert.rejects(searchIds(registry, 'application', by('scopes')), UnknownCondition)
      await assert.rejects(searchIds(registry, 'application', by('nobody')), UnknownCondition)
      const value = "x' OR 1=1 --"
      const attack = { kind: 'compare', field: 'displayName', operator: 'eq', value } as const
      assert.equal((await ask(attack)).total, 0)
    }))

  it('answers what is large, and refuses what is too deep without falling over', () =>
    withDatabase(create, async (database) => {
      const world = drawWorld(1)
      await storeWorld(database, world)
      const registry = readRegistry(database.read, domainA, database.dialect)
      const ask = (where: Condition) => searchIds(registry, 'application', { ...everything, where })
      const leaf = { kind: 'compare', field: 'scopes.value', operator: 'eq', value: 'a' } as const
      const deep = (depth: number): Condition => {
        let condition: Condition = leaf
        for (let index = 0; index < depth; index += 1) condition = { kind: 'not', condition }
        return condition
      }
      const plain = await ask(leaf)
      assert.deepEqual(await ask(deep(50)), plain)
      assert.deepEqual(
        await ask({ kind: 'or', conditions: Array.from({ length: 200 }, () => leaf) }),
        plain,
      )
      await assert.rejects(ask(deep(100_000)), UnknownCondition)
    }))

  it('keeps domains apart and no digest in a document', () =>
    withDatabase(create, async (database) => {
      await storeWorld(database, drawWorld(1))
      const other = readRegistry(database.read, `idcs-${'b'.repeat(32)}`, database.dialect)
      for (const noun of nouns) assert.equal((await searchIds(other, noun, everything)).total, 0)
      for (const noun of nouns) {
        for (const field of Object.keys(definitionOf(noun).fields)) {
          assert.doesNotMatch(field, /secret|digest|sealed|x509/i)
        }
      }
    }))
}

/** What searching must answer on every database. */
export const searchContract = (create: CreateTestDatabase): void => {
  listContract(create)
  refusalContract(create)
}
