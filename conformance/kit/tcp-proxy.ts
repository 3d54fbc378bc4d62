/** What stands before several servers: each connection goes to the next one that takes it. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface TcpProxy {
  readonly url: string
  /** URLs of the servers that get connections from now on. */
  lead(to: readonly string[]): void
  stop(): void
}

export const startTcpProxy = async (): Promise<TcpProxy> => {
  let servers: readonly string[] = []
  let next = 0
  const sockets = new Set<Socket>()
  const forward = (from: Socket, attempt: number): void => {
    next += 1
    const { hostname, port } = new URL(servers[next % servers.length] ?? 'http://127.0.0.1:1')
    const to = connect(Number(port), hostname)
    let open = false
    to.on('connect', () => {
      open = true
      from.pipe(to).pipe(from)
    })
    to.on('error', () => {
      if (open || attempt >= servers.length) from.destroy()
      else forward(from, attempt + 1)
    })
    to.on('close', () => open && from.destroy())
    from.on('close', () => to.destroy())
  }
  const server = createServer((from) => {
    sockets.add(from)
    from.on('error', () => {})
    from.on('close', () => sockets.delete(from))
    forward(from, 1)
  })
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lead: (to) => {
      servers = to
    },
    stop: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
