import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { OnceClaim } from '@mintmark/registry/ledger'
import type { Revocation } from '@mintmark/registry/revocation'
import { alikeContract } from './alike-contract.ts'
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
import { packContract } from './pack-contract.ts'
import { isRevoked } from './revocations.ts'
import { createLedger, type LedgerOptions, type StoredLedger } from './stored-ledger.ts'
import { listPacks } from './tables/audit-pack.ts'
import { tokensUntilContract } from './tokens-until-contract.ts'

const recordingContract = (create: CreateTestDatabase): void => {
  it('stores the events of one turn as one pack of the chain', () =>
    withLedger(create, async ({ database, ledger }) => {
      const outcomes = await Promise.all(
        Array.from({ length: 64 }, (_, index) => ledger.record(entryOf(`e${index}`))),
      )
      assert.deepEqual(new Set(outcomes), new Set(['recorded']))
      await ledger.record(entryOf('later'))
      const packs = await listPacks(database.read, domainA, 0, 10)
      assert.deepEqual(
        packs.map((pack) => [pack.sequence, pack.eventCount, pack.firstAtMs]),
        [
          [1, 64, startMs],
          [2, 1, startMs],
        ],
      )
      const events = await storedEvents(database)
      assert.deepEqual(events[3], entryOf('e3').event)
    }))

  it('tells what it has stored', async () => {
    const seen: string[] = []
    const onRecorded = (events: readonly AuditEvent[]) =>
      seen.push(...events.map((event) => event.ecid))
    await withLedger(create, async ({ ledger }) => void (await ledger.record(entryOf('e1'))), {
      onRecorded,
    })
    assert.deepEqual(seen, ['e1'])
  })

  it('is OVERLOADED beyond its queue, and stores what waits when it is closed', () =>
    withLedger(
      create,
      async ({ ledger, database }) => {
        const answers = ['a', 'b', 'c'].map((ecid) => ledger.record(entryOf(ecid)))
        await ledger.close()
        assert.deepEqual(await Promise.all(answers), ['recorded', 'recorded', 'overloaded'])
        assert.equal(await ledger.record(entryOf('d')), 'unavailable')
        assert.equal((await storedEvents(database)).length, 2)
      },
      { queueMax: 2 },
    ))

  it('refuses an entry that cannot be written, alone', () =>
    withLedger(create, async ({ ledger, database }) => {
      const { event } = entryOf('x')
      const outcomes = await Promise.all([
        ledger.record(entryOf('good', { once: [proofOf('p')] })),
        ledger.record(entryOf('', { event: { ...event, detail: { big: 1n } } })),
        ledger.record(entryOf('', { event: { ...event, at: Number.NaN } })),
        ledger.record(entryOf('', { once: [{ ...proofOf('q'), expiresAtSeconds: Infinity }] })),
        ledger.record(entryOf('', { once: [{ ...proofOf('q'), expiresAtSeconds: 1.5e300 }] })),
      ])
      const unavailable = ['unavailable', 'unavailable', 'unavailable', 'unavailable']
      assert.deepEqual(outcomes, ['recorded', ...unavailable])
      assert.equal((await storedEvents(database)).length, 1)
    }))
}

const modeContract = (create: CreateTestDatabase): void => {
  it('strict: what could not be stored is not answered', () =>
    withDatabase(create, async (real) => {
      const { state, database } = breakable(real)
      const failures: unknown[] = []
      const ledger = await createLedger({
        database,
        domainId: domainA,
        now: () => startMs,
        mode: 'strict',
        queueMax: 10,
        onFailure: (error) => failures.push(error),
      })
      state.broken = true
      const both = [ledger.record(entryOf('a')), ledger.record(entryOf('b'))]
      assert.deepEqual(await Promise.all(both), ['unavailable', 'unavailable'])
      assert.equal(failures.length, 1)
      state.broken = false
      assert.equal(await ledger.record(entryOf('c')), 'recorded')
      const ecids = (await storedEvents(database)).map((event) => event.ecid)
      assert.deepEqual(ecids, ['c'])
      await ledger.close()
    }))

  it('available: answers and counts the gap, but never for a proof that is used once', () =>
    withDatabase(create, async (real) => {
      const { state, database } = breakable(real)
      let gap = 0
      const ledger = await createLedger({
        database,
        domainId: domainA,
        now: () => startMs,
        mode: 'available',
        queueMax: 10,
        onGap: (events) => {
          gap += events
        },
      })
      state.broken = true
      const once = { once: [proofOf('p')] }
      const three = [entryOf('a'), entryOf('b', once), entryOf('c')]
      const outcomes = await Promise.all(three.map(ledger.record))
      assert.deepEqual(outcomes, ['recorded', 'unavailable', 'recorded'])
      assert.equal(gap, 2)
      state.broken = false
      assert.equal(await ledger.record(entryOf('b', once)), 'recorded', 'it was not used up')
      await ledger.close()
    }))
}

