import { randomInt } from 'node:crypto'
import { connect, createServer } from 'node:net'

/** Below those that systems choose for connections: none of them takes it before it is used. */
const lowestPort = 12_000
const ports = 20_000
const triesMax = 100

const isFree = (port: number): Promise<boolean> =>
  new Promise((fulfil) => {
    const probe = createServer()
    probe.once('error', () => fulfil(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => fulfil(true)))
  })

/** A port of 127.0.0.1 that nobody listens on at the moment. @throws when it finds none */
export const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const port = lowestPort + randomInt(ports)
    if (await isFree(port)) return port
  }
  throw new Error(`none of ${triesMax} ports was free`)
}

/** Whether somebody takes connections at a port of 127.0.0.1. */
export const isListening = (port: number): Promise<boolean> =>
  new Promise((fulfil) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => socket.end(() => fulfil(true)))
    socket.once('error', () => fulfil(false))
  })
