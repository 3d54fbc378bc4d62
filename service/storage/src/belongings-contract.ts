import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ResourceServerFacet } from '@mintmark/registry/application'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import { type CreateTestDatabase, withDatabase } from './contract-database.ts'
import {
  domainA,
  domainB,
  sampleApplication,
  sampleCertificate,
  sampleDomain,
  sampleGrant,
  sampleResourceServer,
  sampleRole,
  sampleSecret,
} from './contract-records.ts'
import type { Database } from './database.ts'
import { createChangeSet, openRegistryTransaction, readRegistry } from './stored-registry.ts'
import { putIdentityDomain } from './tables/identity-domain.ts'
import { putSecretUse } from './tables/secret-use.ts'

const orders = sampleApplication(domainA, 'orders', {
  client: null,
  resourceServer: sampleResourceServer,
})
const nightly = sampleApplication(domainA, 'nightly', { createdAtMs: 1_700_000_000_001 })
const daily = sampleApplication(domainA, 'daily')
const reader = sampleRole(domainA, orders.id, 'Reader')

const change = (
  database: Database,
  work: (registry: RegistryTransaction) => Promise<void>,
): Promise<void> =>
  database.transaction((statements) =>
    work(openRegistryTransaction(statements, domainA, createChangeSet(), database.dialect)),
  )

const withSeed = (
  create: CreateTestDatabase,
  test: (database: Database) => Promise<void>,
): Promise<void> =>
  withDatabase(create, async (database) => {
    await database.transaction(async (statements) => {
      await putIdentityDomain(statements, sampleDomain(domainA))
      await putIdentityDomain(statements, sampleDomain(domainB))
    })
    await change(database, async (registry) => {
      for (const each of [orders, nightly, daily]) await registry.putApplication(each)
      await registry.putRole(reader)
      await registry.putGrant(sampleGrant(reader, nightly.id))
      await registry.putSecret(sampleSecret(domainA, nightly.id, 'old'))
      const createdAtMs = 1_700_000_000_002
      await registry.putSecret(sampleSecret(domainA, nightly.id, 'new', { createdAtMs }))
      await registry.putCertificate(sampleCertificate(domainA, 'nightly-cert'))
      await registry.attachCertificates(nightly.id, ['certificate-nightly-cert'])
    })
    await test(database)
  })

/** What is read of many at once, or of a page, is what is read of each. */
export const belongingsContract = (create: CreateTestDatabase): void => {
  it('tells what belongs to some applications as it does of each', () =>
    withSeed(create, async (database) => {
      const registry = readRegistry(database.read, domainA, database.dialect)
      await database.transaction((statements) =>
        putSecretUse(statements, domainA, 'secret-new', 1_700_000_000_003),
      )
      const all = await registry.belongingsOf([daily.id, nightly.id, "'nobody"])
      assert.deepEqual([...all.keys()], [nightly.id])
      assert.deepEqual(all.get(nightly.id), {
        secrets: await registry.listSecrets(nightly.id),
        secretUses: await registry.secretUses(nightly.id),
        certificates: await registry.certificatesOf(nightly.id),
        held: [{ grant: sampleGrant(reader, nightly.id), role: reader, owner: orders.displayName }],
      })
      assert.equal(all.get(nightly.id)?.secretUses.size, 1)
      const foreign = readRegistry(database.read, domainB, database.dialect)
      assert.equal((await foreign.belongingsOf([nightly.id])).size, 0)
      assert.equal((await registry.belongingsOf([])).size, 0)
    }))

  it('knows who defines a scope, also under a secondary audience', () =>
    withSeed(create, async (database) => {
      const facet = orders.resourceServer as ResourceServerFacet
      const [scope] = facet.scopes
      assert.ok(scope !== undefined)
      await change(database, (registry) =>
        registry.putApplication({
          ...orders,
          resourceServer: { ...facet, secondaryAudiences: ['urn:Orders:'] },
        }),
      )
      const registry = readRegistry(database.read, domainA, database.dialect)
      const definers = async (...scopes: readonly string[]) =>
        (await registry.scopeDefiners(scopes)).map(({ id }) => id)
      assert.deepEqual(await definers(facet.audience + scope.value), [orders.id])
      assert.deepEqual(await definers(`urn:Orders:${scope.value}`), [orders.id])
      assert.deepEqual(await definers(`urn:other:${scope.value}`), [])
      assert.deepEqual(await definers(), [])
    }))

  it('counts all, whichever page it is', () =>
    withSeed(create, async (database) => {
      const registry = readRegistry(database.read, domainA)
      for (const [startIndex, count, items] of [
        [1, 2, 2],
        [1, 3, 3],
        [1, 4, 3],
        [3, 2, 1],
        [4, 2, 0],
        [9, 2, 0],
        [1, 0, 0],
      ] as const) {
        const listed = await registry.listApplications({}, { startIndex, count })
        assert.deepEqual([listed.total, listed.items.length], [3, items], `${startIndex} ${count}`)
      }
      const none = await registry.listApplications({ active: false }, { startIndex: 1, count: 5 })
      assert.deepEqual(none, { total: 0, items: [] })
    }))
}
