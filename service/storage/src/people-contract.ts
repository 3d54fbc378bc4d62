import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { GroupMember } from '@mintmark/registry/group'
import { DuplicateRecord, type RegistryTransaction } from '@mintmark/registry/registry'
import { loadCatalog } from './catalog-snapshot.ts'
import { type CreateTestDatabase, withDatabase } from './contract-database.ts'
import {
  sampleClaim,
  sampleGroup,
  samplePartnerCertificate,
  sampleUser,
} from './contract-people.ts'
import {
  domainA,
  domainB,
  sampleApplication,
  sampleDomain,
  sampleGrant,
  sampleResourceServer,
  sampleRole,
} from './contract-records.ts'
import type { Database } from './database.ts'
import { createChangeSet, openRegistryTransaction, readRegistry } from './stored-registry.ts'
import { putIdentityDomain } from './tables/identity-domain.ts'
import { sweepRetriedRequests } from './tables/retried-request.ts'

type Work = (registry: RegistryTransaction) => Promise<void>

const change = async (database: Database, work: Work, domainId = domainA) => {
  const changes = createChangeSet()
  await database.transaction((statements) =>
    work(openRegistryTransaction(statements, domainId, changes, database.dialect)),
  )
  return { clientIds: [...changes.clientIds].sort(), catalog: changes.catalog }
}

const page = { startIndex: 1, count: 100 }
const untouched = { clientIds: [], catalog: false }

const orders = sampleApplication(domainA, 'orders', {
  client: null,
  resourceServer: sampleResourceServer,
})
const nightly = sampleApplication(domainA, 'nightly')
const reader = sampleRole(domainA, orders.id, 'Reader')
const zoe = sampleUser(domainA, 'Zoë')
const operators = sampleGroup(domainA, 'Operators')
const memberZoe: GroupMember = { groupId: operators.id, memberType: 'User', memberId: zoe.id }
const memberApp: GroupMember = { groupId: operators.id, memberType: 'App', memberId: nightly.id }

const withPeople = (create: CreateTestDatabase, test: (database: Database) => Promise<void>) =>
  withDatabase(create, async (database) => {
    await database.transaction(async (statements) => {
      await putIdentityDomain(statements, sampleDomain(domainA))
      await putIdentityDomain(statements, sampleDomain(domainB))
    })
    await change(database, async (registry) => {
      await registry.putApplication(orders)
      await registry.putApplication(nightly)
      await registry.putRole(reader)
      await registry.putUser(zoe)
      await registry.putGroup(operators)
      await registry.putMembers(operators.id, [memberZoe, memberApp])
      await registry.putGrant(sampleGrant(reader, zoe.id, { granteeType: 'User' }))
      await registry.putGrant(sampleGrant(reader, operators.id, { granteeType: 'Group' }))
    })
    await test(database)
  })

