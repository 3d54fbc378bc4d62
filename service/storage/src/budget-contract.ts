import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { RecordOutcome } from '@mintmark/registry/ledger'
import type { BudgetCharge } from '@mintmark/registry/token-allowance'
import { type CreateTestDatabase, withDatabase } from './contract-database.ts'
import {
  breakable,
  entryOf,
  proofOf,
  startMs,
  storedEvents,
  withLedger,
} from './contract-ledger-stand.ts'
import { domainA } from './contract-records.ts'
import { createLedger } from './stored-ledger.ts'
import { findTokenCounts } from './tables/token-count.ts'

const budgetOf = (more: Partial<BudgetCharge> = {}): BudgetCharge => ({
  side: 'client',
  applicationId: 'id-nightly',
  span: 'minute',
  tokensMax: 3,
  tokens: 1,
  mode: 'enforce',
  ...more,
})

/** An entry that is charged to one budget. */
export const chargedEntry = (ecid: string, more: Partial<BudgetCharge> = {}) =>
  entryOf(ecid, { charge: { budgets: [budgetOf(more)] } })

/** `charged 2`: what became of it, and what is left of the first budget. */
export const toldOutcome = (outcome: RecordOutcome): string =>
  typeof outcome === 'object' ? `${outcome.outcome} ${outcome.standings[0]?.left}` : outcome

const instead = (ecid: string): AuditEvent => ({
  ...entryOf(ecid).event,
  object: 'current',
  detail: { reissued: true },
})

const countingContract = (create: CreateTestDatabase): void => {
  it('gives out what there is, in the order of arrival, and not one more', () =>
    withLedger(create, async ({ ledger, database }) => {
      const outcomes = await Promise.all(
        Array.from({ length: 600 }, (_, at) => ledger.record(chargedEntry(`e${at}`))),
      )
      assert.deepEqual(outcomes.slice(0, 4).map(toldOutcome), [
        ...['charged 2', 'charged 1', 'charged 0', 'spent 0'],
      ])
      assert.equal(outcomes.filter((each) => toldOutcome(each) === 'spent 0').length, 597)
      const refused = (await storedEvents(database)).filter(({ reason }) => reason !== undefined)
      assert.equal(refused.length, 597)
      assert.deepEqual(
        [refused[0]?.result, refused[0]?.reason, refused[0]?.detail],
        ['refused', 'BUDGET_SPENT', { budget: ['client 3/minute'] }],
      )
    }))

  it('begins anew with each minute and day, and says when', () =>
    withLedger(create, async ({ ledger, clock }) => {
      const record = async (span: 'minute' | 'day') =>
        toldOutcome(await ledger.record(chargedEntry('e', { span, tokensMax: 1 })))
      clock.nowMs = Date.UTC(2026, 0, 31, 23, 58, 30)
      const first = await ledger.record(chargedEntry('e', { tokensMax: 1 }))
      assert.equal(typeof first === 'object' && first.standings[0]?.resetSeconds, 30)
      assert.equal(await record('day'), 'charged 0')
      clock.nowMs += 29_999
      assert.equal(await record('minute'), 'spent 0')
      clock.nowMs += 1
      assert.equal(await record('minute'), 'charged 0')
      assert.equal(await record('day'), 'spent 0')
      clock.nowMs += 60_000
      assert.equal(await record('day'), 'charged 0')
    }))

  it('knows what was issued before it was stopped', () =>
    withLedger(create, async ({ ledger, restart }) => {
      await Promise.all(['a', 'b'].map((ecid) => ledger.record(chargedEntry(ecid))))
      const after = await restart()
      const outcomes = await Promise.all(['c', 'd'].map((ecid) => after.record(chargedEntry(ecid))))
      assert.deepEqual(outcomes.map(toldOutcome), ['charged 0', 'spent 0'])
    }))

  it('takes of all budgets or of none', () =>
    withLedger(create, async ({ ledger }) => {
      const wide = budgetOf({ side: 'api', applicationId: 'id-orders', tokensMax: 2 })
      const both = (ecid: string) =>
        ledger.record(entryOf(ecid, { charge: { budgets: [wide, budgetOf({ tokensMax: 1 })] } }))
      assert.deepEqual((await Promise.all([both('a'), both('b')])).map(toldOutcome), [
        ...['charged 1', 'spent 1'],
      ])
      const other = { charge: { budgets: [wide] } }
      assert.equal(toldOutcome(await ledger.record(entryOf('c', other))), 'charged 0')
    }))
}

