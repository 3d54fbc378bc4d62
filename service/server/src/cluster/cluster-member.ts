import type { SharedDatabase, Statements } from '@mintmark/storage/database'
import {
  appendChange,
  type ChangeEntry,
  findChangeHead,
  listChanges,
} from '@mintmark/storage/tables/change-entry'
import {
  dropUnaware,
  findStanding,
  haveAllHeard,
  joinServers,
  leaveServers,
  noteHeard,
} from '@mintmark/storage/tables/server-member'
import type { SharedChanges } from '../writer/change-publisher.ts'

/** What this server does with the changes of others; all of it before it returns. */
export interface ChangeHearer {
  hear(entry: ChangeEntry): void
  /** Changes were missed: everything up to this number may be untrue. */
  hearEverything(number: number): void
}

/** One of the servers that share a database. */
export interface ClusterMember {
  readonly shared: SharedChanges
  /** Takes part from now on; fulfils when changes of others wait for this server. */
  join(hearer: ChangeHearer): Promise<void>
  /** Why this server may honour nothing now; null: it may. */
  outOfTouch(): string | null
  /** Whether it is the one that does what one of them must do. */
  isEldest(): boolean
  /**
   * Finds out whether those that were here before still are, unless a change of anybody did since
   * the last time: one that was killed would else stay the eldest until something changes.
   */
  seekOthers(): Promise<void>
  leave(): Promise<void>
}

export interface ClusterMemberParts {
  readonly database: SharedDatabase
  readonly domainId: string
  /** Of this run of this server. */
  readonly serverId: string
  readonly warn: (fields: object, message: string) => void
}

/** A server that has not heard for this long whether there are changes honours nothing. */
export const leaseMs = 2000
/** Beyond the lease, before a change is taken as known to a server that says nothing. */
const marginMs = 100
const beatMs = 200
/** Where no hint of others comes, a change waits for the beats of all. */
const beatWithoutHintsMs = 40
const entriesMax = 500
/** What changes nothing: only that all say that they heard of it. */
const nothing = { clientIds: [], catalog: false, revocations: [], attempts: [] }
const askAgainMs = { first: 2, most: 40 }

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** The changes this server has heard of, in their order and without a gap. */
const createHearing = (database: SharedDatabase, domainId: string) => {
  let heard: number | null = null
  let hearer: ChangeHearer | null = null

  /** Others may have made the same hear more while it was read. */
  const take = (entries: readonly ChangeEntry[], head: number): void => {
    for (const entry of entries) {
      if (heard === null || entry.number <= heard) continue
      if (entry.number > heard + 1) hearer?.hearEverything(entry.number)
      hearer?.hear(entry)
      heard = entry.number
    }
    // all entries up to the head are gone already
    if (entries.length > 0 || heard === null || head <= heard) return
    hearer?.hearEverything(head)
    heard = head
  }

  const catchUp = async (statements: Statements): Promise<void> => {
    for (;;) {
      if (heard === null) return
      const head = await findChangeHead(statements, domainId)
      if (head <= heard) return
      take(await listChanges(statements, domainId, heard, entriesMax), head)
    }
  }

  return {
    number: () => heard ?? 0,
    catchUp,
    begin: (by: ChangeHearer, number: number): void => {
      hearer = by
      heard = Math.max(heard ?? 0, number)
      if (heard === number) by.hearEverything(number)
    },
    committed: (number: number): void => {
      heard = Math.max(heard ?? 0, number)
    },
    attach: (): void => database.beforeTransactions(catchUp),
  }
}

/**
 * Waits until no other server acts on what was true before a change: each has said that it heard of
 * it, or has had no leave to act for a whole lease, which ends without its help.
 */
const waitForOthers = async (
  { database, domainId, serverId, warn }: ClusterMemberParts,
  number: number,
): Promise<void> => {
  const deadline = performance.now() + leaseMs + marginMs
  await database.wakeOthers().catch(() => {})
  for (let wait = askAgainMs.first; ; wait = Math.min(wait * 2, askAgainMs.most)) {
    const all = await haveAllHeard(database.alone, domainId, serverId, number).catch(() => false)
    if (all) return
    if (performance.now() >= deadline) break
    await sleep(wait)
  }
  warn({ change: number }, 'a server did not hear of a change in time; it is no longer counted on')
  await dropUnaware(database.alone, domainId, serverId, number).catch(() => {})
}

