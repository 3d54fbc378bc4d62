import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { NotPrimary } from './postgres-connection.ts'
import { urlsOfHosts } from './postgres-url.ts'

/** The servers among which one is the primary; of a URL with one host, just that one. */
export interface PostgresHosts {
  /** URL of the host that new connections go to. */
  now(): string
  /** Looks which host is the primary now, once for all who ask meanwhile; may find none. */
  seek(): Promise<void>
  /** @throws NotPrimary when a history that is older than one seen before is written to there */
  check(timeline: string | null): void
  /** Calls `listener` with the host that new connections go to from now on. */
  onMove(listener: (url: string) => void): void
  /** Statement that says as `timeline` which history a primary writes. */
  readonly timelineWords: string
}

const lookMs = 1000
/** For so long a primary that answered is kept waiting for another that answers too. */
const secondPrimaryMs = 100

/**
 * A promotion begins a new history, with a higher number. It is asked only where hosts may differ:
 * not everything that speaks like PostgreSQL can say it.
 */
const timelineWords = `CASE WHEN pg_is_in_recovery() THEN NULL
  ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END`

interface Primary {
  readonly url: string
  readonly timeline: string
}

const look = async (url: string): Promise<Primary> => {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: lookMs,
    query_timeout: lookMs,
    application_name: 'mintmark',
  })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query(`SELECT ${timelineWords} AS timeline`)
    const { timeline } = rows[0] as { readonly timeline: string | null }
    if (timeline === null) throw new NotPrimary('a standby')
    return { url, timeline }
  } finally {
    client.end().catch(() => {})
  }
}

/** The primary of the newest history, should two call themselves one. */
const findPrimary = async (urls: readonly string[]): Promise<Primary | undefined> => {
  const found: Primary[] = []
  const looks = urls.map((url) => look(url).then((each) => void found.push(each)))
  const first = Promise.any(looks).then(() => sleep(secondPrimaryMs))
  await Promise.race([Promise.allSettled(looks), first.catch(() => sleep(lookMs))])
  return found.toSorted((a, b) => (a.timeline < b.timeline ? 1 : -1))[0]
}

const onlyHost = (url: string): PostgresHosts => ({
  now: () => url,
  seek: async () => {},
  check: () => {},
  onMove: () => {},
  timelineWords: 'NULL',
})

export const createHosts = (url: string): PostgresHosts => {
  const urls = urlsOfHosts(url)
  const [first = url] = urls
  if (urls.length <= 1) return onlyHost(first)
  let now = first
  let newest = ''
  let seeking: Promise<void> | null = null
  const listeners: ((url: string) => void)[] = []
  const seek = async (): Promise<void> => {
    const found = await findPrimary(urls)
    if (found === undefined || found.url === now || found.timeline < newest) return
    now = found.url
    for (const listener of listeners) listener(now)
  }
  return {
    now: () => now,
    seek: () => {
      seeking ??= seek().finally(() => {
        seeking = null
      })
      return seeking
    },
    check: (timeline) => {
      if (timeline === null) return
      if (timeline < newest) throw new NotPrimary('this primary was replaced by another')
      newest = timeline
    },
    onMove: (listener) => void listeners.push(listener),
    timelineWords,
  }
}
