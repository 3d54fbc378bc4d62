/** A server as a child process, started the way a user starts it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The built command; `conformance/mutants.ts` names another tree. */
const main =
  process.env['MINTMARK_CONFORMANCE_MAIN'] ??
  fileURLToPath(new URL('../../edge/cli/dist/main.js', import.meta.url))

/** All of our own environment that reaches a server: where programs are, and compiled code. */
const inherited = {
  PATH: process.env['PATH'] ?? '',
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
}

const startMsMax = 20_000
const stopMsMax = 12_000
const running = new Set<ChildProcess>()

// Whatever ends the test process, no server may stay behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export type Environment = Readonly<Record<string, string>>

/** A running server. */
export interface ServerProcess {
  readonly child: ChildProcess
  /** URL of a door by its name. */
  door(name: 'plain' | 'tls'): string | null
  /** Everything it wrote, both streams together. */
  output(): string
  stop(): Promise<void>
}

interface Listening {
  readonly msg?: unknown
  readonly name?: unknown
  readonly url?: unknown
}

const readListening = (line: string): readonly [string, string] | null => {
  if (!line.startsWith('{')) return null
  try {
    const { msg, name, url } = JSON.parse(line) as Listening
    if (msg !== 'listening' || typeof url !== 'string') return null
    return [typeof name === 'string' ? name : 'plain', url]
  } catch {
    return null
  }
}

const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((fulfil) => child.once('exit', () => fulfil()))

/** A server that a failed test forgot must not keep alive the process that would end it. */
const letGo = (child: ChildProcess): void => {
  child.unref()
  for (const stream of [child.stdout, child.stderr]) (stream as Socket | null)?.unref()
}

const stopChild = async (child: ChildProcess): Promise<void> => {
  child.ref()
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMsMax)
  await ended(child)
  clearTimeout(timer)
}

/** How to start. */
export interface ServerStart {
  readonly environment: Environment
  /** Doors to wait for. */
  readonly doors: readonly ('plain' | 'tls')[]
  /** Largest file it may write, in 512-byte blocks: stands for a full disk. */
  readonly fileBlocksMax?: number
  /** The built command, of another tree than ours. */
  readonly main?: string
}

const spawnServer = (start: ServerStart): ChildProcess => {
  const options = {
    stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'],
    env: { ...inherited, NODE_ENV: 'production', ...start.environment },
  }
  const command = [process.execPath, start.main ?? main, 'serve'] as const
  if (start.fileBlocksMax === undefined) return spawn(command[0], command.slice(1), options)
  const limited = `ulimit -f ${start.fileBlocksMax} && exec "$0" "$@"`
  return spawn('/bin/sh', ['-c', limited, ...command], options)
}

/** Starts `mintmark serve` and waits until every door listens. @throws with its output */
export const startServer = async (start: ServerStart): Promise<ServerProcess> => {
  if (!existsSync(main)) throw new Error(`${main} is not there: run 'npm run build' first`)
  const child = spawnServer(start)
  running.add(child)
  child.once('exit', () => running.delete(child))
  const lines: string[] = []
  const doors = new Map<string, string>()
  const output = () => lines.join('\n')
  await new Promise<void>((fulfil, reject) => {
    const give = (what: string) => reject(new Error(`the server ${what}:\n${output()}`))
    const timer = setTimeout(() => give('did not say where it listens'), startMsMax)
    child.once('error', (error) => give(error.message))
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      give(`ended (${signal ?? code})`)
    })
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream! }).on('line', (line) => {
        lines.push(line)
        const door = readListening(line)
        if (door !== null) doors.set(...door)
        if (!start.doors.every((each) => doors.has(each))) return
        clearTimeout(timer)
        fulfil()
      })
    }
  }).catch(async (error: Error) => {
    await stopChild(child)
    throw error
  })
  letGo(child)
  return { child, door: (name) => doors.get(name) ?? null, output, stop: () => stopChild(child) }
}

/** What a command of ours said, and how it ended. */
export interface CommandEnd {
  readonly code: number | null
  readonly output: string
  readonly milliseconds: number
}

/** Runs `mintmark …words` to its end. */
export const runCommand = async (
  words: readonly string[],
  environment: Environment,
): Promise<CommandEnd> => {
  const startedMs = performance.now()
  const child = spawn(process.execPath, [main, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...inherited, NODE_ENV: 'production', ...environment },
  })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      output += bytes.toString()
    })
  }
  await new Promise((fulfil) => child.once('close', fulfil))
  running.delete(child)
  return { code: child.exitCode, output, milliseconds: performance.now() - startedMs }
}

/** Starts a server that must refuse to start. @returns what it said and its exit code */
export const startRefused = async (environment: Environment) => {
  const child = spawnServer({ environment, doors: [] })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream!.on('data', (bytes: Buffer) => {
      output += bytes.toString()
      if (/"listening"/.test(output)) child.kill('SIGTERM')
    })
  }
  await new Promise((fulfil) => child.once('close', fulfil))
  running.delete(child)
  return { code: child.exitCode, output }
}
