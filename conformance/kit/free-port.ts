import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { connect, createServer } from 'node:net'

/**
 * Below those that systems choose for connections: none of them takes it before it is used. Above
 * those that tests give by number.
 */
const lowestPort = 20_000
const ports = 12_000
const triesMax = 100

/** Keeps a port, until this process ends, from whoever else asks here: by a lock of UDP on it. */
const claim = (port: number): Promise<boolean> =>
  new Promise((fulfil) => {
    const lock = createSocket('udp4').unref()
    lock.once('error', () => fulfil(false))
    lock.bind({ address: '127.0.0.1', port, exclusive: true }, () => fulfil(true))
  })

const isFree = (port: number): Promise<boolean> =>
  new Promise((fulfil) => {
    const probe = createServer()
    probe.once('error', () => fulfil(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => fulfil(true)))
  })

const isOurs = async (port: number): Promise<boolean> => (await claim(port)) && isFree(port)

/**
 * A port of 127.0.0.1 that nobody listens on and nobody else is told of; nor is the next one, where
 * `mintmark dev` puts its API. @throws when it finds none
 */
export const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const port = lowestPort + 2 * randomInt(ports / 2)
    if ((await isOurs(port)) && (await isOurs(port + 1))) return port
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
