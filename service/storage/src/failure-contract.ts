import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import { type CreateTestDatabase, withDatabase } from './contract-database.ts'
import { breakable, entryOf, startMs, storedEvents, withLedger } from './contract-ledger-stand.ts'
import { domainA } from './contract-records.ts'
import { createLedger, type LedgerOptions, type StoredLedger } from './stored-ledger.ts'

const limits: NonNullable<LedgerOptions['limits']> = {
  secret: { failuresMax: 3, windowSeconds: 60, lockSeconds: 10, lockSecondsMax: 40 },
  token: { failuresMax: 5, windowSeconds: 60, lockSeconds: 10, lockSecondsMax: 40 },
}

const attemptContract = (create: CreateTestDatabase): void => {
  const attempt = { clientId: 'nightly', source: '10.0.0.1', reason: 'UNKNOWN_SECRET' }
  const wrong = { ...attempt, kind: 'secret' } as const

  it('locks a client from one source after too many failures, also after a restart', () =>
    withLedger(
      create,
      async ({ ledger, clock, restart }) => {
        const lock = async (to: StoredLedger) => (await to.recordFailure(wrong)).lockedForSeconds
        assert.deepEqual([await lock(ledger), await lock(ledger)], [0, 0])
        const again = await restart()
        assert.equal(again.lockedFor('nightly', '10.0.0.1'), 0)
        assert.equal(await lock(again), 10)
        assert.equal(again.lockedFor('nightly', '10.0.0.1'), 10)
        assert.equal(again.lockedFor('nightly', '10.0.0.2'), 0)
        assert.equal(again.lockedFor('other', '10.0.0.1'), 0)
        assert.equal(again.lockedFor('nightly', '10.0.0.1', 'token'), 0)
        const third = await restart()
        clock.nowMs += 4000
        assert.equal(third.lockedFor('nightly', '10.0.0.1'), 6)
        clock.nowMs += 6000
        assert.equal(third.lockedFor('nightly', '10.0.0.1'), 0)
      },
      { limits },
    ))

  it('removes counts that no longer matter', () =>
    withLedger(
      create,
      async ({ ledger, database, clock }) => {
        await ledger.recordFailure(wrong)
        const count = async () =>
          (await database.read.all('SELECT source FROM failed_attempt', [])).length
        assert.equal(await count(), 1)
        clock.nowMs += 600_000
        assert.equal((await ledger.sweep(clock.nowMs)).attempts, 1)
        assert.equal(await count(), 0)
      },
      { limits },
    ))

  it('counts what a failed commit could not store, and stores it with the next', () =>
    withDatabase(create, async (real) => {
      const { state, database } = breakable(real)
      const options = {
        domainId: domainA,
        now: () => startMs,
        mode: 'strict',
        queueMax: 10,
      } as const
      const ledger = await createLedger({ ...options, database, limits })
      state.broken = true
      await ledger.recordFailure(wrong)
      await ledger.recordFailure(wrong)
      state.broken = false
      assert.equal((await ledger.recordFailure(wrong)).lockedForSeconds, 10)
      await ledger.close()
      const again = await createLedger({ ...options, database, limits })
      assert.equal(again.lockedFor('nightly', '10.0.0.1'), 10)
      await again.close()
    }))
}

const strangerContract = (create: CreateTestDatabase): void => {
  it('adds refusals of strangers up by source, reason and second', () =>
    withLedger(create, async ({ ledger, database, clock }) => {
      const refusal = (source: string, at: number): AuditEvent => ({
        at,
        ecid: `e${at}`,
        action: 'token.issue',
        result: 'refused',
        reason: 'CLIENT_UNKNOWN',
        source,
      })
      for (let index = 0; index < 100; index += 1)
        ledger.recordRefusal(refusal('a', startMs + index))
      ledger.recordRefusal(refusal('b', startMs))
      ledger.recordRefusal(refusal('a', startMs + 1000))
      ledger.recordRefusal({ ...refusal('c', startMs), detail: { big: 1n } })
      clock.nowMs = startMs + 1000
      await ledger.record(entryOf('e'))
      const counts = async () =>
        (await storedEvents(database)).map((event) => [event.source, event.detail?.['count']])
      // the second that still runs is not closed yet
      assert.deepEqual(await counts(), [
        [undefined, undefined],
        ['a', 100],
        ['b', 1],
      ])
      await ledger.flush()
      assert.deepEqual((await counts()).at(-1), ['a', 1])
    }))

  it('stores refusals without anything else to store', () =>
    withLedger(create, async ({ ledger, database, clock }) => {
      ledger.recordRefusal({ at: startMs, ecid: 'e', action: 'token.issue', result: 'refused' })
      clock.nowMs += 2000
      const deadline = performance.now() + 20_000
      while ((await storedEvents(database)).length === 0) {
        assert.ok(performance.now() < deadline, 'it was never stored')
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }))
}

/** What becomes of wrong guesses and of strangers, on every database. */
export const failureContract = (create: CreateTestDatabase): void => {
  attemptContract(create)
  strangerContract(create)
}
