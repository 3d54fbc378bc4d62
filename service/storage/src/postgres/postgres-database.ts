import { createCountMemory } from '../count-memory.ts'
import type { Database, SharedDatabase, SqlValue, Statements } from '../database.ts'
import { createTurns } from '../turns.ts'
import { type Answer, ask, type Connection, isLost, translate } from './postgres-connection.ts'
import { createHosts, type PostgresHosts } from './postgres-hosts.ts'
import { boundWords, type Connections, openPool, type PoolBounds } from './postgres-pool.ts'
import { createSchemaSteps, type SchemaStepBounds } from './postgres-schema-step.ts'
import { asStatements, inTransaction, takeWritesTurn } from './postgres-transaction.ts'
import { listenForWakes, type PostgresWakes, wakeStatement } from './postgres-wakes.ts'

export interface PostgresOptions {
  /** `postgres://user:password@host,host/database`; never shown. */
  readonly url: string
  /** Given by tests only. */
  readonly schemaStepBounds?: Partial<SchemaStepBounds>
}

const times = { waitingMax: 256, connectMs: 2000, silenceMs: 6000, idleMs: 0 }
/** For what requests for tokens wait for: each statement finds a few rows by their key. */
const readerBounds: PoolBounds = { ...times, connectionsMax: 8, statementMs: 5000, lockMs: 500 }
/** For lists and exports, which may take long and must not keep anybody else waiting. */
const listBounds: PoolBounds = {
  connectionsMax: 3,
  waitingMax: 32,
  connectMs: 5000,
  statementMs: 10_000,
  lockMs: 1000,
  silenceMs: 12_000,
  idleMs: 60_000,
}
/** Statements on which depends whether this server may go on. */
const aloneBounds: PoolBounds = {
  ...times,
  connectionsMax: 2,
  connectMs: 1500,
  // A commit that was given up while it waits for a standby would look like one that did not.
  statementMs: 0,
  lockMs: 1000,
  silenceMs: 1500,
}
/** For what may take an hour: a step of the schema, and upkeep of the audit. */
const upkeepBounds: PoolBounds = {
  connectionsMax: 1,
  waitingMax: 4,
  connectMs: 5000,
  statementMs: 0,
  lockMs: 1000,
  silenceMs: 0,
  idleMs: 1,
}
/** The one that writes says itself how long each of its statements may take. */
const writerStatementMs = 10_000
const writerBounds: PoolBounds = {
  ...times,
  connectionsMax: 1,
  statementMs: 0,
  lockMs: 0,
  silenceMs: 12_000,
}
/** Milliseconds that a transaction may wait for those of other servers. */
const turnWaitMs = 5000
/** Milliseconds that its turn may be held up by a lock that somebody else has. */
const lockWaitMs = 500
/** A server that stops in the middle of a transaction holds up the others for so long at most. */
const idleMaxMs = 1000
/** Connections tried that turn out to be dead, before anything was asked of them. */
const beginsMax = 3

/**
 * Begins a transaction that no other of any server runs beside: what the registry and the ledger
 * think of as their one writer.
 */
const begin = `
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
${boundWords({ ...writerBounds, statementMs: writerStatementMs, lockMs: turnWaitMs }, 'LOCAL')};
SET LOCAL idle_in_transaction_session_timeout = ${idleMaxMs};
${takeWritesTurn};
SET LOCAL lock_timeout = ${lockWaitMs}`

const createWriter = (
  connections: Connections,
  hosts: PostgresHosts,
  note: (error: unknown) => void,
) => {
  const turns = createTurns()
  const listeners: ((statements: Statements) => Promise<void>)[] = []

  const alone = async <T>(work: (statements: Statements) => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      let begun = false
      try {
        return await connections.lend((connection) =>
          inTransaction(connection, begin, async (statements) => {
            begun = true
            for (const listener of listeners) await listener(statements)
            return work(statements)
          }),
        )
      } catch (error) {
        if (isLost(error)) await hosts.seek()
        // nothing was done yet: a connection that died while it was idle is no reason to fail
        if (begun || !isLost(error) || attempt === beginsMax) throw error
      }
    }
  }

  const transaction: Database['transaction'] = (work, committed) =>
    turns.take(async () => {
      try {
        const value = await alone(work)
        note(null)
        committed?.(value)
        return value
      } catch (error) {
        note(error)
        throw translate(error)
      }
    })

  return { transaction, listeners, settled: turns.settled }
}

