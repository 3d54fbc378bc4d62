import type { Server } from 'node:http'
import type { Socket } from 'node:net'

const silentOf = new WeakMap<object, Set<Socket>>()

/**
 * Keeps an eye on connections over which no request has begun: Node does not count them as idle,
 * so nothing else would end them when a server closes.
 */
export const watchSilentConnections = (server: Server, isTls: boolean): void => {
  const silent = new Set<Socket>()
  silentOf.set(server, silent)
  server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  server.on('request', ({ socket }) => silent.delete(socket))
}

/** Ends them: whoever has sent no whole request head by now is not waiting for an answer. */
export const endSilentConnections = (server: object): void => {
  for (const socket of silentOf.get(server) ?? []) socket.destroy()
}
