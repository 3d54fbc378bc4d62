import assert from 'node:assert/strict'
import { domainA } from '../contract-records.ts'
import type { Database } from '../database.ts'
import { readRegistry } from '../stored-registry.ts'
import { eventsOf, findBrokenPack, listPacks } from '../tables/audit-pack.ts'
import { readProofPacks } from '../tables/proof-pack.ts'

/** What `crash-writer.ts` has said: all of it was acknowledged. */
export interface Said {
  readonly issued: string[]
  readonly created: string[]
  readonly again: string[]
}

/** A line that a kill cut short was not said. */
export const readSaid = (output: string): Said => {
  const said: Said = { issued: [], created: [], again: [] }
  for (const line of output.split('\n').slice(0, -1)) {
    const [word = '', ...rest] = line.split(' ')
    if (word === 'issued' || word === 'created' || word === 'again') said[word].push(rest.join(' '))
  }
  return said
}

const allEvents = async (database: Database) => {
  const events = []
  for (let after = 0; ; ) {
    const packs = await listPacks(database.read, domainA, after, 500)
    const last = packs.at(-1)
    if (last === undefined) return events
    after = last.sequence
    events.push(...packs.flatMap(eventsOf))
  }
}

/** Everything acknowledged is there, nothing is there by half, nothing was accepted twice. */
export const checkCrashed = async (
  database: Database,
  { issued, created }: Pick<Said, 'issued' | 'created'>,
): Promise<void> => {
  const rows = await database.read.all('PRAGMA quick_check', [])
  assert.equal(rows[0]?.['quick_check'], 'ok')
  assert.equal(await findBrokenPack(database.read, domainA), null)
  const events = await allEvents(database)
  const accepted = events.filter((event) => event.result === 'ok').map((event) => event.ecid)
  const stored = new Set(accepted)
  assert.equal(stored.size, accepted.length, 'something was accepted twice')
  const lost = [...issued, ...created].filter((name) => !stored.has(name))
  assert.deepEqual(lost, [], 'acknowledged and lost')
  const page = { startIndex: 1, count: 1_000_000 }
  const { items } = await readRegistry(database.read, domainA).listApplications({}, page)
  const applications = items.map((item) => item.clientId).sort()
  const audited = accepted.filter((ecid) => ecid.startsWith('app-')).sort()
  assert.deepEqual(applications, audited, 'a change without its event, or an event without it')
  let proofs = 0
  await readProofPacks(database.read, domainA, 0, () => {
    proofs += 1
  })
  assert.equal(proofs, accepted.length - audited.length)
}
