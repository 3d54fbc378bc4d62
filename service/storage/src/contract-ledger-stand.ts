import assert from 'node:assert/strict'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { LedgerEntry, OnceClaim } from '@mintmark/registry/ledger'
import { type CreateTestDatabase, withDatabase } from './contract-database.ts'
import { domainA } from './contract-records.ts'
import type { Database } from './database.ts'
import { createLedger, type LedgerOptions, type StoredLedger } from './stored-ledger.ts'
import { eventsOf, findBrokenPack, listPacks } from './tables/audit-pack.ts'

/** A clock that tests move. */
export const startMs = 1_700_000_000_000

export const proofOf = (
  proof: string,
  owner = 'nightly',
  expiresAtMs = startMs + 300_000,
): OnceClaim => ({ owner, proof, expiresAtSeconds: expiresAtMs / 1000 })

export const entryOf = (ecid: string, more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  event: { at: startMs, ecid, action: 'token.issue', result: 'ok', actor: 'nightly' },
  once: [],
  clientId: 'nightly',
  sequence: 0,
  ...more,
})

/** A ledger on a database made for one test. */
export interface LedgerStand {
  readonly database: Database
  readonly ledger: StoredLedger
  readonly clock: { nowMs: number }
  /** Closes everything and opens it again on the same data. */
  restart(more?: Partial<LedgerOptions>): Promise<StoredLedger>
}

export const withLedger = (
  create: CreateTestDatabase,
  test: (stand: LedgerStand) => Promise<void>,
  more: Partial<LedgerOptions> = {},
): Promise<void> =>
  withDatabase(create, async (first, made) => {
    const clock = { nowMs: startMs }
    const open = (database: Database, options: Partial<LedgerOptions>) =>
      createLedger({
        database,
        domainId: domainA,
        now: () => clock.nowMs,
        mode: 'strict',
        queueMax: 1000,
        ...options,
      })
    let ledger = await open(first, more)
    const restart = async (options: Partial<LedgerOptions> = {}) => {
      await ledger.close()
      ledger = await open(await made.reopen(), { ...more, ...options })
      return ledger
    }
    try {
      await test({ database: first, ledger, clock, restart })
    } finally {
      await ledger.close()
    }
  })

/** Everything on record, after a look at the chain. */
export const storedEvents = async (database: Database): Promise<readonly AuditEvent[]> => {
  assert.equal(await findBrokenPack(database.read, domainA), null, 'the chain is whole')
  return (await listPacks(database.read, domainA, 0, 10_000)).flatMap(eventsOf)
}

/** The real database, with commits that fail while `broken`. */
export const breakable = (database: Database) => {
  const state = { broken: false }
  const wrapped: Database = {
    ...database,
    transaction: (work, committed) =>
      database.transaction(async (statements) => {
        const value = await work(statements)
        if (state.broken) throw new Error('disk full')
        return value
      }, committed),
  }
  return { state, database: wrapped }
}
