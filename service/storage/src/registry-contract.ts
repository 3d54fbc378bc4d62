import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import { clocksApartMsMax } from '@mintmark/registry/revocation'
import { loadCatalog } from './catalog-snapshot.ts'
import { loadClient } from './client-snapshot.ts'
import { type CreateTestDatabase, withDatabase } from './contract-database.ts'
import { saysThroughGroups } from './contract-groups.ts'
import {
  domainA,
  domainB,
  sampleApplication,
  sampleCertificate,
  sampleDomain,
  sampleGrant,
  sampleKey,
  sampleResourceServer,
  sampleRole,
  sampleSecret,
} from './contract-records.ts'
import type { Database } from './database.ts'
import {
  type ChangeSet,
  createChangeSet,
  openRegistryTransaction,
  readRegistry,
} from './stored-registry.ts'
import { eventsOf, findBrokenPack, findLatestRecord, listPacks } from './tables/audit-pack.ts'
import { findSecretByDigest } from './tables/client-secret.ts'
import { listIdentityDomains, putIdentityDomain } from './tables/identity-domain.ts'

const page = { startIndex: 1, count: 100 }

/** Runs one administrative change and gives back what it made untrue. */
const change = async (
  database: Database,
  work: (registry: RegistryTransaction) => Promise<void>,
  domainId = domainA,
): Promise<{ readonly clientIds: readonly string[]; readonly catalog: boolean }> => {
  const changes: ChangeSet = createChangeSet()
  await database.transaction((statements) =>
    work(openRegistryTransaction(statements, domainId, changes)),
  )
  return { clientIds: [...changes.clientIds].sort(), catalog: changes.catalog }
}

const orders = sampleApplication(domainA, 'orders', {
  client: null,
  resourceServer: sampleResourceServer,
})
const nightly = sampleApplication(domainA, 'nightly', { createdAtMs: 1_700_000_000_001 })
const daily = sampleApplication(domainA, 'daily')
const reader = sampleRole(domainA, orders.id, 'Reader')

/** An API with a role, two clients of which one holds it, and its credentials. */
const seed = async (database: Database): Promise<void> => {
  await database.transaction(async (statements) => {
    await putIdentityDomain(statements, sampleDomain(domainA))
    await putIdentityDomain(statements, sampleDomain(domainB))
  })
  await change(database, async (registry) => {
    await registry.putApplication(orders)
    await registry.putApplication(nightly)
    await registry.putApplication(daily)
    await registry.putRole(reader)
    await registry.putGrant(sampleGrant(reader, nightly.id))
    await registry.putSecret(sampleSecret(domainA, nightly.id, 'old'))
    await registry.putSecret(
      sampleSecret(domainA, nightly.id, 'new', { createdAtMs: 1_700_000_000_002 }),
    )
    await registry.putCertificate(sampleCertificate(domainA, 'nightly-cert'))
    await registry.attachCertificates(nightly.id, ['certificate-nightly-cert'])
    await registry.putSigningKey(sampleKey(domainA, 'k1'))
  })
}

const withSeed = (
  create: CreateTestDatabase,
  test: (database: Database) => Promise<void>,
): Promise<void> =>
  withDatabase(create, async (database) => {
    await seed(database)
    await test(database)
  })

