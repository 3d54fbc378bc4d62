import assert from 'node:assert/strict'
import { it } from 'node:test'
import { chargedEntry, toldOutcome } from './budget-contract.ts'
import { type CreateTestDatabase, withDatabase } from './contract-database.ts'
import { entryOf, proofOf, startMs } from './contract-ledger-stand.ts'
import { domainA } from './contract-records.ts'
import type { Database } from './database.ts'
import { createLedger, type StoredLedger } from './stored-ledger.ts'
import { appendChange, findChangeHead, listChanges, sweepChanges } from './tables/change-entry.ts'

const limit = { failuresMax: 4, windowSeconds: 60, lockSeconds: 10, lockSecondsMax: 40 }
const wrong = { clientId: 'nightly', source: '10.0.0.1', reason: 'x', kind: 'secret' } as const

/** Two ledgers on one database that hear of each other before each transaction, as servers do. */
const withTwo = (
  create: CreateTestDatabase,
  work: (a: StoredLedger, b: StoredLedger, database: Database) => Promise<void>,
): Promise<void> =>
  withDatabase(create, async (database) => {
    const open = async () => {
      let heard = 0
      let ledger: StoredLedger | null = null
      const hearing: Database = {
        ...database,
        transaction: (act, committed) =>
          database.transaction(async (statements) => {
            for (const entry of await listChanges(statements, domainA, heard, 1000)) {
              ledger?.absorbAttempts(entry.attempts)
              heard = entry.number
            }
            return act(statements)
          }, committed),
      }
      ledger = await createLedger({
        database: hearing,
        domainId: domainA,
        now: () => startMs,
        mode: 'strict',
        queueMax: 1000,
        limits: { secret: limit, token: limit },
        sharing: {
          tell: (statements, news) =>
            appendChange(statements, domainA, { clientIds: [], catalog: false, ...news }),
          told: (number) => {
            heard = number
          },
        },
      })
      return ledger
    }
    const [a, b] = [await open(), await open()]
    try {
      await work(a, b, database)
    } finally {
      await Promise.all([a.close(), b.close()])
    }
  })

/** What two ledgers on one database must do together, on every database. */
export const sharedLedgerContract = (create: CreateTestDatabase): void => {
  it('lets one of 300 presenters of a proof win, at whichever ledger', () =>
    withTwo(create, async (a, b) => {
      for (const round of [1, 2, 3]) {
        const outcomes = await Promise.all(
          Array.from({ length: 300 }, (_, index) =>
            (index % 2 ? a : b).record(
              entryOf(`e${index}`, { once: [proofOf(`p${round}`), proofOf(`${round}-${index}`)] }),
            ),
          ),
        )
        assert.equal(outcomes.filter((outcome) => outcome === 'recorded').length, 1)
        assert.equal(outcomes.filter((outcome) => outcome === 'replayed').length, 299)
      }
      // what stood beside a proof that was used before has not been used up
      const again = await a.record(entryOf('x', { once: [proofOf('1-0')] }))
      const other = await b.record(entryOf('y', { once: [proofOf('1-1')] }))
      assert.ok([again, other].includes('recorded'))
    }))

  it('gives out a budget to the last token and no further, at whichever ledger', () =>
    withTwo(create, async (a, b) => {
      const outcomes = await Promise.all(
        Array.from({ length: 300 }, (_, at) =>
          (at % 2 ? a : b).record(chargedEntry(`e${at}`, { tokensMax: 70 })),
        ),
      )
      const left = outcomes.map(toldOutcome).filter((told) => told.startsWith('charged'))
      assert.equal(new Set(left).size, 70)
      assert.equal(left.length, 70)
    }))

  it('refuses at one what is as old as what the other has forgotten', () =>
    withTwo(create, async (a, b) => {
      const old = proofOf('old', 'nightly', startMs - 1)
      assert.equal(await a.record(entryOf('e', { once: [old] })), 'recorded')
      await a.sweep(startMs + 300_000)
      assert.equal(await b.record(entryOf('e', { once: [old] })), 'replayed')
    }))

  it('adds failures up, and gives nothing to a client that the other has locked out', () =>
    withTwo(create, async (a, b) => {
      const guess = async (ledger: StoredLedger) =>
        (await ledger.recordFailure(wrong)).lockedForSeconds
      const answers = [await guess(a), await guess(b), await guess(a), await guess(b)]
      assert.deepEqual(answers, [0, 0, 0, 10])
      const { event } = entryOf('e')
      const entry = entryOf('e', { event: { ...event, source: wrong.source } })
      assert.equal(await a.record(entry), 'stale')
      assert.equal(a.lockedFor(wrong.clientId, wrong.source), 10)
      assert.equal(a.lockedFor(wrong.clientId, '10.0.0.2'), 0)
    }))

  it('locks no sooner for hearing of the same failure twice', () =>
    withTwo(create, async (a, b, database) => {
      await a.recordFailure(wrong)
      const [told] = await listChanges(database.read, domainA, 0, 10)
      for (let time = 0; time < 5; time += 1) b.absorbAttempts(told?.attempts ?? [])
      assert.equal((await b.recordFailure(wrong)).lockedForSeconds, 0)
    }))

  it('numbers changes without a gap, and keeps counting when the old ones are gone', () =>
    withDatabase(create, async (database) => {
      const change = { clientIds: ['c'], catalog: false, revocations: [], attempts: [] }
      const append = () =>
        database.transaction((statements) => appendChange(statements, domainA, change))
      const numbers = await Promise.all(Array.from({ length: 20 }, append))
      assert.deepEqual(
        numbers,
        Array.from({ length: 20 }, (_, index) => index + 1),
      )
      const sweep = (rowsMax: number) =>
        database.transaction((statements) => sweepChanges(statements, domainA, 5, rowsMax))
      assert.deepEqual([await sweep(10), await sweep(10), await sweep(10)], [10, 5, 0])
      const left = await listChanges(database.read, domainA, 0, 100)
      assert.deepEqual(
        left.map(({ number }) => number),
        [16, 17, 18, 19, 20],
      )
      assert.equal(await findChangeHead(database.read, domainA), 20)
      assert.equal(await append(), 21)
    }))
}
