import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { SharedDatabase } from '@mintmark/storage/database'
import { migrate } from '@mintmark/storage/migrations/migrate'
import { openPostgres } from '@mintmark/storage/postgres/postgres-database'
import { postgresForTests } from '@mintmark/storage/postgres/postgres-test-database'
import { createClusterMember, leaseMs } from './cluster-member.ts'
import {
  type Asked,
  administrate,
  askToken,
  type ClusterProcess,
  type ClusterServer,
  declare,
  isActive,
  postAs,
  testCluster,
} from './test-cluster.ts'

const postgres = postgresForTests()

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface Stand {
  readonly server: ClusterServer
  readonly admin: Awaited<ReturnType<typeof administrate>>
  readonly client: { readonly id: string }
  readonly other: ClusterProcess
  readonly api: { readonly clientId: string; readonly secret: string }
  /** A token of which the other server has been asked, and knows that it is good. */
  token(): Promise<string>
  /** @returns milliseconds until the answer */
  revoke(token: string): Promise<number>
}

const withOther = async (work: (stand: Stand) => Promise<void>): Promise<void> => {
  const cluster = testCluster(await postgres.server().createDatabase())
  try {
    const server = await cluster.start()
    const other = await cluster.spawn()
    const admin = await administrate(server)
    const { api, client, scope } = await declare(admin)
    const token = async (): Promise<string> => {
      const made = String((await askToken(server, client, scope)).body['access_token'])
      assert.ok(await isActive(other, api, made))
      return made
    }
    const revoke = async (made: string): Promise<number> => {
      const begun = performance.now()
      const { status } = await postAs(server, client, '/oauth2/v1/revoke', { token: made })
      assert.equal(status, 200)
      return performance.now() - begun
    }
    await work({ server, admin, client, other, api, token, revoke })
  } finally {
    await cluster.stop()
  }
}

const introspect = (server: Asked, api: Stand['api'], token: string) =>
  postAs(server, api, '/oauth2/v1/introspect', { token })

describe('a server that says nothing', { skip: postgres.skip }, () => {
  before(postgres.start)
  after(postgres.stop)

  it('delays a revocation for a lease and once, and honours nothing when it comes back', () =>
    withOther(async ({ other, api, token, revoke }) => {
      for (let round = 0; round < 3; round += 1) {
        const [first, second] = [await token(), await token()]
        other.child.kill('SIGSTOP')
        const waited = await revoke(first)
        assert.ok(waited > leaseMs / 2, `answered after ${waited} ms while a server may know less`)
        assert.ok(waited < leaseMs + 1500, `answered after ${waited} ms`)
        assert.ok((await revoke(second)) < leaseMs / 2, 'nobody waits for it a second time')
        // asked while it is stopped: it answers when it goes on, before it hears anything
        const answers = [first, second, first].map((each) => introspect(other, api, each))
        await sleep(100)
        other.child.kill('SIGCONT')
        for (const { status, body } of await Promise.all(answers)) {
          assert.ok(status === 503 || body['active'] === false, JSON.stringify({ status, body }))
        }
        const deadline = performance.now() + 20_000
        while ((await introspect(other, api, first)).status !== 200) {
          assert.ok(performance.now() < deadline, 'it does not come back')
          await sleep(20)
        }
        assert.equal(await isActive(other, api, first), false)
        assert.equal(await isActive(other, api, second), false)
      }
    }))

  it('delays the answer that something is so already, as long as it may know less', () =>
    withOther(async ({ admin, client, other }) => {
      const deactivate = async (): Promise<number> => {
        const begun = performance.now()
        const schemas = ['urn:ietf:params:scim:schemas:oracle:idcs:AppStatusChanger']
        const path = `/AppStatusChanger/${client.id}`
        const { status } = await admin('PUT', path, { schemas, active: false })
        assert.equal(status, 200)
        return performance.now() - begun
      }
      other.child.kill('SIGSTOP')
      const first = deactivate()
      await sleep(leaseMs / 10)
      const waited = await deactivate()
      assert.ok(waited > leaseMs / 2, `answered after ${waited} ms while a server may know less`)
      assert.ok((await first) < leaseMs + 1500)
      assert.ok((await deactivate()) < leaseMs / 2, 'all know of it by now')
    }))

  it('is not waited for when it was killed, but once', () =>
    withOther(async ({ other, token, revoke }) => {
      const [first, second] = [await token(), await token()]
      other.child.kill('SIGKILL')
      assert.ok((await revoke(first)) < leaseMs + 1500)
      assert.ok((await revoke(second)) < leaseMs / 2)
    }))

  it('is not the eldest for long when it was killed, though nothing changes', async () => {
    const url = await postgres.server().createDatabase()
    const cluster = testCluster(url)
    const database = openPostgres({ url })
    try {
      const { child } = await cluster.spawn()
      child.kill('SIGKILL')
      await cluster.start()
      const deadline = performance.now() + 2 * leaseMs + 5000
      while ((await database.read.all('SELECT 1 FROM server_member', [])).length > 1) {
        assert.ok(performance.now() < deadline, 'it is still counted on')
        await sleep(50)
      }
    } finally {
      await database.close()
      await cluster.stop()
    }
  })

  it('is followed as the eldest by one that goes on, which asks for that', async () => {
    const url = await postgres.server().createDatabase()
    const [first, second] = [openPostgres({ url }), openPostgres({ url })]
    const hearer = { hear: () => {}, hearEverything: () => {} }
    const memberOf = (database: SharedDatabase, serverId: string) =>
      createClusterMember({ database, domainId: 'd', serverId, warn: () => {} })
    try {
      await migrate(first)
      const [elder, younger] = [memberOf(first, 'a'), memberOf(second, 'b')]
      await elder.join(hearer)
      await younger.join(hearer)
      await younger.seekOthers()
      assert.deepEqual([elder.isEldest(), younger.isEldest()], [true, false])
      await first.close()
      const deadline = performance.now() + 2 * leaseMs + 5000
      while (!younger.isEldest()) {
        assert.ok(performance.now() < deadline, 'nobody is the eldest')
        await younger.seekOthers()
        await sleep(20)
      }
      await younger.leave()
    } finally {
      await Promise.all([first.close(), second.close()])
    }
  })

  it('hears of 200 revocations by two others at once, each before its answer', () =>
    withOther(async ({ server, other, api, token, revoke }) => {
      const waits: number[] = []
      const trial = async (): Promise<void> => {
        for (let round = 0; round < 50; round += 1) {
          const made = await token()
          waits.push(await revoke(made))
          assert.equal(await isActive(other, api, made), false)
          assert.equal(await isActive(server, api, made), false)
        }
      }
      await Promise.all([trial(), trial(), trial(), trial()])
      assert.equal(waits.length, 200)
      const slowest = Math.max(...waits)
      assert.ok(slowest < leaseMs, `one took ${slowest} ms: somebody was not heard`)
    }))
})