const readingContract = (create: CreateTestDatabase): void => {
  it('gives back what was put, after a restart too', () =>
    withDatabase(create, async (database, made) => {
      await seed(database)
      const registry = readRegistry((await made.reopen()).read, domainA)
      assert.deepEqual(await registry.domain(), sampleDomain(domainA))
      assert.deepEqual(await registry.findApplication(nightly.id), nightly)
      assert.deepEqual(await registry.findRole(reader.id), reader)
      assert.deepEqual(await registry.findGrant(`grant-${reader.id}-${nightly.id}`), {
        ...sampleGrant(reader, nightly.id),
      })
      assert.deepEqual(
        (await registry.listSecrets(nightly.id)).map((secret) => secret.label),
        ['new', 'old'],
      )
      assert.equal((await registry.certificatesOf(nightly.id))[0]?.alias, 'nightly-cert')
      assert.deepEqual(await registry.applicationsWithCertificate('certificate-nightly-cert'), [
        nightly.id,
      ])
      assert.deepEqual(
        (await registry.signingKeys()).map((key) => key.kid),
        ['k1'],
      )
      assert.equal((await registry.settings()).signingCertPublicAccess, false)
      assert.equal(await registry.findApplication('nobody'), null)
    }))

  it('finds by each filter, compares display names without case, and pages', () =>
    withSeed(create, async (database) => {
      const registry = readRegistry(database.read, domainA)
      const find = async (filter: Parameters<typeof registry.listApplications>[0]) =>
        (await registry.listApplications(filter, page)).items.map((item) => item.clientId)
      assert.deepEqual(await find({}), ['daily', 'nightly', 'orders'])
      assert.deepEqual(await find({ displayName: 'APPLICATION Nightly' }), ['nightly'])
      assert.deepEqual(await find({ clientId: 'daily', isClient: true }), ['daily'])
      assert.deepEqual(await find({ clientId: 'Daily' }), [])
      assert.deepEqual(await find({ audience: 'https://orders/' }), ['orders'])
      assert.deepEqual(await find({ isResourceServer: false, active: true }), ['daily', 'nightly'])
      assert.deepEqual(await find({ active: false }), [])
      const second = await registry.listApplications({}, { startIndex: 2, count: 1 })
      assert.equal(second.total, 3)
      assert.deepEqual(
        second.items.map((item) => item.clientId),
        ['nightly'],
      )
      const none = await registry.listApplications({}, { startIndex: 1, count: 0 })
      assert.deepEqual(none, { total: 3, items: [] })
      assert.equal((await registry.listRoles({ displayName: 'reader' }, page)).total, 1)
      assert.equal((await registry.listGrants({ granteeId: nightly.id }, page)).total, 1)
      assert.equal((await registry.listGrants({ granteeId: daily.id }, page)).total, 0)
      assert.equal((await registry.listCertificates({ alias: 'nightly-cert' }, page)).total, 1)
      const secret = await findSecretByDigest(database.read, domainA, 'digest-old')
      assert.equal(secret?.applicationId, nightly.id)
    }))

  it('keeps domains apart', () =>
    withSeed(create, async (database) => {
      const twin = sampleApplication(domainB, 'nightly')
      await change(database, (registry) => registry.putApplication(twin), domainB)
      const other = readRegistry(database.read, domainB)
      assert.equal((await other.listApplications({}, page)).total, 1)
      assert.equal((await other.listSecrets(twin.id)).length, 0)
      const loaded = await loadClient(database.read, domainB, 'nightly')
      assert.equal(loaded?.secrets.length, 0)
      assert.equal(loaded?.roleIds.size, 0)
      assert.equal((await loadCatalog(database.read, domainB)).byId.size, 0)
      assert.equal(await findSecretByDigest(database.read, domainB, 'digest-old'), null)
      await assert.rejects(
        change(database, (registry) => registry.putApplication(nightly), domainB),
        /another identity domain/,
      )
      assert.equal((await listIdentityDomains(database.read)).length, 2)
    }))
}

