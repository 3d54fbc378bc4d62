import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type HolderWish, openAccessReader } from './access-reader.ts'
import { type CreateTestDatabase, withDatabase } from './contract-database.ts'
import { sampleGroup } from './contract-people.ts'
import {
  domainA,
  domainB,
  sampleApplication,
  sampleClient,
  sampleDomain,
  sampleGrant,
  sampleResourceServer,
  sampleRole,
  sampleSecret,
} from './contract-records.ts'
import type { Database } from './database.ts'
import { createChangeSet, openRegistryTransaction } from './stored-registry.ts'
import { putIdentityDomain } from './tables/identity-domain.ts'
import { putSecretUse } from './tables/secret-use.ts'
import { listUnusedApplications } from './unused-applications.ts'

const clientWith = (name: string, ...allowedScopes: readonly string[]) =>
  sampleApplication(domainA, name, {
    client: { ...sampleClient, policy: { trustScope: 'Explicit', allowedScopes, allowedTags: [] } },
  })

const orders = sampleApplication(domainA, 'orders', {
  client: null,
  resourceServer: sampleResourceServer,
})
const named = clientWith('a-named', 'https://x/read', 'https://x/write')
const granted = clientWith('b-granted')
const member = clientWith('c-member', 'https://x/read')
const nobody = clientWith('d-nobody', 'https://y/read')
const reader = sampleRole(domainA, orders.id, 'Reader')
const shift = sampleGroup(domainA, 'night shift')

const seed = (database: Database): Promise<void> =>
  database.transaction(async (statements) => {
    await putIdentityDomain(statements, sampleDomain(domainA))
    await putIdentityDomain(statements, sampleDomain(domainB))
    const changes = createChangeSet()
    const registry = openRegistryTransaction(statements, domainA, changes, database.dialect)
    for (const each of [orders, named, granted, member, nobody]) await registry.putApplication(each)
    await registry.putRole(reader)
    await registry.putGroup(shift)
    await registry.putMembers(shift.id, [
      { groupId: shift.id, memberType: 'App', memberId: member.id },
      { groupId: shift.id, memberType: 'User', memberId: nobody.id },
    ])
    await registry.putGrant(sampleGrant(reader, granted.id))
    const toGroup = sampleGrant(reader, shift.id)
    await registry.putGrant({ ...toGroup, id: 'to-group', granteeType: 'Group' })
  })

/** After all samples were made. */
const nowMs = 1_900_000_000_000

/** Who holds what, found from what is wanted and not by walking all. */
export const accessContract = (create: CreateTestDatabase): void => {
  it('tells who was given a scope or a role, by itself or through a group, page by page', () =>
    withDatabase(create, async (database) => {
      await seed(database)
      const holders = async (wish: HolderWish, after = '', max = 10, domain = domainA) =>
        openAccessReader(database.read, domain, database.dialect).holders(wish, after, max)
      const wish = { kind: 'any-of', scopes: ['https://x/read'], roleIds: [reader.id] } as const
      const all = await holders(wish)
      assert.deepEqual(all.map(({ application }) => application.clientId).toSorted(), [
        'a-named',
        'b-granted',
        'c-member',
      ])
      const held = new Map(all.map((each) => [each.application.id, each.holdings]))
      assert.deepEqual(held.get(named.id), [])
      assert.deepEqual(held.get(granted.id), [{ roleId: reader.id, group: null }])
      assert.deepEqual(held.get(member.id), [
        { roleId: reader.id, group: { id: shift.id, displayName: shift.displayName } },
      ])
      const paged: string[] = []
      for (let after = ''; ; ) {
        const [next] = await holders(wish, after, 1)
        if (next === undefined) break
        after = next.application.id
        paged.push(after)
      }
      assert.deepEqual(
        paged,
        all.map(({ application }) => application.id),
      )
      assert.equal((await holders({ kind: 'clients' })).length, 4)
      assert.equal((await holders({ kind: 'one', applicationId: nobody.id })).length, 1)
      assert.equal((await holders(wish, '', 10, domainB)).length, 0)
    }))

  it('tells active clients whose secrets nobody has used for long', () =>
    withDatabase(create, async (database) => {
      await seed(database)
      await database.transaction(async (statements) => {
        const changes = createChangeSet()
        const registry = openRegistryTransaction(statements, domainA, changes, database.dialect)
        for (const { id, clientId } of [named, granted, member]) {
          await registry.putSecret(sampleSecret(domainA, id, clientId))
        }
        await registry.putSecret(sampleSecret(domainA, member.id, 'second'))
        await putSecretUse(statements, domainA, 'secret-a-named', nowMs - 1000)
        await putSecretUse(statements, domainA, 'secret-c-member', nowMs - 1000)
        await putSecretUse(statements, domainA, 'secret-second', nowMs + 1000)
        await registry.putApplication({ ...nobody, active: false })
        await registry.putSecret(sampleSecret(domainA, nobody.id, 'inactive'))
      })
      const unused = async (beforeMs: number, max = 10, domain = domainA) =>
        (await listUnusedApplications(database.read, domain, beforeMs, max)).map((each) => [
          each.id,
          each.usedAtMs,
        ])
      assert.deepEqual(await unused(nowMs), [
        [named.id, nowMs - 1000],
        [granted.id, null],
      ])
      assert.equal((await unused(nowMs, 1)).length, 1)
      assert.deepEqual(await unused(0), [], 'they are younger than that')
      assert.deepEqual(await unused(nowMs, 10, domainB), [])
    }))
}
