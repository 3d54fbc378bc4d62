/** The network between one server and PostgreSQL, which can be cut without anybody being told. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What gets through: `answers` are lost when only requests do. */
export type Passing = 'all' | 'nothing' | 'requests' | 'answers'

export interface DatabaseProxy {
  /** The database as it is reached through here. */
  readonly url: string
  /**
   * What gets through from now on. The rest is held back, as TCP sends again what was not
   * confirmed; connections are taken, and stay open.
   */
  pass(what: Passing): void
  stop(): void
}

interface Pair {
  readonly from: Socket
  readonly to: Socket
}

/** @param databaseUrl of a PostgreSQL behind a socket in a folder, as those of tests are */
export const startDatabaseProxy = async (databaseUrl: string): Promise<DatabaseProxy> => {
  const { username, hostname, pathname } = new URL(databaseUrl)
  const path = `${decodeURIComponent(hostname)}/.s.PGSQL.5432`
  const pairs = new Set<Pair>()
  let passing: Passing = 'all'
  const hold = (socket: Socket, isHeld: boolean): void => {
    if (isHeld) socket.pause()
    else socket.resume()
  }
  const apply = ({ from, to }: Pair): void => {
    hold(from, passing === 'nothing' || passing === 'answers')
    hold(to, passing === 'nothing' || passing === 'requests')
  }
  const server = createServer({ pauseOnConnect: true }, (from) => {
    const pair = { from, to: connect(path) }
    pairs.add(pair)
    for (const [one, other] of [
      [pair.from, pair.to],
      [pair.to, pair.from],
    ] as const) {
      one.on('data', (bytes) => void other.write(bytes))
      one.on('error', () => {})
      one.on('close', () => {
        other.destroy()
        pairs.delete(pair)
      })
    }
    apply(pair)
  })
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  const { port } = server.address() as AddressInfo
  return {
    url: `postgres://${username}@127.0.0.1:${port}${pathname}`,
    pass: (what) => {
      passing = what
      for (const pair of pairs) apply(pair)
    },
    stop: () => {
      server.close()
      for (const { from, to } of pairs) {
        from.destroy()
        to.destroy()
      }
    },
  }
}
