/**
 * Many writers with transactions of any length, some rolled back, and a reader that is killed and
 * started again, while tables are swept and vacuumed: whatever was committed is seen.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type Database, StorageFailed } from '../database.ts'
import { migrate } from '../migrations/migrate.ts'
import { appendChange, findChangeHead } from '../tables/change-entry.ts'
import { putIdentityDomain } from '../tables/identity-domain.ts'
import { putRevocations } from '../tables/revocation.ts'
import {
  beginFeed,
  entriesKept,
  findFeedEnd,
  sweepRevocationEntries,
} from '../tables/revocation-entry.ts'
import type { Note } from './feed-reader.ts'
import { openPostgres } from './postgres-database.ts'

export interface FeedWish {
  readonly url: string
  readonly writers: number
  /** Fewer say nothing: a slow machine is given longer. */
  readonly eventsMin: number
  /** Ends when so many are committed, or after this time. */
  readonly eventsMax: number
  readonly millisecondsMax: number
}

export interface FeedReport {
  readonly committed: number
  readonly rolledBack: number
  /** Committed, and not seen: in the feed of revocations, and in the changes of servers. */
  readonly missed: readonly [number, number]
  /** Seen, and never committed. */
  readonly invented: number
  /** Seen again after the reader was killed. */
  readonly repeated: number
  readonly kills: number
  readonly vacuums: number
  readonly seconds: number
}

const domainId = 'feed'
const eventsOfOneMax = 40
const rolledBackEvery = 10
const killEveryMs = 3000
const upkeepEveryMs = 2000

/** Mostly none, sometimes some milliseconds, now and then long. */
const pauseMs = (): number => {
  const chance = Math.random()
  return chance < 0.9 ? 0 : chance < 0.99 ? Math.random() * 4 : Math.random() * 30
}

class RolledBack extends Error {}

interface Written {
  readonly committed: Set<string>
  rolledBack: number
}

/** One transaction: so many tokens are ended, and it takes as long as it takes. */
const write = async (
  database: Database,
  subjects: readonly string[],
  isRolledBack: boolean,
): Promise<void> => {
  const revocations = subjects.map((subject) => ({
    domain: domainId,
    kind: 'token' as const,
    subject,
    issuedBeforeMs: 0,
    expiresAtMs: Date.now() + 3_600_000,
  }))
  await database.transaction(async (statements) => {
    await putRevocations(statements, domainId, revocations)
    await sleep(pauseMs())
    await appendChange(statements, domainId, {
      clientIds: [],
      catalog: false,
      revocations,
      attempts: [],
    })
    if (isRolledBack) throw new RolledBack()
  })
}

/** On a slow machine sixteen may wait too long for each other: PostgreSQL then rolls one back. */
const isBusy = (error: unknown): boolean =>
  error instanceof StorageFailed && error.message.startsWith('PostgreSQL is busy')

const runWriter = async (writer: number, wish: FeedWish, written: Written, untilMs: number) => {
  const database = openPostgres({ url: wish.url })
  const isOver = (): boolean => {
    const { size } = written.committed
    return size >= wish.eventsMax || (size >= wish.eventsMin && performance.now() >= untilMs)
  }
  for (let turn = 0; !isOver(); turn += 1) {
    const count = 1 + Math.floor(Math.random() * eventsOfOneMax)
    const subjects = Array.from({ length: count }, (_, at) => `${writer}.${turn}.${at}`)
    try {
      // of the first writer the first: some are, however few there are
      await write(database, subjects, (writer + turn) % rolledBackEvery === 0)
      for (const subject of subjects) written.committed.add(subject)
    } catch (error) {
      if (!(error instanceof RolledBack) && !isBusy(error)) throw error
      written.rolledBack += count
    }
    await sleep(pauseMs())
  }
  await database.close()
}

const startReader = (url: string, files: readonly string[]): ChildProcess => {
  const program = join(import.meta.dirname, 'feed-reader.ts')
  const words = ['--conditions=mintmark-source', program, url, domainId, ...files]
  return spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Kills the reader again and again, and starts another. */
const keepReader = (url: string, files: readonly string[]) => {
  let reader = startReader(url, files)
  let kills = 0
  let running = true
  const end = async (): Promise<void> => {
    if (reader.exitCode !== null) throw new Error('the reader gave up')
    const exit = once(reader, 'exit')
    reader.kill('SIGKILL')
    await exit
  }
  const repeat = async (): Promise<void> => {
    while (running) {
      await sleep(killEveryMs * (0.2 + Math.random()))
      await end()
      kills += 1
      reader = startReader(url, files)
    }
  }
  const ended = repeat()
  return {
    kills: () => kills,
    /** Lets it read on undisturbed. */
    settle: async () => {
      running = false
      await ended
    },
    end,
  }
}

/** What upkeep and PostgreSQL do beside it. */
const keepTables = (database: Database, url: string) => {
  let vacuums = 0
  let running = true
  const repeat = async (): Promise<void> => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    while (running) {
      await sleep(upkeepEveryMs)
      await client.query(
        'VACUUM ANALYZE revocation_entry, revocation_feed, change_entry, change_head',
      )
      vacuums += 1
      try {
        await database.transaction((statements) =>
          sweepRevocationEntries(statements, domainId, entriesKept, 1000),
        )
      } catch (error) {
        if (!isBusy(error)) throw error
      }
    }
    await client.end()
  }
  const ended = repeat()
  return async () => {
    running = false
    await ended
    return vacuums
  }
}

