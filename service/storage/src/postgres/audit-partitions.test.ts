import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openAuditReader } from '../audit-reader.ts'
import { sweepAudit } from '../audit-sweep.ts'
import { exportDatabase } from '../copy-database.ts'
import type { SharedDatabase } from '../database.ts'
import { migrate, migrations } from '../migrations/migrate.ts'
import { openSqlite } from '../sqlite/sqlite-database.ts'
import { appendPack, findBrokenPack, listPacks, packLines } from '../tables/audit-pack.ts'
import { putIdentityDomain } from '../tables/identity-domain.ts'
import { sweepPartitionedAudit } from './audit-partitions.ts'
import { openPostgres } from './postgres-database.ts'
import { readSnapshot } from './postgres-snapshot.ts'
import { postgresForTests } from './postgres-test-database.ts'

const postgres = postgresForTests()
const domainId = 'idcs-00000000000040008000000000000001'
const dayMs = 86_400_000
const startMs = 1_700_000_000_000
/** Of so many days, so that a part is for one day. */
const retentionMs = 16 * dayMs
const packsOfDay = 20

interface Stand {
  readonly url: string
  readonly database: SharedDatabase
  /** Appends packs of one event each, a day's number a day, and sweeps after each day. */
  live(fromDay: number, days: number): Promise<number>
  sweep(day: number): Promise<number>
  /** Bounds of the parts, in their order. */
  parts(): Promise<readonly string[]>
  /** Tables whose name is that of a part. */
  tables(): Promise<number>
}

const append = (database: SharedDatabase, day: number, from: number, packs = 1): Promise<void> =>
  database.transaction(async (statements) => {
    for (let index = from; index < from + packs; index += 1) {
      const at = startMs + day * dayMs + index * 1000
      const line = JSON.stringify({ at, ecid: `e-${day}-${index}`, action: 'token', result: 'ok' })
      await appendPack(statements, domainId, packLines([line], [at]))
    }
  })

