import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ClientSecret } from '@mintmark/registry/client-credential'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import { type CreateTestDatabase, withDatabase } from './contract-database.ts'
import {
  domainA,
  domainB,
  sampleApplication,
  sampleCertificate,
  sampleDomain,
  sampleSecret,
} from './contract-records.ts'
import type { Database } from './database.ts'
import { listExpiring } from './expiring-credentials.ts'
import { createChangeSet, openRegistryTransaction } from './stored-registry.ts'
import { putIdentityDomain } from './tables/identity-domain.ts'

const fromMs = 1_800_000_000_000
const untilMs = fromMs + 1000

const changeIn = (
  database: Database,
  domain: string,
  work: (registry: RegistryTransaction) => Promise<void>,
): Promise<void> =>
  database.transaction(async (statements) => {
    await putIdentityDomain(statements, sampleDomain(domain))
    await work(openRegistryTransaction(statements, domain, createChangeSet(), database.dialect))
  })

/** Which secrets and certificates end in a span of time. */
export const expiringContract = (create: CreateTestDatabase): void => {
  it('tells what ends after an instant and up to another, the first to end first', () =>
    withDatabase(create, async (database) => {
      const app = sampleApplication(domainA, 'nightly')
      const secrets: readonly [string, Partial<ClientSecret>][] = [
        ['never', { expiresAtMs: null }],
        ['at-first', { expiresAtMs: fromMs }],
        ['late', { expiresAtMs: untilMs }],
        ['soon', { expiresAtMs: fromMs + 1 }],
        ['after', { expiresAtMs: untilMs + 1 }],
        ['rotated', { expiresAtMs: fromMs + 2, endsAtMs: fromMs + 1 }],
      ]
      await changeIn(database, domainA, async (registry) => {
        await registry.putApplication(app)
        for (const [name, end] of secrets) {
          await registry.putSecret(sampleSecret(domainA, app.id, name, end))
        }
        for (const [name, notAfterMs] of [
          ['soon-cert', fromMs + 500],
          ['after-cert', untilMs + 1],
        ] as const) {
          await registry.putCertificate({ ...sampleCertificate(domainA, name), notAfterMs })
        }
      })
      const span = { fromMs, untilMs }
      const found = await listExpiring(database.read, database.dialect, domainA, span)
      assert.deepEqual(
        found.map(({ kind, id, expiresAtMs }) => [kind, id, expiresAtMs]),
        [
          ['secret', 'secret-soon', fromMs + 1],
          ['certificate', 'certificate-soon-cert', fromMs + 500],
          ['secret', 'secret-late', untilMs],
        ],
      )
      assert.deepEqual(await listExpiring(database.read, database.dialect, domainB, span), [])
    }))

  it('tells all of those that end at one instant, however many they are', () =>
    withDatabase(create, async (database) => {
      const app = sampleApplication(domainA, 'nightly')
      const names = Array.from({ length: 2500 }, (_, at) => `s${at}`)
      await changeIn(database, domainA, async (registry) => {
        await registry.putApplication(app)
        for (const [at, name] of names.entries()) {
          const expiresAtMs = at < 300 ? fromMs + 1 : at < 2400 ? fromMs + 2 : fromMs + 3
          await registry.putSecret(sampleSecret(domainA, app.id, name, { expiresAtMs }))
        }
      })
      const { dialect, read } = database
      const found = await listExpiring(read, dialect, domainA, { fromMs, untilMs })
      const ids = found.map(({ id }) => id)
      assert.deepEqual(ids.toSorted(), names.map((name) => `secret-${name}`).toSorted())
    }))
}
