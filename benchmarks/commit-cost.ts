import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { makeDataDirectory } from './subjects/mintmark.ts'

/** Cost of one durable commit, in microseconds. */
export interface CommitCost {
  readonly name: string
  readonly p50Micros: number
  readonly p99Micros: number
  /** The part that is work of this process, not waiting for the disk. */
  readonly cpuMicros: number
}

const commits = 1_000
const groupSize = 64
const recordBytes = 200

function measure(name: string, commit: (round: number) => void): CommitCost {
  const micros = new Float64Array(commits)
  const before = process.cpuUsage()
  for (let round = 0; round < commits; round += 1) {
    const startedAt = performance.now()
    commit(round)
    micros[round] = (performance.now() - startedAt) * 1_000
  }
  const spent = process.cpuUsage(before)
  micros.sort()
  return {
    name,
    p50Micros: micros[commits / 2]!,
    p99Micros: micros[Math.floor(commits * 0.99)]!,
    cpuMicros: (spent.user + spent.system) / commits,
  }
}

/** Measures what the durable record costs on this disk: SQLite, WAL, `synchronous=FULL`. */
export function measureCommitCosts(): readonly CommitCost[] {
  const directory = makeDataDirectory()
  const database = new DatabaseSync(join(directory, 'commit-cost.db'))
  try {
    database.exec('PRAGMA journal_mode = WAL')
    database.exec('PRAGMA synchronous = FULL')
    database.exec('CREATE TABLE event (id INTEGER PRIMARY KEY, at INTEGER, body BLOB)')
    database.exec('CREATE TABLE claim (name BLOB PRIMARY KEY, until INTEGER) WITHOUT ROWID')
    const insert = database.prepare('INSERT INTO event (at, body) VALUES (?, ?)')
    const claim = database.prepare('INSERT INTO claim (name, until) VALUES (?, ?)')
    const record = randomBytes(recordBytes)
    const packed = randomBytes(recordBytes * groupSize)
    const group = (one: () => void): void => {
      database.exec('BEGIN IMMEDIATE')
      for (let count = 0; count < groupSize; count += 1) one()
      database.exec('COMMIT')
    }
    return [
      measure('1 row', (round) => insert.run(round, record)),
      measure(`${groupSize} rows`, (round) => group(() => insert.run(round, record))),
      measure(`${groupSize} records packed in 1 row`, (round) => insert.run(round, packed)),
      measure(`${groupSize} random unique keys`, (round) =>
        group(() => claim.run(randomBytes(16), round)),
      ),
    ]
  } finally {
    database.close()
    rmSync(directory, { recursive: true, force: true })
  }
}
