import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { seedDomain } from '@mintmark/decisions/administration/built-in-application'
import type { ExpiringCounts } from '@mintmark/decisions/upkeep/decide-expiry-notices'
import { builtInApplicationId } from '@mintmark/registry/snapshot'
import { migrate } from '@mintmark/storage/migrations/migrate'
import { openSqlite } from '@mintmark/storage/sqlite/sqlite-database'
import { createChangeSet, openRegistryTransaction } from '@mintmark/storage/stored-registry'
import { putIdentityDomain } from '@mintmark/storage/tables/identity-domain'
import { onceAnHour } from './once-an-hour.ts'
import { type NoticeLimits, postNotice } from './post-notice.ts'
import { type ExpiryOrder, tellExpiring } from './tell-expiring.ts'

const domain = { id: 'idcs-00000000000040008000000000000001', displayName: 'D', createdAtMs: 0 }
const nowMs = Date.UTC(2026, 10, 21, 12)
const day = 86_400_000

const limits: NoticeLimits = {
  resolve: async () => [{ address: '127.0.0.1', family: 4 }],
  totalTimeoutMs: 300,
  retryAfterMs: [10, 10],
}

/** A real receiver; `answers` in turn, then 200. */
const receive = async (answers: number[] = []) => {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      bodies.push(body)
      const status = answers.shift() ?? 200
      if (status === 0) return
      response.writeHead(status, status === 302 ? { location: 'http://127.0.0.1:1/' } : {}).end()
    })
  })
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  const url = `http://localhost:${(server.address() as AddressInfo).port}/hook?key=hidden`
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url, bodies, close }
}

const withCredentials = async (work: (order: Omit<ExpiryOrder, 'webhookUrl'>) => Promise<void>) => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-expiry-'))
  const database = openSqlite({ path: join(directory, 'mintmark.db') })
  try {
    await migrate(database)
    await database.transaction(async (statements) => {
      await putIdentityDomain(statements, domain)
      const registry = openRegistryTransaction(statements, domain.id, createChangeSet())
      await registry.putApplication(seedDomain(domain, 0).application)
      const secret = (id: string, expiresAtMs: number | null, endsAtMs: number | null = null) =>
        registry.putSecret({
          kind: 'secret',
          domain: domain.id,
          id,
          applicationId: builtInApplicationId,
          label: `label ${id}`,
          origin: 'minted',
          digest: `digest-of-${id}`,
          sealed: 'sealed-text',
          ending: 'wHW',
          createdAtMs: 0,
          expiresAtMs,
          endsAtMs,
        })
      await secret('soon', nowMs + 3 * day)
      await secret('later', nowMs + 20 * day)
      await secret('far', nowMs + 31 * day)
      await secret('over', nowMs - 1)
      await secret('never', null)
      await secret('rotated', nowMs + 3 * day, nowMs + day)
      await registry.putCertificate({
        domain: domain.id,
        id: 'certificate',
        alias: 'door',
        der: '',
        x5t: 'a',
        x5tS256: 'b',
        notBeforeMs: 0,
        notAfterMs: nowMs + 5 * day,
        version: 1,
        createdAtMs: 0,
      })
    })
    const recorded: unknown[] = []
    const counted: ExpiringCounts[] = []
    const warned: string[] = []
    await work({
      database,
      domainId: domain.id,
      ledger: {
        record: async ({ event }) => {
          recorded.push(event.object)
          return 'recorded'
        },
      },
      counted: (counts) => counted.push(counts),
      warn: (fields) => warned.push(JSON.stringify(fields)),
      nowMs,
      limits,
    })
    assert.deepEqual(counted[0], {
      secret: { within7Days: 1, within30Days: 2 },
      certificate: { within7Days: 1, within30Days: 1 },
    })
    assert.ok(warned.every((each) => !each.includes('hidden')))
  } finally {
    await database.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

test('each credential that expires is told once a day, and nothing secret of it', () =>
  withCredentials(async (order) => {
    const hook = await receive()
    try {
      const tell = (atMs: number) => tellExpiring({ ...order, webhookUrl: hook.url, nowMs: atMs })
      await tell(nowMs)
      const told = hook.bodies.map((body) => JSON.parse(body) as Record<string, unknown>)
      assert.deepEqual(
        told.map(({ id, daysLeft }) => [id, daysLeft]),
        [
          ['soon', 3],
          ['certificate', 5],
          ['later', 20],
        ],
      )
      assert.match(hook.bodies[0] ?? '', /"clientId":"IDCSApp"/)
      assert.doesNotMatch(hook.bodies.join(), /digest-of|sealed-text/)
      await tell(nowMs + 3_600_000)
      assert.equal(hook.bodies.length, 3, 'the same day: nothing')
      await tell(nowMs + day)
      assert.equal(hook.bodies.length, 7, 'the next day: each again, and one that is now within 30')
    } finally {
      hook.close()
    }
  }))

test('a webhook that fails is tried three times, then in the next turn, and none is lost', () =>
  withCredentials(async (order) => {
    const hook = await receive([500, 500, 500])
    try {
      await tellExpiring({ ...order, webhookUrl: hook.url })
      assert.equal(hook.bodies.length, 3)
      await tellExpiring({ ...order, webhookUrl: hook.url })
      assert.equal(hook.bodies.length, 6)
      await tellExpiring({ ...order, webhookUrl: hook.url })
      assert.equal(hook.bodies.length, 6)
    } finally {
      hook.close()
    }
  }))

test('a notice follows no redirect, waits not too long, goes nowhere it must not', async () => {
  const hook = await receive([302, 302, 302, 0, 0, 0])
  try {
    assert.equal(await postNotice(hook.url, {}, limits), 'it answered 302')
    assert.equal(await postNotice(hook.url, {}, limits), 'it did not answer in time')
    const away = { ...limits, resolve: async () => [{ address: '169.254.169.254', family: 4 }] }
    const at = (url: string, address: string) =>
      postNotice(url, {}, { ...away, resolve: async () => [{ address, family: 4 }] })
    assert.match(String(await at('https://hook.example/', '169.254.169.254')), /not sent to/)
    assert.match(String(await at(hook.url, '10.0.0.1')), /not sent to/)
    assert.equal(hook.bodies.length, 6)
    assert.match(String(await postNotice('http://127.0.0.1:1/', {}, limits)), /ECONNREFUSED/)
  } finally {
    hook.close()
  }
})

test('hourly work runs once an hour, and not beside itself', async () => {
  let clock = 0
  let runs = 0
  let release = (): void => {}
  const turn = onceAnHour(
    () =>
      new Promise((fulfil) => {
        runs += 1
        release = fulfil
      }),
    () => clock,
  )
  const first = turn()
  clock = 4_000_000
  await turn()
  assert.equal(runs, 1, 'the first goes on')
  release()
  await first
  const second = turn()
  release()
  await second
  clock += 1000
  await turn()
  assert.equal(runs, 2)
})
