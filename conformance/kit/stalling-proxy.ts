/** A network between two programs that can stop without anybody being told. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What gets through: `answers` are lost when only requests do. */
export type Passing = 'all' | 'nothing' | 'requests' | 'answers'

/** Where connections go: a port of this machine, or a socket in a folder. */
export type Place = { readonly port: number } | { readonly path: string }

export interface StallingProxy {
  readonly port: number
  /** Where connections go that are made from now on. */
  lead(to: Place): void
  /**
   * What gets through from now on. The rest is held back, as TCP sends again what was not
   * confirmed; connections are taken, and stay open.
   */
  pass(what: Passing): void
  /** From now on nothing ever comes on the connections there are: half of each is gone. */
  strand(): void
  stop(): void
}

interface Pair {
  readonly from: Socket
  readonly to: Socket
}

const hold = (socket: Socket, isHeld: boolean): void => {
  if (isHeld) socket.pause()
  else socket.resume()
}

/** Starts it; who starts it ends it. */
export const startStallingProxy = async (first: Place): Promise<StallingProxy> => {
  const pairs = new Set<Pair>()
  const stranded = new Set<Socket>()
  let target = first
  let passing: Passing = 'all'
  const apply = ({ from, to }: Pair): void => {
    hold(from, passing === 'nothing' || passing === 'answers')
    hold(to, passing === 'nothing' || passing === 'requests')
  }
  const server = createServer({ pauseOnConnect: true }, (from) => {
    const pair = { from, to: connect(target) }
    pairs.add(pair)
    for (const [one, other] of [
      [pair.from, pair.to],
      [pair.to, pair.from],
    ] as const) {
      one.on('data', (bytes) => void other.write(bytes))
      one.on('error', () => {})
      one.on('close', () => {
        stranded.delete(one)
        if (!stranded.has(other)) other.destroy()
        pairs.delete(pair)
      })
    }
    apply(pair)
  })
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  return {
    port: (server.address() as AddressInfo).port,
    lead: (to) => {
      target = to
    },
    pass: (what) => {
      passing = what
      for (const pair of pairs) apply(pair)
    },
    strand: () => {
      for (const { from, to } of pairs) {
        stranded.add(from)
        from.removeAllListeners('data')
        to.destroy()
      }
    },
    stop: () => {
      server.close()
      for (const socket of stranded) socket.destroy()
      for (const { from, to } of pairs) {
        from.destroy()
        to.destroy()
      }
    },
  }
}