/** How often each was seen, by what a file says. */
const seenIn = async <Place>(file: string) => {
  const seen = new Map<string, number>()
  let last: Place | null = null
  if (!existsSync(file)) return { seen, last }
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const note = JSON.parse(line) as Note<Place>
    last = note.place
    for (const subject of note.seen) seen.set(subject, (seen.get(subject) ?? 0) + 1)
  }
  return { seen, last }
}

const untilReached = async (isReached: () => Promise<boolean>): Promise<void> => {
  const givenUpMs = performance.now() + 60_000
  while (!(await isReached())) {
    if (performance.now() > givenUpMs) return
    await sleep(200)
  }
}

const makeDomain = async (database: Database): Promise<void> => {
  await migrate(database)
  await database.transaction(async (statements) => {
    await putIdentityDomain(statements, { id: domainId, displayName: domainId, createdAtMs: 0 })
    await beginFeed(statements, domainId)
  })
}

const judge = async (files: readonly [string, string], { committed }: Written) => {
  const [feed, changes] = [await seenIn(files[0]), await seenIn(files[1])]
  const missedIn = (seen: ReadonlyMap<string, number>): number =>
    [...committed].filter((subject) => !seen.has(subject)).length
  const both = [...feed.seen, ...changes.seen]
  return {
    missed: [missedIn(feed.seen), missedIn(changes.seen)] as const,
    invented: both.filter(([subject]) => !committed.has(subject)).length,
    repeated: both.reduce((sum, [, times]) => sum + times - 1, 0),
  }
}

/** Writes, kills and reads on one empty database. */
export const runFeedRounds = async (wish: FeedWish): Promise<FeedReport> => {
  const folder = mkdtempSync(join(tmpdir(), 'mintmark-feed-'))
  const files = [join(folder, 'feed'), join(folder, 'changes')] as const
  const database = openPostgres({ url: wish.url })
  const written: Written = { committed: new Set(), rolledBack: 0 }
  await makeDomain(database)
  const reader = keepReader(wish.url, files)
  const endUpkeep = keepTables(database, wish.url)
  try {
    const beganMs = performance.now()
    const untilMs = beganMs + wish.millisecondsMax
    await Promise.all(
      Array.from({ length: wish.writers }, (_, at) => runWriter(at, wish, written, untilMs)),
    )
    const seconds = (performance.now() - beganMs) / 1000
    await reader.settle()
    const vacuums = await endUpkeep()
    const head = await findChangeHead(database.read, domainId)
    const end = await findFeedEnd(database.read, domainId)
    await untilReached(async () => {
      const place = (await seenIn<{ readonly number: number }>(files[0])).last
      return place?.number === end?.number && (await seenIn<number>(files[1])).last === head
    })
    await reader.end()
    const { committed, rolledBack } = written
    const judged = await judge(files, written)
    const kills = reader.kills()
    return { committed: committed.size, rolledBack, ...judged, kills, vacuums, seconds }
  } finally {
    await database.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * What becomes of a feed that is read by `id > last` while writers do not follow one another: the
 * trial above would see it. @returns how many were committed and never seen
 */
export const missByNumber = async (url: string, writers: number, milliseconds: number) => {
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    return client
  }
  const reader = await connect()
  await reader.query('CREATE TABLE naive (id bigserial PRIMARY KEY)')
  const untilMs = performance.now() + milliseconds
  const runOne = async (): Promise<number> => {
    const client = await connect()
    let committed = 0
    while (performance.now() < untilMs) {
      await client.query('BEGIN; INSERT INTO naive DEFAULT VALUES')
      await sleep(pauseMs())
      await client.query('COMMIT')
      committed += 1
    }
    await client.end()
    return committed
  }
  const counts = Promise.all(Array.from({ length: writers }, runOne))
  let isDone = false
  void counts.then(() => {
    isDone = true
  })
  let [seen, last] = [0, '0']
  for (let isLast = false; !isLast; ) {
    isLast = isDone
    const { rows } = await reader.query('SELECT id FROM naive WHERE id > $1 ORDER BY id', [last])
    seen += rows.length
    last = (rows.at(-1)?.id as string | undefined) ?? last
  }
  await reader.end()
  return (await counts).reduce((sum, each) => sum + each, 0) - seen
}
