import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { LedgerEntry } from '@mintmark/registry/ledger'
import { type Revocation, tokenLifeSecondsMax } from '@mintmark/registry/revocation'
import type { CreateTestDatabase } from './contract-database.ts'
import { entryOf, startMs, withLedger } from './contract-ledger-stand.ts'
import { domainA } from './contract-records.ts'
import type { Database } from './database.ts'
import { restorationMarked } from './restoration.ts'
import { isRevoked } from './revocations.ts'
import { createLedger } from './stored-ledger.ts'
import { listRevocations } from './tables/revocation.ts'
import { listRevocationEntries } from './tables/revocation-entry.ts'

const hourMs = 3_600_000
const yearMs = tokenLifeSecondsMax * 1000

const token = (lifeMs: number): Partial<LedgerEntry> => ({ tokensUntilMs: startMs + lifeMs })

const ended: Revocation = {
  domain: domainA,
  kind: 'client',
  subject: 'app',
  issuedBeforeMs: startMs,
  expiresAtMs: startMs + yearMs,
}

/** How long the mark lives, in the table and for guards. */
const lifeOf = async (database: Database): Promise<number> => {
  const [stored] = await listRevocations(database.read, domainA, 2)
  const told = (await listRevocationEntries(database.read, domainA, 1, 9)).at(-1)
  assert.equal(told?.expiresAtMs, stored?.expiresAtMs)
  return (stored?.expiresAtMs ?? 0) - startMs
}

/** That what ends tokens stays for as long as any of them lives, on every database. */
export const tokensUntilContract = (create: CreateTestDatabase): void => {
  it('ends the tokens of a client until the last on record has expired, however old', () =>
    withLedger(create, async ({ ledger, database }) => {
      await ledger.record(entryOf('a', token(8 * hourMs)))
      await ledger.record(entryOf('b', token(hourMs)))
      await ledger.record(entryOf('r', { revocation: ended }))
      assert.equal(await lifeOf(database), 8 * hourMs)
      const ask = () =>
        isRevoked(database.read, domainA, {
          ...{ jti: 't', clientId: 'c', audience: [], credential: '' },
          applicationId: 'app',
          issuedAtMs: startMs,
        })
      await ledger.sweep(startMs + 8 * hourMs)
      assert.equal(await ask(), true, 'the longest of them lives')
      await ledger.sweep(startMs + 9 * hourMs)
      assert.equal(await ask(), false, 'none does')
      assert.deepEqual(await listRevocations(database.read, domainA, 2), [])
    }))

  it('counts a token that goes on record with the end of others', () =>
    withLedger(create, async ({ ledger, database }) => {
      const ending = ledger.record(entryOf('r', { revocation: ended }))
      await Promise.all([ending, ledger.record(entryOf('a', token(hourMs)))])
      assert.equal(await lifeOf(database), hourMs)
    }))

  const unknown: Readonly<Record<string, (database: Database) => Promise<unknown>>> = {
    'an older program wrote last': (database) =>
      database.transaction((statements) =>
        statements.run('UPDATE audit_pack SET tokens_until_ms = NULL', []),
      ),
    'a server issued without a record': async (database) => {
      const now = () => startMs
      const bounds = { domainId: domainA, queueMax: 9 }
      const ledger = await createLedger({ database, now, mode: 'available', ...bounds })
      await ledger.close()
    },
    'the data went back in time': (database) => {
      const event = { at: startMs, ecid: 'e', action: 'epoch.begin', result: 'ok' } as const
      return restorationMarked(database, domainA, event)
    },
  }
  for (const [what, happens] of Object.entries(unknown)) {
    it(`takes it that tokens live as long as any may where ${what}`, () =>
      withLedger(create, async ({ ledger, database }) => {
        await ledger.record(entryOf('a', token(hourMs)))
        await happens(database)
        await ledger.record(entryOf('r', { revocation: ended }))
        assert.equal(await lifeOf(database), yearMs, 'at once')
        await ledger.record(entryOf('b', token(hourMs)))
        await ledger.record(entryOf('s', { revocation: { ...ended, subject: 'other' } }))
        const lives = (await listRevocations(database.read, domainA, 9)).map(
          ({ expiresAtMs }) => expiresAtMs - startMs,
        )
        assert.deepEqual(lives, [yearMs, yearMs], 'and later')
      }))
  }
}
