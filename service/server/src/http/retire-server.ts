import type { Server, ServerResponse } from 'node:http'
import { Server as SocketServer } from 'node:net'

const answerLast = (_request: unknown, response: ServerResponse): void => {
  response.shouldKeepAlive = false
}

/**
 * Accepts no more connections, and ends each of those that are there with its next answer, which
 * says so (RFC 9112 §9.6): a connection that is ended while it waits may have a request on its way.
 * Fulfils when the last has ended, which may be never.
 */
export const retireServer = (server: Server): Promise<void> =>
  new Promise((fulfil) => {
    server.prependListener('request', answerLast)
    // not Node's own close of an HTTP server, which ends the waiting ones
    SocketServer.prototype.close.call(server, () => fulfil())
  })
