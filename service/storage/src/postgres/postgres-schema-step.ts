import { setTimeout as sleep } from 'node:timers/promises'
import { type SchemaStep, type Statements, StorageFailed } from '../database.ts'
import { codeOf, isLost } from './postgres-connection.ts'
import type { PostgresHosts } from './postgres-hosts.ts'
import { boundWords, type Connections, type PoolBounds } from './postgres-pool.ts'
import { inTransaction, takeWritesTurn } from './postgres-transaction.ts'

/*
 * A step of the schema may build an index over millions of rows, so nothing bounds how long its
 * statements take. What is bounded is how long it stands in anybody's way while it gets nothing
 * done, and how long it waits: others that read a table wait behind whoever waits for all of it.
 */

/** Milliseconds; tests have smaller ones. */
export interface SchemaStepBounds {
  /** One try to get its turn: others that write stand behind it and are not held up by it. */
  readonly turnMs: number
  /** All tries of it: another server may be in the middle of a step. */
  readonly turnWaitMs: number
  /** One try to get a table: less than whoever reads for a token waits behind it. */
  readonly lockMs: number
  /** Between tries, so that those behind it come through. */
  readonly lockPauseMs: number
  /** All tries of it. */
  readonly lockWaitMs: number
  /** A statement that takes so long may be waiting for somebody: it is asked for whom. */
  readonly lookMs: number
  /** Between two times of saying the same. */
  readonly tellMs: number
  /** A commit that a standby has to have, with all that the step has written. */
  readonly commitMs: number
}

const usualBounds: SchemaStepBounds = {
  turnMs: 5000,
  turnWaitMs: 3_600_000,
  lockMs: 400,
  lockPauseMs: 2000,
  lockWaitMs: 600_000,
  lookMs: 200,
  tellMs: 30_000,
  commitMs: 600_000,
}

/** A server that stops in the middle of a step holds up the others for so long at most. */
const idleMaxMs = 10_000
/** Whoever was killed while a statement of his runs is noticed so soon, from PostgreSQL 14 on. */
const goneAfterMs = 1000
/** How the others see who is at it. */
const nameOfStep = 'mintmark schema step'
/** Connections tried that turn out to be dead, before anything was asked of them. */
const beginsMax = 3

const beginStep = ({ turnMs }: SchemaStepBounds, pool: PoolBounds): string => `
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
${boundWords({ ...pool, statementMs: 0, lockMs: turnMs }, 'LOCAL')};
SET LOCAL idle_in_transaction_session_timeout = ${idleMaxMs};
SET LOCAL application_name = '${nameOfStep}';
SELECT set_config(name, '${goneAfterMs}', true) FROM pg_settings
  WHERE name = 'client_connection_check_interval' AND version() ~ 'linux'`

/** One step at a time, also one that takes no turn among those that write. */
const takeStepsTurn =
  "SELECT pg_advisory_xact_lock(hashtext('mintmark schema'), hashtext(current_schema()))"

/** PostgreSQL ends its own vacuum for whoever waits longer than it looks for deadlocks. */
const lockWords = (lockMs: number, behindVacuum: boolean): string =>
  `SELECT set_config('lock_timeout', ${
    behindVacuum ? `greatest(${lockMs}, least(5000, setting::integer + 500))` : lockMs
  }::text, true) FROM pg_settings WHERE name = 'deadlock_timeout'`

const holdersQuery = `
SELECT blocking.pid, application_name, state, backend_type,
  round(extract(epoch FROM clock_timestamp() - xact_start))::integer AS seconds
FROM unnest(pg_blocking_pids($1)) AS blocking (pid) LEFT JOIN pg_stat_activity USING (pid)
ORDER BY blocking.pid`

/** Who keeps a statement waiting. */
interface Holders {
  readonly words: string
  readonly pids: string
  readonly vacuum: boolean
}

const unknownHolders: Holders = { words: 'somebody', pids: '', vacuum: false }

const findHolders = async (ask: Statements['all'], pid: number): Promise<Holders | null> => {
  const rows = await ask(holdersQuery, [pid])
  if (rows.length === 0) return null
  const words = rows.map((row) => {
    const who = [row['application_name'] || row['backend_type'], row['state']].filter(Boolean)
    const since = row['seconds'] === null ? [] : [`for ${row['seconds']} s`]
    return `PID ${row['pid']} (${[...who, ...since].join(', ') || 'of another user'})`
  })
  const pids = rows.map((row) => row['pid']).join(' ')
  const vacuum = rows.some((row) => row['backend_type'] === 'autovacuum worker')
  return { words: words.join(', '), pids, vacuum }
}

/** A lock that was not waited for any longer, or two that wait for one another. */
const isWaiting = (error: unknown): boolean => /^(?:55P03|40P01)$/.test(codeOf(error))

