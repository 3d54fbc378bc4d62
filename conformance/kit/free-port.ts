import { connect, createServer } from 'node:net'

/** A port of 127.0.0.1 that nobody listens on at the moment. */
export const freePort = (): Promise<number> =>
  new Promise((fulfil) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => fulfil(typeof address === 'object' && address ? address.port : 0))
    })
  })

/** Whether somebody takes connections at a port of 127.0.0.1. */
export const isListening = (port: number): Promise<boolean> =>
  new Promise((fulfil) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => socket.end(() => fulfil(true)))
    socket.once('error', () => fulfil(false))
  })