const snapshotContract = (create: CreateTestDatabase): void => {
  it('loads a client in one statement', () =>
    withSeed(create, async (database) => {
      const before = database.statementCount()
      const loaded = await loadClient(database.read, domainA, 'nightly')
      assert.equal(database.statementCount() - before, 1)
      assert.deepEqual(loaded?.application, nightly)
      assert.deepEqual(
        loaded.secrets.map((secret) => secret.label),
        ['new', 'old'],
      )
      assert.deepEqual(
        loaded.certificates.map((certificate) => certificate.alias),
        ['nightly-cert'],
      )
      assert.deepEqual([...loaded.roleIds], [reader.id])
      const bare = await loadClient(database.read, domainA, 'daily')
      assert.deepEqual(bare, {
        application: daily,
        secrets: [],
        certificates: [],
        roleIds: new Set(),
      })
      assert.equal(await loadClient(database.read, domainA, 'nobody'), null)
    }))

  it('loads the catalog in one statement', () =>
    withSeed(create, async (database) => {
      await change(database, async (registry) => {
        await registry.putSigningKey(
          sampleKey(domainA, 'k2', { state: 'published', createdAtMs: 1_700_000_000_001 }),
        )
        await registry.putSettings({
          issuer: 'https://id',
          signingCertPublicAccess: true,
          version: 2,
        })
      })
      const before = database.statementCount()
      const catalog = await loadCatalog(database.read, domainA)
      assert.equal(database.statementCount() - before, 1)
      assert.equal(catalog.settings.issuer, 'https://id')
      assert.equal(catalog.byId.get(orders.id)?.application.clientId, 'orders')
      assert.equal(catalog.byId.size, 1)
      assert.equal(catalog.byAudience.get('https://orders/')?.roles[0]?.id, reader.id)
      assert.equal(catalog.byAudience.get('https://orders.example/')?.application.id, orders.id)
      for (const scope of ['https://orders/read', 'https://orders.example/read']) {
        assert.deepEqual(
          catalog.byFullyQualifiedScope.get(scope)?.map((target) => target.scope),
          ['read'],
        )
      }
      assert.deepEqual(catalog.rolesById.get(reader.id), reader)
      assert.deepEqual(
        catalog.signingKeys.map((key) => key.kid),
        ['k1', 'k2'],
      )
      assert.equal(catalog.activeKey.RS256?.kid, 'k1')
      assert.equal(catalog.activeKey.ES256, null)
      await assert.rejects(loadCatalog(database.read, 'idcs-none'), /not in this database/)
    }))

  it('lets the older resource server have an audience that two claim', () =>
    withSeed(create, async (database) => {
      const late = sampleApplication(domainA, 'late', {
        id: 'a-late',
        createdAtMs: 1_800_000_000_000,
        resourceServer: { ...sampleResourceServer, secondaryAudiences: [] },
      })
      await change(database, (registry) => registry.putApplication(late))
      const catalog = await loadCatalog(database.read, domainA)
      assert.equal(catalog.byAudience.get('https://orders/')?.application.id, orders.id)
      assert.equal(catalog.byFullyQualifiedScope.get('https://orders/read')?.length, 2)
    }))
}

const changeContract = (create: CreateTestDatabase): void => {
  it('says which clients a change concerns, and whether the catalog', () =>
    withSeed(create, async (database) => {
      const said = async (
        work: (registry: RegistryTransaction) => Promise<void>,
        clientIds: string[],
        catalog: boolean,
      ) => assert.deepEqual(await change(database, work), { clientIds, catalog })
      const certificate = sampleCertificate(domainA, 'nightly-cert')
      await said((r) => r.putApplication({ ...daily, active: false }), ['daily'], false)
      await said((r) => r.putApplication({ ...orders, active: false }), ['orders'], true)
      await said((r) => r.putSecret(sampleSecret(domainA, daily.id, 'd')), ['daily'], false)
      await said((r) => r.deleteSecret(daily.id, 'secret-d'), ['daily'], false)
      await said((r) => r.putCertificate({ ...certificate, version: 2 }), ['nightly'], false)
      await said((r) => r.attachCertificates(daily.id, [certificate.id]), ['daily'], false)
      await said((r) => r.attachCertificates(daily.id, []), ['daily'], false)
      await said((r) => r.putGrant(sampleGrant(reader, daily.id)), ['daily'], false)
      await said((r) => r.deleteGrant(`grant-${reader.id}-${daily.id}`), ['daily'], false)
      await said((r) => r.deleteGrant('none'), [], false)
      await said((r) => r.putRole({ ...reader, version: 2 }), [], true)
      await said((r) => r.putSigningKey(sampleKey(domainA, 'k2')), [], true)
      await said((r) => r.deleteSigningKey('k2'), [], true)
      await saysThroughGroups(database, said, { role: reader, client: daily })
      await said((r) => r.deleteRole(reader.id), ['daily', 'nightly'], true)
      await said((r) => r.deleteCertificate(certificate.id), ['nightly'], false)
      assert.equal((await loadClient(database.read, domainA, 'nightly'))?.roleIds.size, 0)
      const facetGone = { ...orders, resourceServer: null }
      await said((r) => r.putApplication(facetGone), ['orders'], true)
    }))

  it('deletes an application with all that hangs on it', () =>
    withSeed(create, async (database) => {
      assert.deepEqual(
        await change(database, (registry) => registry.deleteApplication(orders.id)),
        {
          clientIds: ['nightly', 'orders'],
          catalog: true,
        },
      )
      const registry = readRegistry(database.read, domainA)
      assert.equal((await registry.listRoles({}, page)).total, 0)
      assert.equal((await registry.listGrants({}, page)).total, 0)
      await change(database, (changing) => changing.deleteApplication(nightly.id))
      assert.equal((await registry.listSecrets(nightly.id)).length, 0)
      assert.deepEqual(await registry.applicationsWithCertificate('certificate-nightly-cert'), [])
      assert.equal((await registry.listCertificates({}, page)).total, 1, 'it is the domain’s')
      assert.equal(await loadClient(database.read, domainA, 'nightly'), null)
    }))

  it('refuses what is taken, and a child without its parent', () =>
    withSeed(create, async (database) => {
      const taken = (record: string, member: string) => ({ record, member })
      const put = (work: (registry: RegistryTransaction) => Promise<void>) => change(database, work)
      const twin = { ...daily, id: 'other' }
      const certificate = sampleCertificate(domainA, 'nightly-cert')
      await assert.rejects(
        put((r) => r.putApplication({ ...twin, displayName: 'new' })),
        taken('application', 'clientId'),
      )
      await assert.rejects(
        put((r) => r.putApplication({ ...twin, clientId: 'new' })),
        taken('application', 'displayName'),
      )
      await assert.rejects(
        put((r) => r.putRole({ ...reader, id: 'other', displayName: 'READER' })),
        taken('app-role', 'displayName'),
      )
      await assert.rejects(
        put((r) => r.putGrant({ ...sampleGrant(reader, nightly.id), id: 'other' })),
        taken('grant', 'granteeId'),
      )
      await assert.rejects(
        put((r) => r.putCertificate({ ...certificate, id: 'other', x5tS256: 'other' })),
        taken('client-certificate', 'alias'),
      )
      await assert.rejects(
        put((r) => r.putCertificate({ ...certificate, id: 'other', alias: 'other' })),
        taken('client-certificate', 'x5tS256'),
      )
      await assert.rejects(put((r) => r.putSecret(sampleSecret(domainA, 'nobody', 's'))))
      await assert.rejects(put((r) => r.putRole(sampleRole(domainA, 'nobody', 'r'))))
    }))
}