/** Says a text when it is new, and again when it has been true for a while. */
const createTeller = (tell: (words: string) => void, tellMs: number) => {
  let last = { key: '', atMs: Number.NEGATIVE_INFINITY }
  return (key: string, words: string): void => {
    const nowMs = performance.now()
    if (key === last.key && nowMs - last.atMs < tellMs) return
    last = { key, atMs: nowMs }
    tell(words)
  }
}

export interface SchemaStepParts {
  readonly connections: Connections
  readonly pool: PoolBounds
  readonly hosts: PostgresHosts
  /** Asks beside the step who is in its way. */
  readonly ask: Statements['all']
  readonly bounds?: Partial<SchemaStepBounds>
}

/** One step until it is through or waits no longer: what was found out by its tries. */
interface Endeavour {
  readonly bounds: SchemaStepBounds
  readonly tell: (words: string) => void
  /** Who was last seen in the way. */
  holders: Holders
  /** Whether the present try has its turn. */
  begun: boolean
  /** Since when tries fail because others have the turn, or tables. */
  readonly since: { turn?: number; tables?: number }
}

/** Statements of a step; while one waits, it is found out for whom. */
const watched = (
  statements: Statements,
  pid: number,
  endeavour: Endeavour,
  ask: Statements['all'],
): Statements => {
  const look = async (): Promise<void> => {
    endeavour.holders = (await findHolders(ask, pid)) ?? endeavour.holders
  }
  const watching = async <R>(run: () => Promise<R>): Promise<R> => {
    const timer = setTimeout(() => look().catch(() => {}), endeavour.bounds.lookMs)
    try {
      return await run()
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    all: (sql, params) => watching(() => statements.all(sql, params)),
    run: (sql, params) => watching(() => statements.run(sql, params)),
  }
}

/** Says what is waited for. @throws StorageFailed when it was waited for long enough */
const goOnWaiting = (endeavour: Endeavour, triedAtMs: number): void => {
  const { bounds, begun, holders, since } = endeavour
  const what = begun ? 'tables' : 'turn'
  since[what] ??= triedAtMs
  const boundMs = begun ? bounds.lockWaitMs : bounds.turnWaitMs
  const waitedMs = performance.now() - since[what]
  const has = begun ? 'has tables that it changes' : 'writes or changes the schema'
  const seconds = Math.round(waitedMs / 1000)
  if (waitedMs >= boundMs) {
    throw new StorageFailed(
      `The schema was not changed, because for ${seconds} s ${holders.words} ${has}. ` +
        'Let that end, or end it with pg_terminate_backend, and start again',
    )
  }
  const atMost = Math.round(boundMs / 1000)
  endeavour.tell(`it waits, ${seconds} s of at most ${atMost} s: ${holders.words} ${has}`)
}

/** Steps of the schema, of which one runs at a time in all servers of a database. */
export const createSchemaSteps = (parts: SchemaStepParts): SchemaStep => {
  const { connections, pool, hosts, ask } = parts
  const bounds = { ...usualBounds, ...parts.bounds }

  const once = <T>(
    work: (statements: Statements) => Promise<T>,
    takesNoTurn: boolean,
    endeavour: Endeavour,
  ): Promise<T> => {
    const workInTurn = async (inner: Statements): Promise<T> => {
      const [row] = await inner.all('SELECT pg_backend_pid() AS pid', [])
      const statements = watched(inner, Number(row?.['pid']), endeavour, ask)
      await statements.all(takeStepsTurn, [])
      if (!takesNoTurn) await statements.all(takeWritesTurn, [])
      endeavour.begun = true
      await inner.all(lockWords(bounds.lockMs, endeavour.holders.vacuum), [])
      return work(statements)
    }
    return connections.lend((connection) =>
      inTransaction(connection, beginStep(bounds, pool), workInTurn, bounds.commitMs),
    )
  }

  return async (work, { tell = () => {}, takesNoTurn = false } = {}) => {
    const say = createTeller(tell, bounds.tellMs)
    const endeavour: Endeavour = {
      bounds,
      tell: (words) => say(`${endeavour.begun} ${endeavour.holders.pids}`, words),
      holders: unknownHolders,
      begun: false,
      since: {},
    }
    for (let lostTries = 0; ; ) {
      endeavour.begun = false
      const triedAtMs = performance.now()
      const going = setInterval(() => {
        const seconds = Math.round((performance.now() - triedAtMs) / 1000)
        if (endeavour.begun) tell(`it has run for ${seconds} s`)
      }, bounds.tellMs)
      try {
        return await once(work, takesNoTurn, endeavour)
      } catch (error) {
        if (isLost(error)) {
          await hosts.seek()
          lostTries += 1
          // nothing was done yet: a connection that died while it was idle is no reason to fail
          if (endeavour.begun || lostTries === beginsMax) throw error
        } else {
          if (!isWaiting(error)) throw error
          goOnWaiting(endeavour, triedAtMs)
          if (endeavour.begun) await sleep(bounds.lockPauseMs)
        }
      } finally {
        clearInterval(going)
      }
    }
  }
}