const leftQuestion = `SELECT (SELECT count(*) FROM proof_pack) +
  (SELECT count(*) FROM used_proof) AS total`

const onceContract = (create: CreateTestDatabase, more: Partial<LedgerOptions> = {}): void => {
  it('lets one of 64 presenters of a proof win, in one turn and over several', () =>
    withLedger(
      create,
      async ({ ledger, database, restart }) => {
        const present = async (index: number) => {
          for (let turns = 0; turns < index % 5; turns += 1) {
            await new Promise((resolve) => setImmediate(resolve))
          }
          return ledger.record(entryOf(`e${index}`, { once: [proofOf('same')] }))
        }
        const outcomes = await Promise.all(Array.from({ length: 64 }, (_, index) => present(index)))
        assert.equal(outcomes.filter((outcome) => outcome === 'recorded').length, 1)
        assert.equal(outcomes.filter((outcome) => outcome === 'replayed').length, 63)
        const events = await storedEvents(database)
        assert.equal(events.filter((event) => event.result === 'ok').length, 1)
        const refused = events.filter((event) => event.reason === 'ASSERTION_REPLAYED')
        assert.equal(refused.length, 63)
        const again = await restart()
        assert.equal(await again.record(entryOf('late', { once: [proofOf('same')] })), 'replayed')
      },
      more,
    ))

  it('keeps owners, proofs and their borders apart', () =>
    withLedger(
      create,
      async ({ ledger }) => {
        const record = (once: OnceClaim[]) => ledger.record(entryOf('e', { once }))
        assert.equal(await record([proofOf('p', 'a')]), 'recorded')
        assert.equal(await record([proofOf('p', 'b')]), 'recorded')
        assert.equal(await record([proofOf('c d', 'a b')]), 'recorded')
        assert.equal(await record([proofOf('d', 'a b c')]), 'recorded')
        assert.equal(await record([proofOf('new', 'a'), proofOf('p', 'a')]), 'replayed')
        assert.equal(await record([proofOf('twice'), proofOf('twice')]), 'replayed')
      },
      more,
    ))

  it('forgets proofs only when none of their age can be used again', () =>
    withLedger(
      create,
      async ({ ledger, database, clock, restart }) => {
        const total = 2500
        const proofs = Array.from({ length: total }, (_, index) => proofOf(`p${index}`))
        for (let from = 0; from < total; from += 500) {
          const some = proofs.slice(from, from + 500)
          await Promise.all(some.map((once) => ledger.record(entryOf('e', { once: [once] }))))
        }
        const living = proofOf('living', 'nightly', startMs + 900_000)
        await ledger.record(entryOf('e', { once: [living] }))
        assert.equal((await ledger.sweep(startMs + 300_000)).proofs, 0, 'clocks may disagree')
        clock.nowMs = startMs + 600_000
        assert.equal((await ledger.sweep(clock.nowMs)).proofs, total)
        const rows = await database.read.all(leftQuestion, [])
        assert.equal(Number(rows[0]?.['total']), 1)
        clock.nowMs = startMs
        const [old] = proofs
        assert.ok(old)
        const present = (to: StoredLedger, once: OnceClaim) =>
          to.record(entryOf('e', { once: [once] }))
        assert.equal(await present(ledger, old), 'replayed', 'though the clock was set back')
        const again = await restart()
        assert.equal(await present(again, old), 'replayed', 'and after a restart')
        assert.equal(await present(again, living), 'replayed')
        const fresh = proofOf('fresh', 'nightly', startMs + 600_000)
        assert.equal(await present(again, fresh), 'recorded')
      },
      more,
    ))
}

const staleContract = (create: CreateTestDatabase): void => {
  it('refuses a decision that a change has overtaken, and uses nothing up', () =>
    withLedger(create, async ({ ledger, database }) => {
      ledger.markChanged(['nightly'], 5)
      const record = (sequence: number, clientId: string | null = 'nightly') =>
        ledger.record(entryOf('e', { sequence, clientId, once: [proofOf(`${clientId}`)] }))
      assert.equal(await record(4), 'stale')
      assert.equal(await record(5), 'recorded')
      assert.equal(await record(4, 'other'), 'recorded')
      ledger.markChanged('catalog', 6)
      assert.equal(await record(5, 'third'), 'stale')
      assert.equal(await record(0, null), 'recorded', 'no client, no snapshot')
      assert.equal(await record(6, 'third'), 'recorded')
      assert.equal((await storedEvents(database)).length, 4)
    }))

  it('sees every change that was committed before', () =>
    withLedger(create, async ({ ledger, database }) => {
      const change = database.transaction(
        async () => {
          await new Promise((resolve) => setTimeout(resolve, 5))
        },
        () => ledger.markChanged(['nightly'], 1),
      )
      const outcome = ledger.record(entryOf('e'))
      assert.equal(await outcome, 'stale', 'it was decided before the change, and recorded after')
      await change
    }))

  it('takes clients it no longer remembers for changed', () =>
    withLedger(create, async ({ ledger }) => {
      const many = Array.from({ length: 10_001 }, (_, index) => `client-${index}`)
      ledger.markChanged(many.slice(0, 1), 1)
      ledger.markChanged(many.slice(1), 2)
      const record = (clientId: string, sequence: number) =>
        ledger.record(entryOf('e', { clientId, sequence }))
      assert.equal(await record('client-0', 0), 'stale')
      assert.equal(await record('client-0', 1), 'recorded')
      assert.equal(await record('client-10000', 1), 'stale')
    }))
}

