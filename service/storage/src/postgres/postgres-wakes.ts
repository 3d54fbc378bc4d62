import pg from 'pg'

/** A connection of its own that hears when another server says that there is news. */
export interface PostgresWakes {
  close(): Promise<void>
}

const channel = 'mintmark_change'
const reconnectMs = 1000
const connectMs = 2000

/** Says to every server on this database that there is news; only they can say what. */
export const wakeStatement = `SELECT pg_notify('${channel}', '')`

/**
 * Calls `wake` soon after another server has said that there is news. A hint and no more: behind a
 * pooler, and while the connection is lost, none comes.
 */
export const listenForWakes = (url: string, wake: () => void): PostgresWakes => {
  let closed = false
  let client: pg.Client | null = null
  let timer: NodeJS.Timeout | null = null

  const again = (): void => {
    if (closed || timer !== null) return
    timer = setTimeout(() => {
      timer = null
      void connect()
    }, reconnectMs)
    timer.unref()
  }

  const connect = async (): Promise<void> => {
    const mine = new pg.Client({
      connectionString: url,
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
      await mine.query(`LISTEN ${channel}`)
      if (closed) await mine.end()
      else wake()
    } catch {
      mine.end().catch(() => {})
      again()
    }
  }

  void connect()
  return {
    close: async () => {
      closed = true
      if (timer !== null) clearTimeout(timer)
      await client?.end().catch(() => {})
    },
  }
}