const membershipContract = (create: CreateTestDatabase): void => {
  it('finds users by any spelling of their name, and who belongs where', () =>
    withPeople(create, async (database) => {
      const registry = readRegistry(database.read, domainA, database.dialect)
      assert.deepEqual(await registry.findUser(zoe.id), zoe)
      assert.deepEqual(await registry.findUserByName('ZOË'), zoe)
      assert.equal(await registry.findUserByName('zoe'), null)
      assert.deepEqual(await registry.findGroup(operators.id), operators)
      assert.deepEqual(await registry.membersOf(operators.id), [memberApp, memberZoe])
      assert.deepEqual(await registry.groupsOf('User', zoe.id), [operators])
      assert.deepEqual(await registry.groupsOf('App', nightly.id), [operators])
      assert.deepEqual(await registry.groupsOf('User', nightly.id), [])
      const other = readRegistry(database.read, domainB, database.dialect)
      assert.equal(await other.findUserByName('Zoë'), null)
      assert.deepEqual(await other.membersOf(operators.id), [])
    }))

  it('states all members at once, each of them once', () =>
    withPeople(create, async (database) => {
      const registry = readRegistry(database.read, domainA, database.dialect)
      const put = (...members: GroupMember[]) =>
        change(database, (r) => r.putMembers(operators.id, members))
      const nightlyLeft = { clientIds: ['nightly'], catalog: false }
      assert.deepEqual(await put(memberZoe, memberZoe), nightlyLeft)
      assert.deepEqual(await put(memberZoe), untouched)
      assert.deepEqual(await registry.membersOf(operators.id), [memberZoe])
      await put()
      assert.deepEqual(await registry.membersOf(operators.id), [])
      await assert.rejects(put({ ...memberZoe, groupId: 'other' }), /another group/)
      await assert.rejects(
        change(database, (r) => r.putMembers('none', [{ ...memberZoe, groupId: 'none' }])),
      )
    }))

  it('removes memberships and held grants with their holder', () =>
    withPeople(create, async (database) => {
      const registry = readRegistry(database.read, domainA, database.dialect)
      const grants = async (granteeId: string) =>
        (await registry.listGrants({ granteeId }, page)).total
      assert.deepEqual(await change(database, (r) => r.deleteUser(zoe.id)), untouched)
      assert.equal(await registry.findUser(zoe.id), null)
      assert.equal(await grants(zoe.id), 0)
      assert.deepEqual(await registry.membersOf(operators.id), [memberApp])
      // the group held a role: whoever was in it may have lost it
      assert.deepEqual(await change(database, (r) => r.deleteGroup(operators.id)), {
        clientIds: ['nightly'],
        catalog: false,
      })
      assert.equal(await grants(operators.id), 0)
      assert.deepEqual(await registry.groupsOf('App', nightly.id), [])
      await change(database, (r) => r.putGroup(operators))
      await change(database, (r) => r.putMembers(operators.id, [memberApp]))
      await change(database, (r) => r.deleteApplication(nightly.id))
      assert.deepEqual(await registry.membersOf(operators.id), [])
      assert.deepEqual(await change(database, (r) => r.deleteGroup(operators.id)), untouched)
    }))
}

const heldThroughGroupContract = (create: CreateTestDatabase): void => {
  it('tells of clients that lose a role which their group held', () =>
    withPeople(create, async (database) => {
      const lost = { clientIds: ['nightly'], catalog: true }
      assert.deepEqual(await change(database, (r) => r.deleteRole(reader.id)), lost)
    }))

  it('tells of them when the application goes that defines the role', () =>
    withPeople(create, async (database) => {
      const lost = { clientIds: ['nightly', 'orders'], catalog: true }
      assert.deepEqual(await change(database, (r) => r.deleteApplication(orders.id)), lost)
    }))
}

const uniquenessContract = (create: CreateTestDatabase): void => {
  it('refuses names that differ in case only, and says which', () =>
    withPeople(create, async (database) => {
      const taken = async (work: Work, record: string, member: string) =>
        assert.rejects(change(database, work), (error: unknown) => {
          assert.ok(error instanceof DuplicateRecord)
          assert.deepEqual([error.record, error.member], [record, member])
          return true
        })
      const partner = samplePartnerCertificate(domainA, 'Partner')
      const claim = sampleClaim(domainA, 'region')
      await change(database, (r) => r.putPartnerCertificate(partner))
      await change(database, (r) => r.putCustomClaim(claim))
      await taken((r) => r.putUser({ ...zoe, id: '2', userName: 'zOË' }), 'user', 'userName')
      await taken(
        (r) => r.putGroup({ ...operators, id: '2', displayName: 'OPERATORS' }),
        'group',
        'displayName',
      )
      await taken((r) => r.putCustomClaim({ ...claim, id: '2' }), 'custom-claim', 'name')
      await taken(
        (r) => r.putPartnerCertificate({ ...partner, id: '2', alias: 'PARTNER', x5tS256: '2' }),
        'partner-certificate',
        'alias',
      )
      await taken(
        (r) => r.putPartnerCertificate({ ...partner, id: '2', alias: 'Other' }),
        'partner-certificate',
        'x5tS256',
      )
      const twin = { ...zoe, domain: domainB }
      await change(database, (r) => r.putUser(twin), domainB)
      await assert.rejects(
        change(database, (r) => r.putUser(zoe), domainB),
        /another identity domain/,
      )
    }))
}

