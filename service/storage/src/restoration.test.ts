import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { LedgerEntry } from '@mintmark/registry/ledger'
import { migrate } from './migrations/migrate.ts'
import { restorationMarked } from './restoration.ts'
import { openSqlite } from './sqlite/sqlite-database.ts'
import { createLedger } from './stored-ledger.ts'
import { findBrokenPack } from './tables/audit-pack.ts'
import { putIdentityDomain } from './tables/identity-domain.ts'
import { beginFeed, findFeedEnd } from './tables/revocation-entry.ts'

const domainId = 'd'
const restoredAtMs = 1_000_000_000
const nowMs = restoredAtMs + 1000

let counter = 0
const entryOf = (expiresAtSeconds: number, issuedAtSeconds?: number): LedgerEntry => {
  counter += 1
  const claim = { owner: 'o', proof: `p${counter}`, expiresAtSeconds }
  const once = [{ ...claim, ...(issuedAtSeconds !== undefined && { issuedAtSeconds }) }]
  const event = { at: nowMs, ecid: `e${counter}`, action: 'token', result: 'ok' } as const
  return { event, once, clientId: null, sequence: 1 }
}

test('after a restore proofs from before are refused, and the feed is another one', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-restoration-'))
  const database = openSqlite({ path: join(directory, 'mintmark.db') })
  try {
    await migrate(database)
    await database.transaction(async (statements) => {
      await putIdentityDomain(statements, { id: domainId, displayName: 'd', createdAtMs: 0 })
      await beginFeed(statements, domainId)
    })
    const before = await findFeedEnd(database.read, domainId)
    const event = { at: restoredAtMs, ecid: 'r', action: 'backup.restore', result: 'ok' } as const
    await restorationMarked(database, domainId, event)
    const feed = await findFeedEnd(database.read, domainId)
    assert.notEqual(feed?.epoch, before?.epoch)
    assert.equal(feed?.number, before?.number)
    const options = { database, domainId, now: () => nowMs, mode: 'strict', queueMax: 10 } as const
    const ledger = await createLedger(options)
    const seconds = restoredAtMs / 1000
    assert.equal(await ledger.record(entryOf(seconds + 300, seconds - 1)), 'replayed')
    assert.equal(await ledger.record(entryOf(seconds + 300, seconds)), 'recorded')
    assert.equal(await ledger.record(entryOf(seconds + 300)), 'replayed')
    assert.equal(await ledger.record(entryOf(seconds + 3701)), 'recorded')
    await ledger.close()
    assert.equal(await findBrokenPack(database.read, domainId), null)
  } finally {
    await database.close()
    rmSync(directory, { recursive: true })
  }
})
