import { createServer, type Server } from 'node:http'
import { guard } from '@mintmark/guard/node'

export interface OrdersApi {
  readonly url: string
  close(): void
}

const portsTried = 50

/** Listens at the wanted port of loopback, or at the next free one. */
const listen = async (server: Server, wanted: number): Promise<number> => {
  for (let port = wanted; ; port += 1) {
    const fault = await new Promise<NodeJS.ErrnoException | null>((fulfil) => {
      server.once('error', fulfil)
      server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
        server.removeListener('error', fulfil)
        fulfil(null)
      })
    })
    if (fault === null) return port
    if (fault.code !== 'EADDRINUSE' || port === wanted + portsTried) throw fault
  }
}

/**
 * A resource server of the playground, to call with a token: two lines of it are the protection, as
 * in any other API.
 *
 * @param issuer of the playground
 * @param wantedPort the one it gets unless another program has it
 */
export const startOrdersApi = async (
  issuer: string,
  audience: string,
  wantedPort: number,
): Promise<OrdersApi> => {
  const auth = guard({ issuer, audience })
  const orders = auth.requires('orders.read', (_request, response, caller) => {
    response.setHeader('Content-Type', 'application/json')
    response.end(`${JSON.stringify({ order: 42, for: caller.clientId })}\n`)
  })
  const server = createServer(orders)
  const port = await listen(server, wantedPort)
  return {
    url: `http://localhost:${port}/orders`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
