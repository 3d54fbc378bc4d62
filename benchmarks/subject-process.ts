import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import process from 'node:process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { nodeCommand, pinned } from './pinning.ts'

/** A running server under measurement. */
export interface Subject {
  readonly name: string
  readonly pid: number
  /** Port on 127.0.0.1. */
  readonly port: number
  /** Port of its HTTPS door, if it was to have one beside the other. */
  readonly securePort?: number
  /** From spawning the process to its line "listening". */
  readonly listeningMillis: number
  /** Ends it: SIGTERM, then SIGKILL after ten seconds. */
  readonly stop: () => Promise<void>
}

/** A scheme that a subject listens for, as in its URL. */
export type Door = 'http:' | 'https:'

/** How to start a subject. */
export interface SubjectStart {
  readonly name: string
  /** Script and its arguments, without secrets: other users can read a command line. */
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** What it is to listen for; `http:` when left out. Its port is that of the first. */
  readonly doors?: readonly Door[]
  /** List of CPU cores to pin it to, undefined for none. */
  readonly cores?: string | undefined
}

/** A program of somebody else's, which is told its port and does not say when it listens. */
export interface ProgramStart {
  readonly name: string
  /** The program and its arguments, without secrets. */
  readonly command: readonly string[]
  /** Port on 127.0.0.1 that its configuration names. */
  readonly port: number
  readonly cores?: string | undefined
}

const startMillisMax = 30_000
const knockMillis = 20
const stopMillisMax = 10_000
const linesKept = 20
const running = new Set<ChildProcess>()

// The last resort when the bench itself dies: no server may stay behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

function urlOfListeningLine(line: string): URL | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const record = JSON.parse(line) as { readonly msg?: unknown; readonly url?: unknown }
    if (record.msg !== 'listening' || typeof record.url !== 'string') return undefined
    return new URL(record.url)
  } catch {
    return undefined
  }
}

function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => child.once('exit', () => resolve()))
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMillisMax)
  await exited(child)
  clearTimeout(timer)
}

/**
 * Waits for an NDJSON line with msg "listening" for each door, on either stream; drops the other
 * output.
 *
 * @returns the ports, in the order of the doors
 */
function listening(
  child: ChildProcess,
  { name, doors = ['http:'] }: SubjectStart,
): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    const ports = new Map<string, number>()
    const lastLines: string[] = []
    const give = (what: string): void =>
      reject(new Error(`${name} ${what}; its last lines:\n${lastLines.join('\n')}`))
    const timer = setTimeout(() => give('did not say where it listens'), startMillisMax)
    child.once('error', (error) => give(error.message))
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      give(`ended (${signal ?? code})`)
    })
    const read = (stream: Readable, keepReading: boolean): void => {
      const lines = createInterface({ input: stream })
      lines.on('line', (line) => {
        lastLines.push(line)
        if (lastLines.length > linesKept) lastLines.shift()
        const url = urlOfListeningLine(line)
        if (url === undefined) return
        ports.set(url.protocol, Number(url.port))
        if (!doors.every((door) => ports.has(door))) return
        clearTimeout(timer)
        resolve(doors.map((door) => ports.get(door)!))
        if (keepReading) return
        // A chatty subject must not cost the bench time on the cores under measurement.
        lines.close()
        stream.resume()
      })
    }
    read(child.stdout!, false)
    read(child.stderr!, true)
  })
}

/**
 * Starts a subject with nothing of our environment but PATH and waits until it listens; throws with
 * its last lines of output when it does not.
 */
export async function startSubject(start: SubjectStart): Promise<Subject> {
  const [command, ...args] = nodeCommand(start.args, start.cores)
  const startedAt = performance.now()
  const child = spawn(command!, args, {
    // Peers end when this pipe closes, so that a killed bench leaves none of them behind.
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...start.environment },
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  try {
    const [port = 0, securePort] = await listening(child, start)
    return {
      name: start.name,
      pid: child.pid!,
      port,
      ...(securePort !== undefined && { securePort }),
      listeningMillis: performance.now() - startedAt,
      stop: () => stop(child),
    }
  } catch (error) {
    await stop(child)
    throw error
  }
}

/** Keeps a port, until this process ends, from the tests that ask for one: by a lock of UDP. */
const claim = (port: number): Promise<boolean> =>
  new Promise((fulfil) => {
    const lock = createSocket('udp4').unref()
    lock.once('error', () => fulfil(false))
    lock.bind({ address: '127.0.0.1', port, exclusive: true }, () => fulfil(true))
  })

/**
 * A port on 127.0.0.1 that nobody listens on, below those that systems choose for connections: none
 * of them takes it before it is used.
 */
export const findFreePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    if ((await claim(port)) && !(await isListening(port))) return port
  }
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((fulfil) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => socket.end(() => fulfil(true)))
    socket.once('error', () => fulfil(false))
  })

/** Starts a program that is not Node and waits until its port takes connections. */
export async function startProgram(start: ProgramStart): Promise<Subject> {
  const [command = '', ...args] = pinned(start.command, start.cores)
  const startedAt = performance.now()
  const child = spawn(command, args, { stdio: 'ignore', env: { PATH: process.env['PATH'] ?? '' } })
  let ended: string | undefined
  child.once('error', (error) => {
    ended = error.message
  })
  child.once('exit', (code, signal) => {
    ended = `ended (${signal ?? code})`
    running.delete(child)
  })
  running.add(child)
  while (!(await isListening(start.port))) {
    if (performance.now() - startedAt > startMillisMax) ended ??= 'does not listen'
    if (ended !== undefined) {
      child.kill('SIGKILL')
      throw new Error(`${start.name} ${ended}`)
    }
    await wait(knockMillis)
  }
  return {
    name: start.name,
    pid: child.pid!,
    port: start.port,
    listeningMillis: performance.now() - startedAt,
    stop: () => stop(child),
  }
}
