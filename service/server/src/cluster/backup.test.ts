import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { postgresForTests } from '@mintmark/storage/postgres/postgres-test-database'
import { beginEpoch } from '../backup/begin-epoch.ts'
import { restoreBackup } from '../backup/restore-backup.ts'
import {
  type Asked,
  administrate,
  administrator,
  askToken,
  declare,
  declareKey,
  isActive,
  postAs,
  presentAssertion,
  type TestCluster,
  testCluster,
} from './test-cluster.ts'

const postgres = postgresForTests()
const passphrase = 'a passphrase of the tests'

const backUp = async (server: Asked): Promise<Buffer> => {
  const { body } = await askToken(server, administrator, 'urn:opc:idm:__myscopes__')
  const headers = { authorization: `Bearer ${body['access_token']}`, connection: 'close' }
  const response = await fetch(`${server.url}/api/v1/backup`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ passphrase }),
  })
  assert.equal(response.status, 200)
  return Buffer.from(await response.arrayBuffer())
}

/** A domain with a token that is good, one that was revoked, and an assertion nobody has used. */
const fill = async (server: Asked) => {
  const admin = await administrate(server)
  const { api, client, scope } = await declare(admin)
  const assertion = await declareKey(admin, client)
  const tokenOf = async (): Promise<string> =>
    String((await askToken(server, client, scope)).body['access_token'])
  const [kept, revoked] = [await tokenOf(), await tokenOf()]
  assert.equal((await postAs(server, client, '/oauth2/v1/revoke', { token: revoked })).status, 200)
  return { api, client, scope, kept, revoked, assertion, fromBefore: assertion() }
}

const expect = async (server: Asked, domain: Awaited<ReturnType<typeof fill>>): Promise<void> => {
  const { api, client, scope, kept, revoked, assertion, fromBefore } = domain
  assert.ok(await isActive(server, api, kept))
  assert.equal(await isActive(server, api, revoked), false)
  assert.equal((await askToken(server, client, scope)).status, 200)
  assert.equal((await presentAssertion(server, fromBefore, scope)).status, 401)
  // seconds are all that an assertion tells of when it was made
  await new Promise((resolve) => setTimeout(resolve, 1000))
  assert.equal((await presentAssertion(server, assertion(), scope)).status, 200)
}

describe('data that is moved or went back in time', { skip: postgres.skip }, () => {
  let folder = ''
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mintmark-backup-'))
    await postgres.start()
  })
  after(async () => {
    await postgres.stop()
    rmSync(folder, { recursive: true })
  })

  const restore = async (
    { options, start }: TestCluster,
    sealed: Buffer,
    databaseUrl: string | null,
  ) => {
    const file = join(folder, 'all.backup')
    const dataDirectory = mkdtempSync(join(folder, 'data-'))
    writeFileSync(file, sealed)
    await restoreBackup(file, passphrase, { dataDirectory, databaseUrl })
    assert.ok(!readdirSync(dataDirectory).includes('mintmark.db.restoring'))
    return start({ ...options, dataDirectory, databaseUrl })
  }

  it('restores what PostgreSQL held for two servers, there and in a folder', async () => {
    const cluster = testCluster(await postgres.server().createDatabase())
    try {
      const [first, second] = [await cluster.start(), await cluster.start()]
      const domain = await fill(first)
      const sealed = await backUp(second)
      assert.ok(!readdirSync(cluster.options.dataDirectory).some((name) => /tmp$/.test(name)))
      const url = await postgres.server().createDatabase()
      await expect(await restore(cluster, sealed, null), domain)
      await expect(await restore(cluster, sealed, url), domain)
      await assert.rejects(restore(cluster, sealed, url), /holds an identity domain already/)
    } finally {
      await cluster.stop()
    }
  })

  it('backed up from a file, restored in PostgreSQL', async () => {
    const url = await postgres.server().createDatabase()
    const cluster = testCluster(url)
    try {
      const server = await cluster.start({ databaseUrl: null })
      const domain = await fill(server)
      await expect(await restore(cluster, await backUp(server), url), domain)
    } finally {
      await cluster.stop()
    }
  })

  it('that went back in time refuses assertions from before, while its servers go on', async () => {
    const cluster = testCluster(await postgres.server().createDatabase())
    const { options } = cluster
    try {
      await assert.rejects(beginEpoch(options), /There is no data/)
      const [first, second] = [await cluster.start(), await cluster.start()]
      const domain = await fill(first)
      await beginEpoch(options)
      await expect(second, domain)
      const file = await cluster.start({ databaseUrl: null })
      await assert.rejects(beginEpoch({ ...options, databaseUrl: null }), /in use by another/)
      const other = await fill(file)
      await file.stop()
      await beginEpoch({ ...options, databaseUrl: null })
      await expect(await cluster.start({ databaseUrl: null }), other)
    } finally {
      await cluster.stop()
    }
  })
})