const endedToken: Revocation = {
  domain: domainA,
  kind: 'token',
  subject: 'ended',
  issuedBeforeMs: startMs,
  expiresAtMs: startMs + 3_600_000,
}

const askedContract = (create: CreateTestDatabase): void => {
  it('tells how many answers have been made to wait', () =>
    withLedger(create, async ({ ledger }) => {
      const before = ledger.asked()
      await Promise.all([ledger.record(entryOf('a')), ledger.record(entryOf('b'))])
      assert.equal(ledger.asked(), before + 2)
    }))
}

const endAt = { ...endedToken, kind: 'client', subject: 'app', issuedBeforeMs: startMs } as const
const faster: readonly (readonly [name: string, waitMs: number, aheadMs: number])[] = [
  ['though packs came in between', 0, 4000],
  ['though the revocation has waited for the database', 15_000, 20_000],
]

const revokingContract = (create: CreateTestDatabase): void => {
  const question = {
    jti: 'ended',
    applicationId: 'a',
    clientId: 'c',
    audience: [],
    credential: '',
    issuedAtMs: startMs,
  }

  it('stores a revocation with its event, and answers when every process knows it', async () => {
    const order: string[] = []
    let tell = (): void => {}
    const onRevoked = (revocations: readonly Revocation[]): Promise<void> => {
      order.push(`told of ${revocations.map(({ subject }) => subject).join()}`)
      return new Promise((resolve) => {
        tell = () => {
          order.push('known')
          resolve()
        }
      })
    }
    await withLedger(
      create,
      async ({ ledger, database }) => {
        const revoking = ledger
          .record(entryOf('r', { revocation: endedToken }))
          .then((outcome) => order.push(String(outcome)))
        assert.equal(await ledger.record(entryOf('other')), 'recorded', 'others do not wait')
        assert.equal(await isRevoked(database.read, domainA, question), true)
        tell()
        await revoking
        assert.deepEqual(order, ['told of ended', 'known', 'recorded'])
        assert.equal((await storedEvents(database)).length, 2)
      },
      { onRevoked },
    )
  })

  it('ends nothing for an assertion that was used before, nor for an overtaken decision', () =>
    withLedger(create, async ({ ledger, database }) => {
      await ledger.record(entryOf('a', { once: [proofOf('p')] }))
      const again = { once: [proofOf('p')], revocation: endedToken }
      assert.equal(await ledger.record(entryOf('b', again)), 'replayed')
      ledger.markChanged(['nightly'], 5)
      assert.equal(await ledger.record(entryOf('c', { revocation: endedToken })), 'stale')
      assert.equal(await isRevoked(database.read, domainA, question), false)
    }))

  for (const [name, waitMs, aheadMs] of faster) {
    it(`ends tokens that a faster clock has dated, ${name}`, () =>
      withLedger(create, async ({ ledger, database, clock }) => {
        const atMs = startMs + aheadMs
        const { event } = entryOf('t')
        await ledger.record(entryOf('t', { event: { ...event, at: atMs } }))
        if (waitMs === 0) await ledger.record(entryOf('later'))
        clock.nowMs += waitMs
        await ledger.record(entryOf('r', { revocation: endAt }))
        const ask = (issuedAtMs: number) =>
          isRevoked(database.read, domainA, {
            ...{ jti: 't', applicationId: 'app', clientId: 'c', audience: [], credential: '' },
            issuedAtMs,
          })
        assert.equal(await ask(atMs), true)
        assert.equal(await ask(atMs + 1), false)
      }))
  }

  it('never answers a revocation that could not be stored, in any mode', () =>
    withDatabase(create, async (real) => {
      const { state, database } = breakable(real)
      const ledger = await createLedger({
        database,
        domainId: domainA,
        now: () => startMs,
        mode: 'available',
        queueMax: 10,
      })
      state.broken = true
      const outcome = await ledger.record(entryOf('r', { revocation: endedToken }))
      assert.equal(outcome, 'unavailable')
      state.broken = false
      assert.equal(await isRevoked(database.read, domainA, question), false)
      await ledger.close()
    }))
}

/** What the ledger must do on every database. */
export const ledgerContract = (create: CreateTestDatabase): void => {
  recordingContract(create)
  alikeContract(create)
  packContract(create)
  askedContract(create)
  modeContract(create)
  onceContract(create)
  describe('with more used proofs than are kept in memory', () => {
    onceContract(create, { proofsMax: 2 })
  })
  revokingContract(create)
  tokensUntilContract(create)
  staleContract(create)
}
