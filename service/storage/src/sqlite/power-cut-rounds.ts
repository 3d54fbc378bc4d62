import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { domainA, sampleDomain } from '../contract-records.ts'
import { migrate } from '../migrations/migrate.ts'
import { createLedger } from '../stored-ledger.ts'
import { putIdentityDomain } from '../tables/identity-domain.ts'
import { checkCrashed, readSaid, type Said } from './crash-check.ts'
import { recordDisk } from './disk-record.ts'
import { createSimulatedDisk, type DiskState } from './simulated-disk.ts'
import { openSqlite } from './sqlite-database.ts'

export interface PowerCutOptions {
  /** States of the disk to open, spread over the whole record. */
  readonly points: number
  /** What the writer has acknowledged, in each of its two lives, when it is killed. */
  readonly acknowledged: number
  /** Of what chance decides; the record itself is another one each time. */
  readonly seed: number
  /** Syncs that the disk only pretends to do. */
  readonly ignores?: (call: string) => boolean
}

/** What so many power failures came to. */
export interface PowerCutReport {
  readonly points: number
  readonly writes: number
  readonly syncs: number
  /** At the last point. */
  readonly acknowledged: number
  /** Each a sentence; empty: all is well. */
  readonly faults: readonly string[]
}

/** Mulberry32: from 0 to 1, the same again for the same seed. */
const seededChance = (seed: number) => {
  let state = seed
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const writer = join(import.meta.dirname, 'crash-writer.ts')

/** Opens what the disk was left with, as a start does, and goes on with it. */
const openAgain = async (state: DiskState, directory: string, said: Said): Promise<void> => {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory)
  for (const [path, content] of state) writeFileSync(join(directory, basename(path)), content)
  const database = openSqlite({ path: join(directory, 'mintmark.db') })
  try {
    await migrate(database)
    await checkCrashed(database, said)
    await goOn(database, said)
  } finally {
    await database.close()
  }
}

const goOn = async (database: ReturnType<typeof openSqlite>, { issued }: Said): Promise<void> => {
  await database.transaction((statements) => putIdentityDomain(statements, sampleDomain(domainA)))
  const ledger = await createLedger({
    database,
    domainId: domainA,
    now: Date.now,
    mode: 'strict',
    queueMax: 10,
  })
  const present = (name: string) =>
    ledger.record({
      event: { at: Date.now(), ecid: name, action: 'token.issue', result: 'ok' },
      once: [{ owner: 'nightly', proof: name, expiresAtSeconds: 4_000_000_000 }],
      clientId: 'nightly',
      sequence: 0,
    })
  for (const name of issued.slice(-3)) {
    const outcome = await present(name)
    if (outcome !== 'replayed') throw new Error(`a used proof again: ${outcome}`)
  }
  const outcome = await present('after the power cut')
  if (outcome !== 'recorded') throw new Error(`no new one: ${outcome}`)
  await ledger.close()
}

/** Records a writer, its kill and its second life, and opens the states a power cut may leave. */
export const runPowerCutRounds = async (options: PowerCutOptions): Promise<PowerCutReport> => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-power-'))
  const data = join(directory, 'data')
  mkdirSync(data)
  const command = [process.execPath, '--conditions=mintmark-source', writer]
  const life = async (number: number) => {
    const words = [join(data, 'mintmark.db'), String(number), '']
    return recordDisk(
      [...command, ...words],
      join(directory, `trace-${number}`),
      options.acknowledged,
    )
  }
  try {
    const lives = [await life(0), await life(1)]
    const events = []
    for (const each of lives) for await (const event of each) events.push(event)
    const chance = seededChance(options.seed)
    const disk = createSimulatedDisk(data, options.ignores)
    const faults: string[] = []
    const count = { points: 0, writes: 0, syncs: 0 }
    let output = ''
    const perEvent = options.points / events.length
    let due = 0
    for (const [index, event] of events.entries()) {
      disk.apply(event)
      if (event.kind === 'said') output += event.text
      else if (event.kind === 'written') count.writes += 1
      else if (event.kind === 'synced') count.syncs += 1
      due += perEvent
      while (due >= 1) {
        due -= 1
        count.points += 1
        const state = disk.cutPower(chance)
        const fault = await openAgain(state, join(directory, 'cut'), readSaid(output)).then(
          () => null,
          (error: Error) => error.message.slice(0, 300),
        )
        if (fault !== null) faults.push(`after ${index} of ${events.length} events: ${fault}`)
      }
    }
    const { issued, created } = readSaid(output)
    return { ...count, acknowledged: issued.length + created.length, faults }
  } finally {
    rmSync(directory, { recursive: true })
  }
}
