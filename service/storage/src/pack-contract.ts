import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { CreateTestDatabase } from './contract-database.ts'
import { entryOf, storedEvents, withLedger } from './contract-ledger-stand.ts'
import { domainA } from './contract-records.ts'
import type { Database } from './database.ts'
import { findBrokenPack } from './tables/audit-pack.ts'

const storedBodies = async ({ read }: Database): Promise<readonly Buffer[]> => {
  const rows = await read.all('SELECT body FROM audit_pack ORDER BY sequence', [])
  return rows.map((row) => Buffer.from(row['body'] as Uint8Array))
}

/** What is on record of one commit, in the form that it is stored in. */
export const packContract = (create: CreateTestDatabase): void => {
  it('stores long packs in an eighth of their bytes, and reads them as they were', () =>
    withLedger(create, async ({ database, ledger }) => {
      const scope = 'https://orders.example/read'
      const entries = Array.from({ length: 64 }, (_, at) => {
        const { event } = entryOf(`e${at}`)
        return entryOf(`e${at}`, { event: { ...event, detail: { scope, asked: scope, at } } })
      })
      const single = entryOf('Zoë')
      await Promise.all(entries.map((each) => ledger.record(each)))
      await ledger.record(single)
      const events = await storedEvents(database)
      assert.deepEqual(
        events,
        [...entries, single].map(({ event }) => event),
      )
      const [long, short] = await storedBodies(database)
      const plainBytes = Buffer.byteLength(entries.map(({ event }) => JSON.stringify(event)).join())
      assert.ok(long !== undefined && long.length * 8 < plainBytes, `${long?.length}`)
      assert.equal(short?.toString(), `${JSON.stringify(single.event)}\n`)
      assert.equal(await findBrokenPack(database.read, domainA), null)
    }))

  it('notices that what is stored was altered, also where it can be inflated no more', () =>
    withLedger(create, async ({ database, ledger }) => {
      const record = (text: string) => {
        const { event } = entryOf('long')
        return ledger.record(entryOf('long', { event: { ...event, detail: { text } } }))
      }
      await record('a'.repeat(8000))
      await record('b'.repeat(8000))
      const [first = Buffer.of(), second = Buffer.of()] = await storedBodies(database)
      const put = (body: Uint8Array) =>
        database.transaction((statements) =>
          statements.run('UPDATE audit_pack SET body = $1 WHERE sequence = 1', [body]),
        )
      for (const body of [second, first.subarray(0, -5), Buffer.from('x'), Buffer.of()]) {
        await put(body)
        assert.equal(await findBrokenPack(database.read, domainA), 1)
      }
      await put(first)
      assert.equal(await findBrokenPack(database.read, domainA), null)
    }))
}
