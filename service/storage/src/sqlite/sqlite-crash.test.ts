import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { domainA } from '../contract-records.ts'
import type { Database } from '../database.ts'
import { readRegistry } from '../stored-registry.ts'
import { eventsOf, findBrokenPack, listPacks } from '../tables/audit-pack.ts'
import { readProofPacks } from '../tables/proof-pack.ts'
import { openSqlite } from './sqlite-database.ts'

/** More for a long run: MINTMARK_CRASH_ROUNDS=200. */
const rounds = Number(process.env['MINTMARK_CRASH_ROUNDS'] ?? 6)

interface Said {
  readonly issued: string[]
  readonly created: string[]
  readonly again: string[]
}

const writer = join(import.meta.dirname, 'crash-writer.ts')

/** Runs the writer, kills it a while after it is ready, and gives what it had acknowledged. */
const writeAndKill = async (path: string, round: number, before: readonly string[]) => {
  const args = ['--conditions=mintmark-source', writer, path, String(round), before.join(',')]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (text: string) => {
    if (!output.includes('ready') && (output + text).includes('ready')) {
      setTimeout(() => child.kill('SIGKILL'), Math.random() * 60)
    }
    output += text
  })
  await once(child, 'close')
  assert.ok(output.includes('ready'), 'the writer did not start')
  const said: Said = { issued: [], created: [], again: [] }
  // a line that the kill cut short was not said
  for (const line of output.split('\n').slice(0, -1)) {
    const [word = '', ...rest] = line.split(' ')
    if (word === 'issued' || word === 'created' || word === 'again') {
      said[word].push(rest.join(' '))
    }
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
const check = async (path: string, issued: readonly string[], created: readonly string[]) => {
  const database = openSqlite({ path })
  try {
    const rows = await database.read.all('PRAGMA quick_check', [])
    assert.equal(rows[0]?.['quick_check'], 'ok')
    assert.equal(await findBrokenPack(database.read, domainA), null)
    const events = await allEvents(database)
    const accepted = events.filter((event) => event.result === 'ok').map((event) => event.ecid)
    const stored = new Set(accepted)
    assert.equal(stored.size, accepted.length, 'something was accepted twice')
    assert.deepEqual(
      [...issued, ...created].filter((name) => !stored.has(name)),
      [],
      'acknowledged and lost',
    )
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
  } finally {
    await database.close()
  }
}

describe('sqlite: kill -9', () => {
  it(`loses nothing acknowledged and accepts no proof twice, ${rounds} times`, {
    timeout: 60_000 + rounds * 2000,
  }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mintmark-crash-'))
    try {
      const path = join(directory, 'mintmark.db')
      const issued: string[] = []
      const created: string[] = []
      for (let round = 0; round < rounds; round += 1) {
        const before = issued.slice(-20)
        const said = await writeAndKill(path, round, before)
        assert.deepEqual(
          said.again,
          before.map((name) => `${name} replayed`),
        )
        issued.push(...said.issued)
        created.push(...said.created)
        await check(path, issued, created)
      }
      assert.ok(issued.length > 0 && created.length > 0, 'nothing was put to the test')
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
