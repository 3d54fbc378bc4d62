import pg from 'pg'
import { isPooled } from './postgres-connection.ts'
import type { PostgresHosts } from './postgres-hosts.ts'

/** A connection of its own that hears when another server says that there is news. */
export interface PostgresWakes {
  close(): Promise<void>
}

const channel = 'mintmark_change'
const reconnectMs = 500
const connectMs = 2000

/** Says to every server on this database that there is news; only they can say what. */
export const wakeStatement = `SELECT pg_notify('${channel}', '')`

/**
 * Calls `wake` soon after another server has said that there is news. A hint and no more: behind a
 * pooler, and while the connection is lost, none comes.
 */
export const listenForWakes = (hosts: PostgresHosts, wake: () => void): PostgresWakes => {
  let closed = false
  let client: pg.Client | null = null
  let timer: NodeJS.Timeout | null = null

  const again = (): void => {
    if (closed || timer !== null) return
    timer = setTimeout(
      () => {
        timer = null
        void connect()
        // not all servers at the same moment
      },
      reconnectMs * (1 + Math.random()),
    )
    timer.unref()
  }

  const connect = async (): Promise<void> => {
    const mine = new pg.Client({
      connectionString: hosts.now(),
      connectionTimeoutMillis: connectMs,
      keepAlive: true,
      application_name: 'mintmark',
    })
    client = mine
    mine.on('notification', wake)
    mine.on('error', () => {})
    mine.on('end', again)
    try {
      await mine.connect()
      // behind a pooler another session would listen than the one that is asked
      const { rows } = await mine.query('SELECT pg_backend_pid() AS pid')
      closed ||= isPooled(mine, rows[0]?.pid)
      if (!closed) await mine.query(`LISTEN ${channel}`)
      if (closed) await mine.end()
      else wake()
    } catch {
      mine.end().catch(() => {})
      again()
    }
  }

  void connect()
  hosts.onMove(() => client?.end().catch(() => {}))
  return {
    close: async () => {
      closed = true
      if (timer !== null) clearTimeout(timer)
      await client?.end().catch(() => {})
    },
  }
}