interface StatementParts {
  readonly hosts: PostgresHosts
  readonly bounds: PoolBounds
  readonly attemptsMax: number
  readonly note: (error: unknown) => void
}

/** Behind a pooler a statement brings its bounds along. */
const askBounded = (
  connection: Connection,
  bounds: PoolBounds,
  sql: string,
  params: readonly SqlValue[],
): Promise<Answer> => {
  if (!connection.pooled) return ask(connection, sql, params)
  const beginWords = `BEGIN READ WRITE; ${boundWords(bounds, 'LOCAL')}`
  return inTransaction(connection, beginWords, () => ask(connection, sql, params))
}

/** Statements that are committed one by one; what only reads is asked again after a lost one. */
const openStatements = (connections: Connections, parts: StatementParts): Statements => {
  const { hosts, bounds, attemptsMax, note } = parts
  return asStatements(async (sql, params) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await connections.lend((on) => askBounded(on, bounds, sql, params))
        note(null)
        return answer
      } catch (error) {
        note(error)
        if (isLost(error)) await hosts.seek()
        if (!isLost(error) || attempt >= attemptsMax) throw translate(error)
      }
    }
  })
}

/** A commit that a synchronous standby has to have; nothing where there is none. */
const confirmStatement = `SELECT CASE WHEN current_setting('synchronous_standby_names') <> ''
  THEN pg_logical_emit_message(true, 'mintmark', '') IS NOT NULL END AS confirmed`

/**
 * Opens a PostgreSQL database that any number of servers may share: transactions of all of them
 * follow one another, each durable before it is acknowledged.
 *
 * No connection is made yet: the first statement does, and fails with StorageFailed when there is
 * no server. A server that comes back is used again.
 */
export const openPostgres = ({ url, schemaStepBounds }: PostgresOptions): SharedDatabase => {
  let statements = 0
  let failure: string | null = null
  let closed = false
  let pooled = false
  const note = (error: unknown): void => {
    if (error === null) failure = null
    else if (isLost(error)) failure = `PostgreSQL cannot be reached (${(error as Error).message})`
  }
  const hosts = createHosts(url)
  const pools: Connections[] = []
  const pool = (bounds: PoolBounds): Connections => {
    const opened = openPool(hosts, bounds, () => {
      pooled = true
    })
    pools.push(opened)
    return opened
  }
  const committedOn = (on: Connections, bounds: PoolBounds, attemptsMax: number): Statements =>
    openStatements(on, { hosts, bounds, attemptsMax, note })
  const committed = (bounds: PoolBounds, attemptsMax: number): Statements =>
    committedOn(pool(bounds), bounds, attemptsMax)
  const counted = (inner: Statements): Statements => ({
    all: (sql, params) => {
      statements += 1
      return inner.all(sql, params)
    },
    run: (sql, params) => {
      statements += 1
      return inner.run(sql, params)
    },
  })
  const alone = committed(aloneBounds, 1)
  const patient = pool(upkeepBounds)
  const schemaStep = createSchemaSteps({
    connections: patient,
    pool: upkeepBounds,
    hosts,
    ask: alone.all,
    ...(schemaStepBounds && { bounds: schemaStepBounds }),
  })
  const wakes: PostgresWakes[] = []
  const writer = createWriter(pool(writerBounds), hosts, note)
  return {
    dialect: 'postgres',
    read: counted(committed(readerBounds, 2)),
    lists: { ...counted(committed(listBounds, 2)), counted: createCountMemory() },
    alone,
    upkeep: committedOn(patient, upkeepBounds, 1),
    confirm: async () => void (await alone.all(confirmStatement, [])),
    hearsWakes: () => !pooled,
    wakeOthers: async () => void (await alone.all(wakeStatement, [])),
    onWake: (wake) => void wakes.push(listenForWakes(hosts, wake)),
    transaction: writer.transaction,
    schemaStep: (work, how) =>
      schemaStep(work, how).catch((error: unknown) => Promise.reject(translate(error))),
    beforeTransactions: (listener) => void writer.listeners.push(listener),
    statementCount: () => statements,
    failure: () => failure,
    lost: () => null,
    close: async () => {
      if (closed) return
      closed = true
      patient.cut()
      await writer.settled()
      await Promise.all(wakes.map((each) => each.close()))
      await Promise.all(pools.map((each) => each.end()))
    },
  }
}
