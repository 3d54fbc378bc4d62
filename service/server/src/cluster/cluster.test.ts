import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { postgresForTests } from '@mintmark/storage/postgres/postgres-test-database'
import { appendPack, findBrokenPack, packLines } from '@mintmark/storage/tables/audit-pack'
import {
  administrate,
  administrator,
  askToken,
  type ClusterServer,
  declare,
  declareKey,
  isActive,
  postAs,
  presentAssertion,
  type TestCluster,
  testCluster,
} from './test-cluster.ts'

const postgres = postgresForTests()

const withCluster = async (work: (cluster: TestCluster) => Promise<void>): Promise<void> => {
  const cluster = testCluster(await postgres.server().createDatabase())
  try {
    await work(cluster)
  } finally {
    await cluster.stop()
  }
}

/** Two servers that were started at the same moment on an empty database. */
const withTwo = (
  work: (a: ClusterServer, b: ClusterServer, cluster: TestCluster) => Promise<void>,
): Promise<void> =>
  withCluster(async (cluster) => {
    const [a, b] = await Promise.all([cluster.start(), cluster.start()])
    await work(a, b, cluster)
  })

const ready = async (server: ClusterServer) => {
  const response = await fetch(`${server.url}/readyz`, { headers: { connection: 'close' } })
  const { reasons } = (await response.json()) as { readonly reasons: readonly string[] }
  return { status: response.status, reasons: reasons.join('; ') }
}

