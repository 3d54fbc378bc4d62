import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { SearchedNouns } from '@mintmark/registry/registry'
import { loadCatalog } from '../catalog-snapshot.ts'
import { loadClient } from '../client-snapshot.ts'
import type { Database } from '../database.ts'
import { isRevoked } from '../revocations.ts'
import { openSqlite } from '../sqlite/sqlite-database.ts'
import { readRegistry } from '../stored-registry.ts'
import { eventsOf, findBrokenPack, listPacks } from '../tables/audit-pack.ts'
import { findConsoleAccount } from '../tables/console-account.ts'
import { findConsoleSession } from '../tables/console-session.ts'
import * as golden from './golden/golden-rows.ts'
import { migrate, migrations } from './migrate.ts'
import { clientViewNumber, schemaNumber } from './schema-number.ts'
import { firstWithWorksFrom } from './standing.ts'

const files = readdirSync(join(import.meta.dirname, 'golden')).filter((name) =>
  name.endsWith('.db'),
)

const withCopy = async (file: string, test: (database: Database) => Promise<void>) => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-golden-'))
  try {
    const path = join(directory, file)
    copyFileSync(join(import.meta.dirname, 'golden', file), path)
    const database = openSqlite({ path })
    await test(database)
    await database.close()
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const checkDeclared = async (database: Database): Promise<void> => {
  const registry = readRegistry(database.read, golden.goldenDomain)
  assert.deepEqual(await registry.findApplication(golden.goldenApi.id), golden.goldenApi)
  assert.deepEqual(await registry.settings(), golden.goldenSettings)
  assert.deepEqual(await registry.findGrant(golden.goldenGrant.id), golden.goldenGrant)
  assert.deepEqual(await loadClient(database.read, golden.goldenDomain, 'nightly'), {
    application: golden.goldenClient,
    secrets: [golden.goldenSecret],
    certificates: [golden.goldenCertificate],
    roleIds: new Set([golden.goldenRole.id]),
  })
  const catalog = await loadCatalog(database.read, golden.goldenDomain)
  assert.deepEqual(catalog.activeKey.RS256, golden.goldenKey)
  assert.deepEqual(catalog.byAudience.get('https://orders/')?.roles, [golden.goldenRole])
}

/** Whatever schema wrote a record, it is found by what is searched now. */
const checkSearched = async (database: Database): Promise<void> => {
  const registry = readRegistry(database.read, golden.goldenDomain)
  const find = async (noun: keyof SearchedNouns, field: string, value: string) => {
    const where = { kind: 'compare', field, operator: 'eq', value } as const
    const found = await registry.search(noun, { where, sort: null, startIndex: 1, count: 10 })
    return found.items.map((item) => item.id)
  }
  const { goldenApi, goldenClient, goldenRole, goldenGrant, goldenCertificate } = golden
  assert.deepEqual(await find('application', 'displayName', 'application orders'), [goldenApi.id])
  assert.deepEqual(await find('application', 'name', 'nightly'), [goldenClient.id])
  assert.deepEqual(await find('application', 'audience', 'https://orders/'), [goldenApi.id])
  assert.deepEqual(await find('application', 'scopes.fqs', 'https://orders/read'), [goldenApi.id])
  assert.deepEqual(await find('application', 'certificates.certAlias', 'nightly-cert'), [
    goldenClient.id,
  ])
  assert.deepEqual(await find('role', 'scopes', 'read'), [goldenRole.id])
  assert.deepEqual(await find('grant', 'grantMechanism', goldenGrant.mechanism), [goldenGrant.id])
  assert.deepEqual(await find('certificate', 'sha1Thumbprint', goldenCertificate.x5t), [
    goldenCertificate.id,
  ])
}

/** What schema 9 brought; 12 knows more of it. */
const checkSignedIn = async (database: Database, isProven: boolean): Promise<void> => {
  const found = await findConsoleSession(database.read, golden.goldenDomain, 'session')
  const unsaid = { method: '', source: '', provedAtMs: 0 }
  assert.deepEqual(found, { ...golden.goldenSession, ...(isProven ? {} : unsaid) })
}

/** What schema 12 brought. */
const checkAccount = async (database: Database): Promise<void> => {
  const found = await findConsoleAccount(database.read, golden.goldenDomain, golden.goldenUser.id)
  assert.deepEqual(found, golden.goldenAccount)
}

/** What schema 3 brought. */
const checkPeople = async (database: Database): Promise<void> => {
  const registry = readRegistry(database.read, golden.goldenDomain)
  assert.deepEqual(await registry.findUserByName('ZOË'), golden.goldenUser)
  assert.deepEqual(await registry.membersOf(golden.goldenGroup.id), [golden.goldenMember])
  assert.deepEqual(await registry.groupsOf('User', golden.goldenUser.id), [golden.goldenGroup])
  assert.deepEqual(await registry.customClaims(), [golden.goldenClaim])
  assert.deepEqual(await registry.partnerCertificates(), [golden.goldenPartner])
  assert.deepEqual(await registry.findRetriedRequest('asked'), golden.goldenRequest)
}

const checkHappened = async (database: Database): Promise<void> => {
  const question = {
    jti: 'revoked-jti',
    applicationId: 'x',
    clientId: 'c',
    audience: [],
    credential: '',
    issuedAtMs: 1,
  }
  assert.equal(await isRevoked(database.read, golden.goldenDomain, question), true)
  assert.equal(await findBrokenPack(database.read, golden.goldenDomain), null)
  const packs = await listPacks(database.read, golden.goldenDomain, 0, 10)
  assert.deepEqual(
    packs.flatMap(eventsOf).map((event) => event.ecid),
    ['g1', 'g2'],
  )
  const ledger = await golden.openGoldenLedger(database)
  assert.equal(ledger.lockedFor('nightly', golden.goldenAttempt.source), 600)
  const event = { at: golden.goldenAtMs, ecid: 'n', action: 'token.issue', result: 'ok' } as const
  const record = (proof: string, expiresAtSeconds: number) => {
    const once = [{ owner: 'nightly', proof, expiresAtSeconds }]
    return ledger.record({ event, once, clientId: null, sequence: 0 })
  }
  assert.equal(await record('used', golden.goldenProof.expiresAtSeconds), 'replayed')
  assert.equal(await record('gone', golden.goldenAtMs / 1000 - 300), 'replayed')
  assert.equal(await record('fresh', golden.goldenProof.expiresAtSeconds), 'recorded')
  await ledger.close()
  assert.equal(await findBrokenPack(database.read, golden.goldenDomain), null)
}

describe('golden database files', () => {
  it('there is one of every schema', () => assert.equal(files.length, schemaNumber))

  it('views of clients are those of the last step that does not keep them', () => {
    const last = migrations.findLast(({ keepsViews }) => keepsViews !== true)
    assert.equal(clientViewNumber, last?.number)
  })
  it('each step of now says which older programs may work on beside it', () => {
    const silent = migrations.slice(firstWithWorksFrom).filter((each) => !('worksFrom' in each))
    assert.deepEqual(silent, [])
  })
  for (const file of files) {
    it(`${file} migrates and reads right`, () =>
      withCopy(file, async (database) => {
        const missing = schemaNumber - Number.parseInt(file, 10)
        assert.equal(await migrate(database), missing)
        await checkDeclared(database)
        await checkSearched(database)
        if (missing < schemaNumber - 2) await checkPeople(database)
        if (missing < schemaNumber - 8) await checkSignedIn(database, missing < schemaNumber - 11)
        if (missing < schemaNumber - 11) await checkAccount(database)
        await checkHappened(database)
      }))
  }
})