/** Seeks the others by a change, unless there was one after that of the last time. */
const createSeeking = (
  parts: ClusterMemberParts,
  hearing: ReturnType<typeof createHearing>,
  isNeedless: () => boolean,
) => {
  let soughtAt = 0
  return async (lastTime = soughtAt): Promise<void> => {
    soughtAt = hearing.number()
    if (isNeedless() || soughtAt > lastTime) return
    soughtAt = await parts.database.transaction(
      (statements) => appendChange(statements, parts.domainId, nothing),
      hearing.committed,
    )
    await waitForOthers(parts, soughtAt)
  }
}

/**
 * Makes a server one of those that share a database. It holds a lease: leave to act on what is in
 * its memory, for `leaseMs` from the moment before it last asked and found that there was nothing
 * new. A change waits for the word of all, or for as long as any lease may last; so it needs no
 * clock but each server's own monotonic one.
 */
export const createClusterMember = (parts: ClusterMemberParts): ClusterMember => {
  const { database, domainId, serverId } = parts
  const hearing = createHearing(database, domainId)
  let leaseUntil = 0
  let eldest = false
  let rewound = false
  let left = false

  const enter = async (hearer: ChangeHearer | null): Promise<void> => {
    await database.transaction(
      async (statements) => {
        const number = await findChangeHead(statements, domainId)
        await joinServers(statements, domainId, serverId, { number, nowMs: Date.now() })
        return number
      },
      (number) => {
        if (hearer !== null) hearing.begin(hearer, number)
      },
    )
  }

  /** Asks whether there is news, until there is none: then the lease begins anew. */
  const beat = async (): Promise<void> => {
    while (!left) {
      const before = hearing.number()
      const askedAt = performance.now()
      const [{ head, heard, isEldest }] = await Promise.all([
        findStanding(database.alone, domainId, serverId),
        database.confirm(),
      ])
      eldest = heard !== null && isEldest
      rewound = head < before
      if (rewound) return
      if (heard === null) await enter(null)
      else if (heard >= head) {
        // It is in the database that this server acts on all there is: nobody drops it before a
        // change that it has not heard of is a lease old.
        leaseUntil = askedAt + leaseMs
        return
      } else {
        if (head > hearing.number()) await hearing.catchUp(database.alone)
        await noteHeard(database.alone, domainId, serverId, hearing.number())
      }
    }
  }

  const seekOthers = createSeeking(parts, hearing, () => eldest || left)
  const beats = createBeats(beat, database.hearsWakes)
  return {
    shared: {
      enlist: (statements, change) => appendChange(statements, domainId, change),
      committed: hearing.committed,
      known: (number) => waitForOthers(parts, number),
      allKnown: async () => {
        const number = hearing.number()
        const ask = haveAllHeard(database.alone, domainId, serverId, number)
        if (!(await ask.catch(() => false))) await waitForOthers(parts, number)
      },
    },
    join: async (hearer) => {
      await enter(hearer)
      hearing.attach()
      await beat()
      database.onWake(beats.now)
      beats.start()
      seekOthers(hearing.number()).catch(() => {})
    },
    outOfTouch: () => {
      if (rewound) {
        return 'PostgreSQL has lost changes: run mintmark db epoch, then restart all servers'
      }
      if (performance.now() < leaseUntil) return null
      return `no word from PostgreSQL for ${leaseMs / 1000} s`
    },
    isEldest: () => eldest,
    seekOthers: () => seekOthers(),
    leave: async () => {
      left = true
      await beats.stop()
      await leaveServers(database.alone, domainId, serverId).catch(() => {})
    },
  }
}

/** Runs `beat` every so often and when asked to, never twice at a time. Its faults show in time. */
const createBeats = (beat: () => Promise<void>, hearsWakes: () => boolean) => {
  let timer: NodeJS.Timeout | null = null
  let underWay: Promise<void> | null = null
  let again = false
  let stopped = false
  const run = (): void => {
    if (stopped) return
    if (underWay !== null) {
      again = true
      return
    }
    if (timer !== null) clearTimeout(timer)
    let waitMs = hearsWakes() ? beatMs : beatWithoutHintsMs
    underWay = beat()
      .catch(() => {
        // servers that lost the database at once do not come back at once
        waitMs = beatMs * (0.5 + Math.random())
      })
      .finally(() => {
        underWay = null
        if (stopped) return
        timer = setTimeout(run, again ? 0 : waitMs)
        timer.unref()
        again = false
      })
  }
  return {
    start: run,
    now: run,
    stop: async () => {
      stopped = true
      if (timer !== null) clearTimeout(timer)
      await underWay
    },
  }
}