const until = async (
  what: string,
  isSo: () => Promise<boolean>,
  withinMs = 10_000,
): Promise<number> => {
  const begun = performance.now()
  while (!(await isSo())) {
    assert.ok(performance.now() - begun < withinMs, `${what}: not within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return performance.now() - begun
}

const statusChange = 'urn:ietf:params:scim:schemas:oracle:idcs:AppStatusChanger'

describe('servers on one PostgreSQL', { skip: postgres.skip }, () => {
  before(postgres.start)
  after(postgres.stop)

  it('make one domain, one set of keys and one first administrator, started at once', () =>
    withCluster(async (cluster) => {
      const servers = await Promise.all([1, 2, 3].map(() => cluster.start()))
      const kids = await Promise.all(
        servers.map(async (server) => {
          const response = await fetch(`${server.url}/.well-known/jwks.json`)
          const { keys } = (await response.json()) as { keys: readonly { kid: string }[] }
          return keys.map(({ kid }) => kid).toSorted()
        }),
      )
      assert.deepEqual(kids[1], kids[0])
      assert.deepEqual(kids[2], kids[0])
      for (const server of servers) {
        const scope = 'urn:opc:idm:__myscopes__'
        assert.equal((await askToken(server, administrator, scope)).status, 200)
        assert.equal((await ready(server)).status, 200)
      }
      const [first] = servers
      assert.ok(first)
      const rows = await first.running.writer.database.read.all(
        `SELECT (SELECT count(*) FROM identity_domain) AS domains,
           (SELECT count(*) FROM application WHERE client_id = $1) AS administrators`,
        [administrator.clientId],
      )
      assert.deepEqual({ ...rows[0] }, { domains: 1, administrators: 1 })
    }))

  it('decide again what was in flight when all tokens of its client ended', () =>
    withTwo(async (a, b) => {
      const { client, scope } = await declare(await administrate(a))
      assert.equal((await askToken(b, client, scope)).status, 200)
      const { clientId } = client
      const event = { at: Date.now(), ecid: 'e', action: 'token', result: 'ok' } as const
      const before = [a, b].map(({ running }) => running.writer.publisher.sequence())
      const { status } = await postAs(a, client, '/oauth2/v1/revoke', { all_tokens: 'true' })
      assert.equal(status, 200)
      for (const [at, { running }] of [a, b].entries()) {
        const { publisher, writer } = running.writer
        const record = (sequence: number) =>
          writer.ledger.record({ event, once: [], clientId, sequence })
        assert.equal(await record(before[at] ?? 0), 'stale')
        assert.equal(await record(publisher.sequence()), 'recorded')
      }
    }))

  it('see each what the other has declared, revoked, deactivated and rotated, at once', () =>
    withTwo(async (a, b) => {
      const admin = await administrate(a)
      for (let round = 0; round < 10; round += 1) {
        const [from, to] = round % 2 === 0 ? [a, b] : [b, a]
        const { api, client, scope } = await declare(admin)
        const first = await askToken(to, client, scope)
        assert.equal(first.status, 200, JSON.stringify(first.body))
        const token = String(first.body['access_token'])
        assert.ok(await isActive(to, api, token))
        const { status } = await postAs(from, client, '/oauth2/v1/revoke', { token })
        assert.equal(status, 200)
        assert.equal(await isActive(to, api, token), false)
        const second = String((await askToken(to, client, scope)).body['access_token'])
        assert.ok(await isActive(to, api, second))
        const change = (active: boolean) =>
          admin('PUT', `/AppStatusChanger/${client.id}`, { schemas: [statusChange], active })
        // the administrator is at a, so b is the one that has to hear of it
        assert.equal((await change(false)).status, 200)
        assert.equal((await askToken(b, client, scope)).status, 401)
        assert.equal(await isActive(b, api, second), false)
        assert.equal((await change(true)).status, 200)
        assert.equal((await askToken(b, client, scope)).status, 200)
        const rotated = await admin('POST', '/AppClientSecretRegenerator', {
          schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:AppClientSecretRegenerator'],
          appId: client.id,
        })
        assert.ok([200, 201].includes(rotated.status), JSON.stringify(rotated.body))
        assert.equal((await askToken(b, client, scope)).status, 401)
        const secret = String(rotated.body['clientSecret'])
        assert.equal((await askToken(b, { ...client, secret }, scope)).status, 200)
      }
    }))

  it('date clients after all that is on record, and tokens after their client', () =>
    withTwo(async (a, b) => {
      // what a server with a faster clock records
      const aheadMs = Date.now() + 9000
      const event = { at: aheadMs, ecid: 'e', action: 'token', result: 'ok', object: 't' }
      const { database, domain } = a.running.writer
      await database.transaction((statements) =>
        appendPack(statements, domain.id, packLines([JSON.stringify(event)], [aheadMs])),
      )
      const admin = await administrate(a)
      const { api, client, scope } = await declare(admin)
      const { body } = await admin('GET', `/Apps/${client.id}`)
      const { created } = body['meta'] as { readonly created: string }
      assert.ok(Date.parse(created) > aheadMs, created)
      const rotated = await admin('POST', '/AppClientSecretRegenerator', {
        schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:AppClientSecretRegenerator'],
        appId: client.id,
      })
      for (const server of [a, b]) {
        assert.equal((await askToken(server, client, scope)).status, 401, 'it ended for all')
      }
      const renewed = { ...client, secret: String(rotated.body['clientSecret']) }
      for (const server of [a, b]) {
        const token = String((await askToken(server, renewed, scope)).body['access_token'])
        assert.ok(Date.now() < aheadMs, 'too slow to say anything')
        assert.deepEqual(
          [await isActive(a, api, token), await isActive(b, api, token)],
          [true, true],
        )
      }
    }))

  it('give out a budget to the last token and no further, whoever is asked, and to a third', () =>
    withTwo(async (a, b, cluster) => {
      const admin = await administrate(a)
      const { client, scope } = await declare(admin)
      const extension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'
      const dayMs = 86_400_000
      const leftMs = dayMs - (Date.now() % dayMs)
      // a budget is of one day: near its end, that of the next
      if (leftMs < 30_000) await new Promise((resolve) => setTimeout(resolve, leftMs + 1000))
      const patched = await admin('PATCH', `/Apps/${client.id}`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: `${extension}:tokensPerDay`, value: 25 }],
      })
      assert.equal(patched.status, 200, JSON.stringify(patched.body))
      const ask = async (servers: readonly ClusterServer[], count: number) => {
        const day = Math.floor(Date.now() / dayMs)
        const statuses = await Promise.all(
          Array.from({ length: count }, async (_, at) => {
            const server = servers[at % servers.length] as ClusterServer
            return (await askToken(server, client, scope)).status
          }),
        )
        assert.equal(Math.floor(Date.now() / dayMs), day, 'no day ended meanwhile')
        assert.ok(statuses.every((status) => status === 200 || status === 429))
        return statuses.filter((status) => status === 200).length
      }
      assert.equal(await ask([a, b], 16), 16)
      assert.equal(await ask([a, b], 40), 9)
      assert.equal(await ask([await cluster.start()], 3), 0)
    }))

  it('accept an assertion once, however many see it, and after a restart', () =>
    withTwo(async (a, b, cluster) => {
      const admin = await administrate(a)
      const { client, scope } = await declare(admin)
      const assertion = await declareKey(admin, client)
      const present = async (server: ClusterServer, text: string) =>
        (await presentAssertion(server, text, scope)).status
      for (let round = 0; round < 20; round += 1) {
        const text = assertion()
        const statuses = await Promise.all(
          Array.from({ length: 10 }, (_, index) => present(index % 2 === 0 ? a : b, text)),
        )
        assert.equal(statuses.filter((status) => status === 200).length, 1, statuses.join(' '))
        assert.equal(statuses.filter((status) => status === 401).length, 9, statuses.join(' '))
      }
      const last = assertion()
      assert.equal(await present(a, last), 200)
      await Promise.all([a.stop(), b.stop()])
      assert.equal(await present(await cluster.start(), last), 401)
    }))

  it('count wrong guesses together, and give no token to a client that another locked out', () =>
    withTwo(async (a, b) => {
      const { client, scope } = await declare(await administrate(a))
      const wrong = { ...client, secret: 'mms_wrong' }
      const statuses: number[] = []
      for (const server of [a, b, a, b]) statuses.push((await askToken(server, wrong)).status)
      assert.deepEqual(statuses, [401, 401, 401, 429])
      for (const server of [a, b]) {
        assert.equal((await askToken(server, client, scope)).status, 429)
      }
    }))

  it('keep one audit chain', () =>
    withTwo(async (a, b) => {
      const { client, scope } = await declare(await administrate(a))
      await Promise.all(
        Array.from({ length: 60 }, (_, index) => askToken(index % 2 ? a : b, client, scope)),
      )
      const { database, domain } = a.running.writer
      assert.equal(await findBrokenPack(database.read, domain.id), null)
    }))

  it('refuse another master key, and make none where keys are sealed already', () =>
    withCluster(async (cluster) => {
      await cluster.start()
      const directory = mkdtempSync(join(tmpdir(), 'mintmark-other-'))
      try {
        const masterKeyFile = join(directory, 'master.key')
        await assert.rejects(cluster.start({ masterKeyFile }), /no master key at .*Copy the file/)
        const { openMasterKey } = await import('../signing/master-key.ts')
        openMasterKey(masterKeyFile, true)
        await assert.rejects(cluster.start({ masterKeyFile }), /is not the one .*copy the file/s)
      } finally {
        rmSync(directory, { recursive: true })
      }
    }))

  it('say within half a second that the database is silent', () =>
    withTwo(async (a) => {
      postgres.server().signalAll('SIGSTOP')
      try {
        const begun = performance.now()
        const { status, reasons } = await ready(a)
        const waited = performance.now() - begun
        assert.equal(status, 503)
        assert.match(reasons, /PostgreSQL has not answered for/)
        assert.ok(waited < 500, `${waited} ms`)
      } finally {
        postgres.server().signalAll('SIGCONT')
      }
      await until('ready again', async () => (await ready(a)).status === 200)
    }))

  it('answer 503 while the database is away, say why, and go on by themselves', () =>
    withTwo(async (a, b) => {
      const { api, client, scope } = await declare(await administrate(a))
      const token = String((await askToken(a, client, scope)).body['access_token'])
      await postgres.server().kill()
      try {
        const known = await Promise.all(
          [a, b].map((each) => until('not ready', async () => (await ready(each)).status === 503)),
        )
        assert.ok(Math.max(...known) < 500, `${known} ms`)
        for (const server of [a, b]) {
          const refused = await askToken(server, client, scope)
          assert.equal(refused.status, 503)
          assert.match(refused.retryAfter ?? '', /^[1-9]\d*$/)
          assert.equal(refused.body['error'], 'temporarily_unavailable')
          assert.match((await ready(server)).reasons, /PostgreSQL/)
          assert.equal((await postAs(server, api, '/oauth2/v1/introspect', { token })).status, 503)
        }
        await until('out of touch', async () => a.running.writer.outOfTouch() !== null)
        for (const [path, format] of [
          ['/admin/v1/Apps', /"urn:ietf:params:scim:api:messages:2.0:Error"/],
          ['/api/v1/audit', /"type":"urn:mintmark:problem:record-unavailable"/],
        ] as const) {
          const asked = await fetch(a.url + path, { headers: { connection: 'close' } })
          assert.equal(asked.status, 503)
          assert.ok(asked.headers.get('retry-after'))
          assert.match(await asked.text(), format)
        }
      } finally {
        await postgres.server().start()
      }
      for (const server of [a, b]) {
        await until('ready again', async () => (await ready(server)).status === 200)
        assert.equal((await askToken(server, client, scope)).status, 200)
      }
      assert.equal((await postAs(a, client, '/oauth2/v1/revoke', { token })).status, 200)
      assert.equal(await isActive(b, api, token), false)
    }))
})
