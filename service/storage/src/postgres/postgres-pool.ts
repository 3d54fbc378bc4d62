import { Socket } from 'node:net'
import pg from 'pg'
import { StorageFailed } from '../database.ts'
import { type Connection, isLost, isPooled, NotPrimary } from './postgres-connection.ts'
import type { PostgresHosts } from './postgres-hosts.ts'

/** Bounds of what one pool is used for; times in milliseconds, 0: none. */
export interface PoolBounds {
  readonly connectionsMax: number
  /** Who may wait for a connection; further ones fail at once. */
  readonly waitingMax: number
  /** For a connection, be it a new one or one that others use. */
  readonly connectMs: number
  /** After which the server gives a statement up. */
  readonly statementMs: number
  /** After which the server gives up to wait for a lock. */
  readonly lockMs: number
  /** After which a server that says nothing is no longer waited for. */
  readonly silenceMs: number
  /** After which a connection that nobody uses is closed: another may find no room for it again. */
  readonly idleMs: number
}

/** Connections to the primary. */
export interface Connections {
  /** Gives one to `work`; who finds it broken says so by a fault that `isLost`. */
  lend<T>(work: (connection: Connection) => Promise<T>): Promise<T>
  /** Breaks them, whatever they are used for. */
  cut(): void
  end(): Promise<void>
}

const bigintType = 20
const parseBigint = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`a bigint that is no safe number: ${text}`)
  return value
}

/** As SQLite gives them: numbers for bigint, bytes for bytea, text for everything unknown. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (type: number, format?: 'text' | 'binary') =>
    type === bigintType && format !== 'binary'
      ? parseBigint
      : pg.types.getTypeParser(type, format as 'text'),
}

/** After which a silent connection is tried by the system: ten times, a second apart. */
const silentFirstMs = 10_000

/** What is said at the beginning of a session, or behind a pooler of each transaction. */
export const boundWords = ({ statementMs, lockMs }: PoolBounds, scope: 'SESSION' | 'LOCAL') => `
SET ${scope} statement_timeout = ${statementMs};
SET ${scope} lock_timeout = ${lockMs};
SELECT set_config('synchronous_commit', 'on', ${scope === 'LOCAL'})
  WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')`

interface Greeting {
  readonly pid: number
  readonly standby: boolean
  readonly timeline: string | null
}

/**
 * Opens connections to whichever host is the primary, each looked at once: a standby is refused.
 *
 * @param onPooled there is a pooler on the way
 */
export const openPool = (
  hosts: PostgresHosts,
  bounds: PoolBounds,
  onPooled: () => void = () => {},
): Connections => {
  const pooled = new WeakSet<pg.ClientBase>()
  const sockets = new Map<Socket, string>()

  /** Made where a connection is wanted, because until then the primary may have moved. */
  const makeClient = (): pg.Client => {
    const url = hosts.now()
    return new pg.Client({
      connectionString: url,
      types,
      application_name: 'mintmark',
      query_timeout: bounds.silenceMs,
      keepAlive: true,
      // whoever waits without an end is told by the network alone that nobody is there any more
      ...(bounds.silenceMs === 0 && { keepAliveInitialDelayMillis: silentFirstMs }),
      stream: () => {
        const socket = new Socket()
        sockets.set(socket, url)
        return socket.once('close', () => sockets.delete(socket))
      },
    })
  }

  const greet = async (client: pg.ClientBase): Promise<void> => {
    const { rows } = await client.query<Greeting>(
      `SELECT pg_backend_pid() AS pid, pg_is_in_recovery() AS standby,
         ${hosts.timelineWords} AS timeline`,
    )
    const greeting = rows[0] as Greeting
    if (greeting.standby) throw new NotPrimary('it is a standby')
    hosts.check(greeting.timeline)
    if (isPooled(client, greeting.pid)) {
      pooled.add(client)
      onPooled()
    } else await client.query(boundWords(bounds, 'SESSION'))
  }

  const pool = new pg.Pool({
    // called with `new`, which gives what it returns
    Client: function client() {
      return makeClient()
    } as unknown as new () => pg.Client,
    max: bounds.connectionsMax,
    connectionTimeoutMillis: bounds.connectMs,
    idleTimeoutMillis: bounds.idleMs,
    onConnect: greet,
  })
  pool.on('error', () => {})
  // one that is lost while it is lent out says so by an event that nobody else listens to
  pool.on('connect', (client) => client.on('error', () => {}))
  hosts.onMove((url) => {
    for (const [socket, to] of sockets) if (to !== url) socket.destroy()
  })

  return {
    lend: async (work) => {
      if (pool.waitingCount >= bounds.waitingMax) {
        throw new StorageFailed('PostgreSQL is busy: too many wait for a connection')
      }
      const client = await pool.connect()
      let broken = false
      try {
        return await work({ client, pooled: pooled.has(client) })
      } catch (error) {
        broken = isLost(error)
        throw error
      } finally {
        client.release(broken)
      }
    },
    cut: () => {
      for (const socket of sockets.keys()) socket.destroy()
    },
    end: () => pool.end(),
  }
}
