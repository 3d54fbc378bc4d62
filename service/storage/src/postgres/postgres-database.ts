import type pg from 'pg'
import {
  type Database,
  type Row,
  type SqlValue,
  type Statements,
  StorageFailed,
} from '../database.ts'
import { ask, isLost, openPool, type PostgresWaits, translate } from './postgres-connection.ts'
import { listenForWakes, type PostgresWakes, wakeStatement } from './postgres-wakes.ts'

export interface PostgresOptions {
  /** `postgres://user:password@host/database`; never shown. */
  readonly url: string
  /** Connections for reading; writing takes one more. */
  readonly readersMax?: number
  readonly waits?: Partial<PostgresWaits>
}

/** A database that other servers write to as well. */
export interface PostgresDatabase extends Database {
  readonly dialect: 'postgres'
  /**
   * Has `listener` read, at the beginning of every transaction, what other servers have committed
   * before it: nothing can be committed between its look and the transaction's own commit.
   */
  beforeTransactions(listener: (statements: Statements) => Promise<void>): void
  /** Statements that are each committed by themselves and wait for no transaction, nor for long. */
  readonly alone: Statements
  /** Tells the other servers that there is news; a hint that may be lost. */
  wakeOthers(): Promise<void>
  /** Calls `wake` when another server gives such a hint. */
  onWake(wake: () => void): void
}

const waitsDefault: PostgresWaits = { connectMs: 2000, statementMs: 10_000 }
const readersMaxDefault = 8
const aloneMax = 2
/** Of a statement on which depends whether this server may go on. */
const aloneMs = 1500
/** Milliseconds that a transaction may wait for those of other servers. */
const turnWaitMs = 5000
/** A server that stops in the middle of a transaction holds up the others for so long at most. */
const idleMaxMs = 2000
/** Connections tried that turn out to be dead, before anything was asked of them. */
const beginsMax = 3

/**
 * Begins a transaction that no other of any server runs beside: what the registry and the ledger
 * think of as their one writer. The lock ends with the transaction, after its changes can be seen,
 * and belongs to it and not to the session, so that a pooler between us may share sessions.
 */
const begin = (statementMs: number): string => `
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
SET LOCAL lock_timeout = ${turnWaitMs};
SET LOCAL statement_timeout = ${statementMs};
SET LOCAL idle_in_transaction_session_timeout = ${idleMaxMs};
SELECT set_config('synchronous_commit', 'on', true)
  WHERE current_setting('synchronous_commit') = 'off';
SELECT pg_advisory_xact_lock(hashtext('mintmark writes'), hashtext(current_schema()))`

/** One after the other, in the order of their calls. */
const createTurns = () => {
  let tail: Promise<void> = Promise.resolve()
  return {
    take: async <T>(work: () => Promise<T>): Promise<T> => {
      const turn = tail
      const { promise, resolve } = Promise.withResolvers<void>()
      tail = promise
      await turn
      try {
        return await work()
      } finally {
        resolve()
      }
    },
    settled: () => tail,
  }
}

/** A connection on which a transaction has begun. */
const beginOn = async (pool: pg.Pool, statementMs: number): Promise<pg.PoolClient> => {
  for (let attempt = 1; ; attempt += 1) {
    const client = await pool.connect()
    try {
      await client.query(begin(statementMs))
      return client
    } catch (error) {
      client.release(true)
      // nothing was done yet: a connection that died while it was idle is no reason to fail
      if (!isLost(error) || attempt === beginsMax) throw error
    }
  }
}

const createWriter = (pool: pg.Pool, statementMs: number, note: (error: unknown) => void) => {
  const turns = createTurns()
  const listeners: ((statements: Statements) => Promise<void>)[] = []

  const alone = async <T>(work: (statements: Statements) => Promise<T>): Promise<T> => {
    let open = true
    let broken = false
    const client = await beginOn(pool, statementMs)
    const run = async (sql: string, params: readonly SqlValue[]) => {
      if (!open) throw new StorageFailed('the transaction of this statement has ended')
      try {
        return await ask(client, sql, params)
      } catch (error) {
        broken ||= isLost(error)
        throw error
      }
    }
    const statements: Statements = {
      all: async (sql, params) => (await run(sql, params)).rows,
      run: async (sql, params) => ({ changes: (await run(sql, params)).changes }),
    }
    try {
      for (const listener of listeners) await listener(statements)
      const value = await work(statements)
      // a transaction in which a statement failed answers COMMIT with ROLLBACK, and no error
      const { command } = (await client.query('COMMIT')) as { readonly command: string }
      if (command !== 'COMMIT') throw new StorageFailed('PostgreSQL rolled the transaction back')
      return value
    } catch (error) {
      broken ||= isLost(error)
      if (!broken) await client.query('ROLLBACK').catch(() => (broken = true))
      throw error
    } finally {
      open = false
      client.release(broken)
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

/** Statements that are committed one by one; what only reads is asked again after a lost one. */
const openStatements = (
  pool: pg.Pool,
  attemptsMax: number,
  note: (error: unknown) => void,
): Statements => {
  const run = async (sql: string, params: readonly SqlValue[]) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await ask(pool, sql, params)
        note(null)
        return answer
      } catch (error) {
        note(error)
        if (!isLost(error) || attempt >= attemptsMax) throw translate(error)
      }
    }
  }
  return {
    all: async (sql, params): Promise<readonly Row[]> => (await run(sql, params)).rows,
    run: async (sql, params) => ({ changes: (await run(sql, params)).changes }),
  }
}

/**
 * Opens a PostgreSQL database that any number of servers may share: transactions of all of them
 * follow one another, each durable before it is acknowledged.
 *
 * No connection is made yet: the first statement does, and fails with StorageFailed when there is
 * no server. A server that comes back is used again.
 */
export const openPostgres = (options: PostgresOptions): PostgresDatabase => {
  const waits = { ...waitsDefault, ...options.waits }
  let statements = 0
  let failure: string | null = null
  let closed = false
  const note = (error: unknown): void => {
    if (error === null) failure = null
    else if (isLost(error)) failure = `PostgreSQL cannot be reached (${(error as Error).message})`
  }
  const pool = (connectionsMax: number, patience = waits) =>
    openPool({ url: options.url, connectionsMax, waits: patience, onLost: () => {} })
  const readers = pool(options.readersMax ?? readersMaxDefault)
  const writing = pool(1)
  const single = pool(aloneMax, { connectMs: aloneMs, statementMs: aloneMs })
  const alone = openStatements(single, 1, note)
  const wakes: PostgresWakes[] = []
  const writer = createWriter(writing, waits.statementMs, note)
  const reading = openStatements(readers, 2, note)
  return {
    dialect: 'postgres',
    read: {
      all: (sql, params) => {
        statements += 1
        return reading.all(sql, params)
      },
      run: (sql, params) => {
        statements += 1
        return reading.run(sql, params)
      },
    },
    alone,
    wakeOthers: async () => {
      await alone.all(wakeStatement, [])
    },
    onWake: (wake) => void wakes.push(listenForWakes(options.url, wake)),
    transaction: writer.transaction,
    beforeTransactions: (listener) => void writer.listeners.push(listener),
    statementCount: () => statements,
    failure: () => failure,
    close: async () => {
      if (closed) return
      closed = true
      await writer.settled()
      await Promise.all(wakes.map((each) => each.close()))
      await Promise.all([readers.end(), writing.end(), single.end()])
    },
  }
}