const makeStand = (url: string, database: SharedDatabase): Stand => {
  const sweep = (day: number) => {
    const nowMs = startMs + day * dayMs
    return sweepPartitionedAudit({
      ...{ database, domainId, nowMs, newEcid: () => 'sweep', stepsMax: 10 },
      beforeMs: nowMs - retentionMs,
      packsMin: packsOfDay,
    })
  }
  return {
    url,
    database,
    sweep,
    live: async (fromDay, days) => {
      let removed = 0
      for (let day = fromDay; day < fromDay + days; day += 1) {
        await append(database, day, 0, packsOfDay)
        removed += await sweep(day + 1)
      }
      return removed
    },
    parts: async () => {
      const rows = await database.read.all(
        `SELECT pg_get_expr(relpartbound, oid) AS bound FROM pg_class
         WHERE relispartition AND relkind = 'r' AND relname LIKE 'audit_pack%'`,
        [],
      )
      const bounds = rows.map((row) =>
        String(row['bound']).replaceAll(/FOR VALUES FROM |['()]|TO /g, ''),
      )
      return bounds.toSorted(
        (a, b) => (Number.parseInt(a, 10) || 0) - (Number.parseInt(b, 10) || 0),
      )
    },
    tables: async () => {
      const found = "SELECT 1 FROM pg_class WHERE relkind = 'r' AND relname LIKE 'audit_pack%'"
      return (await database.read.all(found, [])).length
    },
  }
}

const withStand = async (test: (stand: Stand) => Promise<void>, steps = migrations) => {
  const url = await postgres.server().createDatabase()
  const database = openPostgres({ url })
  try {
    await migrate(database, steps)
    await database.transaction((statements) =>
      putIdentityDomain(statements, { id: domainId, displayName: 'Default', createdAtMs: 0 }),
    )
    await test(makeStand(url, database))
  } finally {
    await database.close()
  }
}

const whole = async ({ database }: Stand) =>
  assert.equal(await findBrokenPack(database.read, domainId), null)

describe('audit in parts', { skip: postgres.skip }, () => {
  before(postgres.start)
  after(postgres.stop)

  it('drops parts that are past their time, and the chain stays whole', () =>
    withStand(async (stand) => {
      assert.equal(await stand.live(0, 16), 0)
      const full = await stand.parts()
      assert.ok(full.length > 8, String(full))
      assert.match(String(full.at(-1)), /^\d+ MAXVALUE$/)
      const removed = await stand.live(16, 16)
      assert.ok(removed > 12 * packsOfDay, String(removed))
      await whole(stand)
      const parts = await stand.parts()
      assert.match(String(parts[0]), /^MINVALUE \d+$/)
      assert.ok(parts.length <= 24, String(parts))
      assert.equal(await stand.tables(), parts.length, 'what was taken off is dropped')
      const [first, next] = await listPacks(stand.database.read, domainId, 0, 2)
      assert.equal(first?.eventCount, 0, 'the hash before the first pack stays')
      assert.equal(next?.sequence, (first?.sequence ?? 0) + 1)
      const reader = openAuditReader(stand.database.lists, domainId)
      const found = (day: number) => reader.findEvent(`e-${day}-0`, startMs + day * dayMs)
      assert.equal(await found(10), null)
      assert.ok(await found(17), 'what is younger than the retention is there')
      const { events } = await reader.search({ action: 'audit.retention' }, null, 1)
      assert.equal(events[0]?.event.detail?.['through'], first?.sequence)
      const hash = Buffer.from(first?.hash ?? []).toString('base64url')
      assert.equal(events[0]?.event.detail?.['hash'], hash)
    }))

  it('takes over what there was, as it stands, beside programs that know nothing of it', () =>
    withStand(
      async (stand) => {
        const { database } = stand
        // a column of later on, for as long as this program writes
        const alter = (what: string) =>
          database.transaction((statements) => statements.run(`ALTER TABLE audit_pack ${what}`, []))
        await alter('ADD COLUMN tokens_until_ms bigint')
        await append(database, 0, 0, 50)
        await alter('DROP COLUMN tokens_until_ms')
        const placed = async () => {
          const rows = await database.read.all(
            "SELECT oid, relfilenode FROM pg_class WHERE relname ~ '^audit_pack(_from_0)?$' " +
              "AND relkind = 'r'",
            [],
          )
          return rows[0]
        }
        const before = await placed()
        await migrate(database)
        assert.deepEqual(await placed(), before, 'nothing was written anew')
        await whole(stand)
        await append(database, 0, 50)
        const order = {
          database,
          domainId,
          nowMs: startMs + dayMs,
          newEcid: () => 's',
          stepsMax: 1,
        }
        assert.equal(await sweepAudit({ ...order, beforeMs: startMs + 20_000 }), 20)
        await stand.sweep(1)
        assert.deepEqual(await stand.parts(), ['MINVALUE 86', '86 MAXVALUE'])
        await stand.live(1, 24)
        await whole(stand)
        assert.match(String((await stand.parts())[0]), /^MINVALUE (?!86)\d+$/)
      },
      migrations.slice(0, 18),
    ))

  it('waits for a backup, and keeps nobody waiting for that', () =>
    withStand(async (stand) => {
      await stand.live(0, 12)
      const folder = mkdtempSync(join(tmpdir(), 'mintmark-parts-'))
      const path = join(folder, 'exported.db')
      const before = await stand.parts()
      try {
        await readSnapshot(stand.url, async (statements) => {
          let slowestMs = 0
          let isSwept = false
          const sweep = stand.sweep(18).finally(() => {
            isSwept = true
          })
          for (let index = 0; !isSwept; index += 1) {
            const beganMs = performance.now()
            await append(stand.database, 18, index)
            slowestMs = Math.max(slowestMs, performance.now() - beganMs)
          }
          assert.equal(await sweep, 0)
          assert.ok(slowestMs < 2000, `a write took ${slowestMs} ms`)
          assert.deepEqual(await stand.parts(), before)
          await exportDatabase(statements, path)
        })
        const copy = openSqlite({ path, examine: true })
        assert.equal(await findBrokenPack(copy.read, domainId), null)
        const packs = await listPacks(copy.read, domainId, 0, 1000)
        assert.equal(packs.filter(({ eventCount }) => eventCount > 0).length, 12 * packsOfDay)
        await copy.close()
        assert.ok((await stand.sweep(18)) >= packsOfDay)
        assert.equal((await stand.parts())[0]?.startsWith('MINVALUE'), true)
        await whole(stand)
      } finally {
        rmSync(folder, { recursive: true })
      }
    }))
})
