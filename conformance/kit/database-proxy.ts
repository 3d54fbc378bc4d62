/** The network between one server and PostgreSQL, which can be cut without anybody being told. */
import { type StallingProxy, startStallingProxy } from './stalling-proxy.ts'

export interface DatabaseProxy extends Pick<StallingProxy, 'pass' | 'stop'> {
  /** The database as it is reached through here. */
  readonly url: string
}

/** @param databaseUrl of a PostgreSQL behind a socket in a folder, as those of tests are */
export const startDatabaseProxy = async (databaseUrl: string): Promise<DatabaseProxy> => {
  const { username, hostname, pathname } = new URL(databaseUrl)
  const path = `${decodeURIComponent(hostname)}/.s.PGSQL.5432`
  const { port, pass, stop } = await startStallingProxy({ path })
  return { url: `postgres://${username}@127.0.0.1:${port}${pathname}`, pass, stop }
}
