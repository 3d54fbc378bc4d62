/** The built command as a child process, started the way a user starts it. For tests only. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { findFreePort } from './dev/free-port.ts'

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
/** All of our own environment that reaches a command: where programs are, and compiled code. */
const inherited = {
  PATH: process.env['PATH'] ?? '',
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
}

const readyMsMax = 20_000
const running = new Set<ChildProcess>()

// Whatever ends the tests, no server may stay behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export type Environment = Readonly<Record<string, string>>

/** A command that runs, or has ended. */
export interface Running {
  readonly child: ChildProcess
  readonly output: () => string
  readonly errors: () => string
  /** Fulfils when the text was written to one of the streams; @throws when it never will be */
  readonly said: (what: RegExp) => Promise<RegExpMatchArray>
  /** Exit code, or the name of the signal. */
  readonly ended: Promise<number | string>
  /** Sends a signal and waits for the end. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | string>
}

/** Starts `mintmark …words`. */
export const startCommand = (
  words: readonly string[],
  environment: Environment,
  directory?: string,
): Running => {
  const child = spawn(process.execPath, [main, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...inherited, NODE_ENV: 'production', ...environment },
    ...(directory !== undefined && { cwd: directory }),
  })
  running.add(child)
  let output = ''
  let errors = ''
  const watchers = new Set<() => void>()
  const watch = () => {
    for (const watcher of watchers) watcher()
  }
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString()
    watch()
  })
  child.stderr.on('data', (bytes: Buffer) => {
    errors += bytes.toString()
    watch()
  })
  const ended = new Promise<number | string>((fulfil) => {
    child.once('close', (code, signal) => {
      running.delete(child)
      fulfil(signal ?? code ?? -1)
    })
  })
  const said = (what: RegExp) =>
    new Promise<RegExpMatchArray>((fulfil, reject) => {
      const give = (why: string) =>
        finish(() => reject(new Error(`${why} ${what}: ${output}${errors}`)))
      const timer = setTimeout(() => give('did not say'), readyMsMax)
      const finish = (settle: () => void): void => {
        clearTimeout(timer)
        watchers.delete(look)
        settle()
      }
      const look = (): void => {
        const found = output.match(what) ?? errors.match(what)
        if (found !== null) finish(() => fulfil(found))
      }
      watchers.add(look)
      void ended.then((how) => give(`ended (${how}) without saying`))
      look()
    })
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return ended
  }
  return { child, output: () => output, errors: () => errors, said, ended, end }
}

/** The lines of a log, each as the object it is. @throws when a line is no JSON object */
export const logLines = (log: string): readonly Readonly<Record<string, unknown>>[] =>
  log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)

/** `mintmark serve` that listens. */
export interface RunningServe extends Running {
  readonly plain: string
  readonly secure: string | null
}

/** Starts `mintmark serve` on ports of its own choice and waits until it listens. */
export const startServe = async (environment: Environment): Promise<RunningServe> => {
  const started = startCommand(['serve'], { MINTMARK_LISTEN: '127.0.0.1:0', ...environment })
  const door = async (name: string) => {
    const [line] = await started.said(new RegExp(`.*"name":"${name}".*"msg":"listening".*`))
    return (JSON.parse(line) as { readonly url: string }).url
  }
  const plain = await door('plain')
  const secure = environment['MINTMARK_TLS_LISTEN'] === undefined ? null : await door('tls')
  return { ...started, plain, secure }
}

/** A port on loopback, kept by a lock of UDP from whoever else asks here for one. */
const claimPort = (port: number): Promise<Socket | null> =>
  new Promise((fulfil) => {
    const lock = createSocket('udp4').unref()
    lock.once('error', () => fulfil(null))
    lock.bind({ address: '127.0.0.1', port, exclusive: true }, () => fulfil(lock))
  })

/**
 * The first of some ports in a row: of this process while it lives, whatever tests run beside it.
 * Below those that systems choose for connections, and above those that tests give by number.
 */
export const freePort = async (inRow = 1): Promise<number> => {
  for (;;) {
    const first = randomInt(20_000, 32_000 - inRow)
    const row = Array.from({ length: inRow }, (_, at) => first + at)
    const locks = await Promise.all(row.map(claimPort))
    const found = await Promise.all(row.map((port) => findFreePort(port)))
    if (!locks.includes(null) && found.every(({ takenBy }) => takenBy === null)) return first
    for (const lock of locks) lock?.close()
  }
}

/** An empty directory that goes away with the scope. */
export const newDirectory = (): { readonly path: string; readonly remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'mintmark-process-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export interface Reply {
  readonly status: number
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** A connection of its own (see `newConnections`); else a new one that is closed after. */
  readonly connection?: Agent
}

/** One HTTP request and its whole answer. */
export const ask = (url: string, { method, headers, body, connection }: Ask = {}): Promise<Reply> =>
  new Promise((fulfil, reject) => {
    const { port, pathname, search } = new URL(url)
    const options = {
      host: '127.0.0.1',
      port,
      path: pathname + search,
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      agent: connection ?? false,
      headers: { ...headers },
      timeout: 10_000,
    }
    const sent = request(options, (response) => {
      text(response).then((said) => {
        const json = said.startsWith('{') ? JSON.parse(said) : {}
        fulfil({ status: response.statusCode ?? 0, text: said, json })
      }, reject)
    })
    sent.once('timeout', () => sent.destroy(new Error('no answer')))
    sent.once('error', reject)
    sent.end(body)
  })

/** Connections that stay open; the primary deals them out to the workers in turn. */
export const newConnections = (count: number): readonly Agent[] =>
  Array.from({ length: count }, () => new Agent({ keepAlive: true, maxSockets: 1 }))

const formType = 'application/x-www-form-urlencoded'

export const basic = (clientId: string, secret: string): string =>
  `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`

/** A form post to an OAuth endpoint. */
export const post = (
  url: string,
  form: Readonly<Record<string, string>>,
  more: { readonly authorization?: string; readonly connection?: Agent } = {},
): Promise<Reply> => {
  const { authorization, connection } = more
  return ask(url, {
    body: new URLSearchParams(form).toString(),
    headers: { 'content-type': formType, ...(authorization !== undefined && { authorization }) },
    ...(connection !== undefined && { connection }),
  })
}