const catalogContract = (create: CreateTestDatabase): void => {
  it('gives claims and partner certificates to the catalog and tells of their change', () =>
    withPeople(create, async (database) => {
      const said = { clientIds: [], catalog: true }
      const claims = ['region', 'Area'].map((name) => sampleClaim(domainA, name))
      const partners = ['b', 'a'].map((alias) => samplePartnerCertificate(domainA, alias))
      for (const each of claims) {
        assert.deepEqual(await change(database, (r) => r.putCustomClaim(each)), said)
      }
      for (const each of partners) {
        assert.deepEqual(await change(database, (r) => r.putPartnerCertificate(each)), said)
      }
      const registry = readRegistry(database.read, domainA, database.dialect)
      const catalog = await loadCatalog(database.read, domainA)
      assert.deepEqual(catalog.customClaims, claims.toReversed())
      assert.deepEqual(catalog.partnerCertificates, partners.toReversed())
      assert.deepEqual(await registry.customClaims(), claims.toReversed())
      assert.deepEqual(await registry.partnerCertificates(), partners.toReversed())
      assert.deepEqual(await registry.findCustomClaim('claim-region'), claims[0])
      assert.deepEqual(await registry.findPartnerCertificate('partner-a'), partners[1])
      assert.deepEqual(await change(database, (r) => r.deleteCustomClaim('claim-region')), said)
      const gone = await change(database, (r) => r.deletePartnerCertificate('partner-a'))
      assert.deepEqual(gone, said)
      assert.equal(await registry.findCustomClaim('claim-region'), null)
      assert.equal((await loadCatalog(database.read, domainA)).partnerCertificates.length, 1)
      assert.equal((await loadCatalog(database.read, domainB)).customClaims.length, 0)
    }))
}

const retryContract = (create: CreateTestDatabase): void => {
  it('keeps the answer to a request until it expires', () =>
    withPeople(create, async (database) => {
      const registry = readRegistry(database.read, domainA, database.dialect)
      const request = {
        domain: domainA,
        key: 'k1',
        fingerprint: 'f1',
        sealedAnswer: 's1',
        expiresAtMs: 1000,
      }
      assert.deepEqual(await change(database, (r) => r.putRetriedRequest(request)), untouched)
      await change(database, (r) =>
        r.putRetriedRequest({ ...request, key: 'k2', expiresAtMs: 2000 }),
      )
      assert.deepEqual(await registry.findRetriedRequest('k1'), request)
      const later = { ...request, fingerprint: 'f2', sealedAnswer: 's2', expiresAtMs: 1500 }
      await change(database, (r) => r.putRetriedRequest(later))
      assert.deepEqual(await registry.findRetriedRequest('k1'), later)
      const other = readRegistry(database.read, domainB, database.dialect)
      assert.equal(await other.findRetriedRequest('k1'), null)
      const sweep = (beforeMs: number) =>
        database.transaction((statements) => sweepRetriedRequests(statements, domainA, beforeMs, 1))
      assert.equal(await sweep(1500), 0)
      assert.equal(await sweep(3000), 1)
      assert.equal(await registry.findRetriedRequest('k1'), null, 'the oldest goes first')
      assert.equal(await sweep(3000), 1)
      assert.equal(await sweep(3000), 0)
    }))
}

/** What users, groups, claims, partner certificates and repeated requests must do. */
export const peopleContract = (create: CreateTestDatabase): void => {
  membershipContract(create)
  heldThroughGroupContract(create)
  uniquenessContract(create)
  catalogContract(create)
  retryContract(create)
}
