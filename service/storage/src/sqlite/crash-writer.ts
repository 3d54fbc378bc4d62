/**
 * Writes until it is killed, for `sqlite-crash.test.ts`: says on its output what was acknowledged,
 * one word a line, after it was.
 */

import { writeSync } from 'node:fs'
import type { RecordOutcome } from '@mintmark/registry/ledger'
import { domainA, sampleApplication, sampleDomain } from '../contract-records.ts'
import { migrate } from '../migrations/migrate.ts'
import { createLedger } from '../stored-ledger.ts'
import { createChangeSet, openRegistryTransaction } from '../stored-registry.ts'
import { putIdentityDomain } from '../tables/identity-domain.ts'
import { openSqlite } from './sqlite-database.ts'

const [path = '', round = '', proofsOfBefore = ''] = process.argv.slice(2)

const say = (words: string): void => void writeSync(1, `${words}\n`)

// carried over all the time, so that many a kill comes while it is
const database = openSqlite({ path, logPages: 60 })
await migrate(database)
await database.transaction((statements) => putIdentityDomain(statements, sampleDomain(domainA)))
const ledger = await createLedger({
  database,
  domainId: domainA,
  now: Date.now,
  mode: 'strict',
  queueMax: 1000,
})

const present = async (name: string): Promise<RecordOutcome> =>
  ledger.record({
    event: { at: Date.now(), ecid: name, action: 'token.issue', result: 'ok' },
    once: [{ owner: 'nightly', proof: name, expiresAtSeconds: 4_000_000_000 }],
    clientId: 'nightly',
    sequence: 0,
  })

// what was acknowledged before the last kill must not be accepted again
for (const name of proofsOfBefore.split(',').filter((word) => word !== '')) {
  say(`again ${name} ${await present(name)}`)
}
say('ready')

const issue = async (worker: number): Promise<never> => {
  for (let count = 0; ; count += 1) {
    const name = `${round}-${worker}-${count}`
    if ((await present(name)) === 'recorded') say(`issued ${name}`)
  }
}

/** An application and its audit event: both or neither. */
const administer = async (): Promise<never> => {
  for (let count = 0; ; count += 1) {
    const name = `app-${round}-${count}`
    await database.transaction(async (statements) => {
      const registry = openRegistryTransaction(statements, domainA, createChangeSet())
      await registry.putApplication(sampleApplication(domainA, name))
      await registry.audit({ at: Date.now(), ecid: name, action: 'app.create', result: 'ok' })
    })
    say(`created ${name}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

await Promise.all([...Array.from({ length: 8 }, (_, worker) => issue(worker)), administer()])