const auditContract = (create: CreateTestDatabase): void => {
  it('writes the audit event with the change, or neither', () =>
    withSeed(create, async (database) => {
      const event = { at: 5, ecid: 'e1', action: 'app.update', result: 'ok' } as const
      await change(database, async (registry) => {
        await registry.putApplication({ ...daily, version: 2 })
        await registry.audit(event)
        await registry.audit({ ...event, ecid: 'e2' }, { ...event, ecid: 'e4', at: 7 })
        await registry.audit()
      })
      const failing = change(database, async (registry) => {
        await registry.audit({ ...event, ecid: 'e3' })
        throw new Error('no')
      })
      await assert.rejects(failing, /no/)
      const packs = await listPacks(database.read, domainA, 0, 10)
      assert.deepEqual(
        packs.flatMap(eventsOf).map((stored) => stored.ecid),
        ['e1', 'e2', 'e4'],
      )
      const shape = packs.map(({ eventCount, firstAtMs, lastAtMs }) => [
        eventCount,
        firstAtMs,
        lastAtMs,
      ])
      assert.deepEqual(shape, [
        [1, 5, 5],
        [2, 5, 7],
      ])
      assert.equal(await findBrokenPack(database.read, domainA), null)
      await database.transaction((statements) =>
        statements.run('UPDATE audit_pack SET body = $1 WHERE sequence = 1', [Buffer.from('x')]),
      )
      assert.equal(await findBrokenPack(database.read, domainA), 1)
    }))

  it('knows the latest instant on record, though slower clocks record after it', () =>
    withSeed(create, async (database) => {
      const latestAfter = async (at: number): Promise<number> => {
        const event = { at, ecid: 'e', action: 'app.update', result: 'ok' } as const
        await change(database, (registry) => registry.audit(event))
        return findLatestRecord(database.read, domainA)
      }
      assert.equal(await findLatestRecord(database.read, domainA), 0)
      const atMs = 1_700_000_000_000
      const apart = clocksApartMsMax
      const table: readonly [at: number, latest: number][] = [
        [atMs, atMs],
        [atMs + apart, atMs + apart],
        [atMs, atMs + apart],
        [atMs + 5, atMs + apart],
        // further ahead than any clock may be: it dates nothing that comes after it
        [atMs - 1, atMs - 1],
      ]
      for (const [at, latest] of table) assert.equal(await latestAfter(at), latest)
    }))
}

/** What the registry must do on every database. */
export const registryContract = (create: CreateTestDatabase): void => {
  readingContract(create)
  snapshotContract(create)
  changeContract(create)
  auditContract(create)
}
