import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { postgresForTests } from '@mintmark/storage/postgres/postgres-test-database'
import { copyData } from '../composition/copy-data.ts'
import { administrate, askToken, declare, isActive, postAs, testCluster } from './test-cluster.ts'

const postgres = postgresForTests()

describe('a server that moves to PostgreSQL', { skip: postgres.skip }, () => {
  before(postgres.start)
  after(postgres.stop)

  it('goes on with its clients, keys, tokens and revocations', async () => {
    const cluster = testCluster(await postgres.server().createDatabase())
    try {
      const file = await cluster.start({ databaseUrl: null })
      const { api, client, scope } = await declare(await administrate(file))
      const tokenOf = async (): Promise<string> =>
        String((await askToken(file, client, scope)).body['access_token'])
      const [kept, revoked] = [await tokenOf(), await tokenOf()]
      assert.equal(
        (await postAs(file, client, '/oauth2/v1/revoke', { token: revoked })).status,
        200,
      )
      await assert.rejects(copyData(cluster.options), /in use by another mintmark server/)
      await file.stop()
      const copied = await copyData(cluster.options)
      assert.ok(copied.some(({ name, rows }) => name === 'client_secret' && rows >= 2))
      await assert.rejects(copyData(cluster.options), /holds an identity domain already/)
      const [a, b] = [await cluster.start(), await cluster.start()]
      for (const server of [a, b]) {
        assert.ok(await isActive(server, api, kept))
        assert.equal(await isActive(server, api, revoked), false)
        assert.equal((await askToken(server, client, scope)).status, 200)
      }
    } finally {
      await cluster.stop()
    }
  })

  it('says what is missing', async () => {
    const { options, stop } = testCluster(await postgres.server().createDatabase())
    await assert.rejects(copyData({ ...options, databaseUrl: null }), /where to copy to/)
    await assert.rejects(copyData(options), /no database in .*--data/)
    await stop()
  })
})