const modeContract = (create: CreateTestDatabase): void => {
  it('observe: tells on record, and goes on', () =>
    withLedger(create, async ({ ledger, database }) => {
      const watched = { tokensMax: 1, mode: 'observe' } as const
      await ledger.record(chargedEntry('a', watched))
      assert.equal(toldOutcome(await ledger.record(chargedEntry('b', watched))), 'charged 0')
      const [first, second] = await storedEvents(database)
      assert.equal(first?.detail, undefined)
      assert.deepEqual(second?.detail, { overBudget: ['client 1/minute'] })
      assert.equal(second?.result, 'ok')
    }))

  it('reissue: puts on record what is given in place of a new token', () =>
    withLedger(create, async ({ ledger, database }) => {
      const soft = budgetOf({ tokensMax: 1, mode: 'reissue' })
      const ask = (ecid: string, budgets = [soft], has = true) =>
        ledger.record(
          entryOf(ecid, { charge: { budgets, ...(has && { instead: instead(ecid) }) } }),
        )
      const hard = budgetOf({ side: 'api', tokensMax: 1 })
      const outcomes = [
        await ask('a'),
        await ask('b'),
        await ask('c', [soft], false),
        await ask('d', [budgetOf({ side: 'api' }), soft]),
        await ask('e', [hard]),
        await ask('f', [hard, soft]),
      ]
      assert.deepEqual(outcomes.map(toldOutcome), [
        ...['charged 0', 'instead 0', 'spent 0', 'instead 3', 'charged 0', 'spent 0'],
      ])
      const events = await storedEvents(database)
      assert.deepEqual(events[1]?.detail, { reissued: true, budget: ['client 1/minute'] })
      assert.deepEqual([events[1]?.object, events[1]?.result], ['current', 'ok'])
    }))

  it('charges nothing for what is not issued', () =>
    withLedger(create, async ({ ledger }) => {
      const once = { once: [proofOf('p')] }
      const ask = (more: object) => ledger.record({ ...chargedEntry('e'), ...more })
      assert.equal(toldOutcome(await ask(once)), 'charged 2')
      assert.equal(await ask(once), 'replayed')
      ledger.markChanged(['nightly'], 5)
      assert.equal(await ask({}), 'stale')
      assert.equal(toldOutcome(await ask({ sequence: 5 })), 'charged 1')
    }))
}

const careContract = (create: CreateTestDatabase): void => {
  it('is not thrown by a clock that was ahead for a while', () =>
    withLedger(create, async ({ ledger, clock }) => {
      clock.nowMs = startMs + 3_600_000
      await ledger.record(chargedEntry('a', { tokensMax: 1 }))
      clock.nowMs = startMs
      assert.equal(
        toldOutcome(await ledger.record(chargedEntry('b', { tokensMax: 1 }))),
        'charged 0',
      )
      // a minute ahead is another server's: what it has counted counts
      clock.nowMs = startMs + 60_000
      await ledger.record(chargedEntry('c', { tokensMax: 1 }))
      clock.nowMs = startMs
      assert.equal(toldOutcome(await ledger.record(chargedEntry('d', { tokensMax: 1 }))), 'spent 0')
    }))

  it('available: answers what is only observed, but nothing that a budget would refuse', () =>
    withDatabase(create, async (real) => {
      const { state, database } = breakable(real)
      const now = () => startMs
      const queue = { mode: 'available', queueMax: 10 } as const
      const ledger = await createLedger({ database, domainId: domainA, now, ...queue })
      state.broken = true
      assert.equal(await ledger.record(chargedEntry('a')), 'unavailable')
      assert.equal(await ledger.record(chargedEntry('b', { mode: 'reissue' })), 'unavailable')
      assert.equal(await ledger.record(chargedEntry('c', { mode: 'observe' })), 'recorded')
      state.broken = false
      await ledger.close()
    }))

  it('sweeps the counts of minutes that are over', () =>
    withLedger(create, async ({ ledger, database }) => {
      const budgets = Array.from({ length: 100 }, (_, at) =>
        budgetOf({ applicationId: `id-${at}` }),
      )
      await ledger.record(entryOf('e', { charge: { budgets } }))
      const count = async () => (await findTokenCounts(database.read, domainA, budgets)).length
      assert.equal(await count(), 100)
      await ledger.sweep(startMs + 60_000)
      assert.equal(await count(), 100, 'clocks may disagree')
      await ledger.sweep(startMs + 300_000)
      assert.equal(await count(), 0)
    }))
}

/** What every database must do with budgets. */
export const budgetContract = (create: CreateTestDatabase): void => {
  countingContract(create)
  modeContract(create)
  careContract(create)
}
