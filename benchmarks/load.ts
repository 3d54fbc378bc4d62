/**
 * The load process: an HTTP/1.1 generator on raw sockets with prepared request bytes, closed-loop
 * (here) or open-loop (open-loop.ts). It is a process of its own so that it can be pinned to a core
 * and never mixes with a subject's work.
 */
import process from 'node:process'
import { type Answer, type Connection, type Exchange, openConnection } from './connection.ts'
import { freshSockets, renewConnections } from './fresh-connection.ts'
import {
  type LoadCommand,
  type LoadReply,
  type LoadReport,
  type RunCommand,
  windowSecondsMax,
} from './load-messages.ts'
import { runOpenLoop } from './open-loop.ts'
import { cpuSeconds } from './process-cost.ts'
import { type RequestList, readList, takeIndex } from './request-list.ts'

const errorSamplesMax = 3
const drainMillisMax = 5_000
const connectionsMax = 1_024
const lists = new Map<string, RequestList>()

interface Marks {
  readonly atMillis: number
  readonly serverCpuSeconds: number
  readonly ownCpuMicros: number
}

function takeMarks(serverPid: number | undefined): Marks {
  const own = process.cpuUsage()
  return {
    atMillis: performance.now(),
    serverCpuSeconds: serverPid === undefined ? Number.NaN : cpuSeconds(serverPid),
    ownCpuMicros: own.user + own.system,
  }
}

/** State of one window while it runs. */
interface Window {
  measuring: boolean
  open: boolean
  sent: number
  errors: number
  answerBytes: number
  readonly latencies: number[]
  readonly errorSamples: string[]
  readonly kept: Record<string, string>[]
}

function keep(members: readonly string[], body: Buffer): Record<string, string> {
  const parsed = JSON.parse(body.toString()) as Record<string, unknown>
  const entries = members.map((member) => [member, String(parsed[member])] as const)
  return Object.fromEntries(entries)
}

function exchangeOf(window: Window, list: RequestList, command: RunCommand): Exchange {
  const requestsMax = command.requestsMax ?? Number.POSITIVE_INFINITY
  const fault = (sample: string): void => {
    window.errors += 1
    if (window.errorSamples.length < errorSamplesMax) window.errorSamples.push(sample)
  }
  return {
    next: () => {
      if (!window.open || window.sent >= requestsMax) return undefined
      const index = takeIndex(list, Math.random)
      if (index === undefined) return undefined
      window.sent += 1
      return { index, bytes: list.requests[index]! }
    },
    answered: (index: number, answer: Answer, latencyMillis: number) => {
      if (answer.closes) return fault('the server closes the connection')
      if (answer.status !== command.expectedStatus) {
        // An unexpected success may hold a token or a secret; only refusals are shown.
        const shown = answer.status < 400 ? '' : answer.body.toString('utf8', 0, 300)
        return fault(`${answer.status} ${shown}`)
      }
      if (command.keepMembers !== undefined) {
        window.kept[index] = keep(command.keepMembers, answer.body)
      }
      // Errors count always, rates only inside the window: a refused warm-up is a broken benchmark.
      if (!window.measuring) return
      window.latencies.push(latencyMillis)
      window.answerBytes += answer.bytes
    },
    broken: fault,
  }
}

function report(window: Window, from: Marks, to: Marks): LoadReport {
  const sorted = Float64Array.from(window.latencies).sort()
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN
  const seconds = (to.atMillis - from.atMillis) / 1_000
  const completed = sorted.length
  const serverCpuMicros = (to.serverCpuSeconds - from.serverCpuSeconds) * 1e6
  return {
    kind: 'report',
    completed,
    errors: window.errors,
    errorSamples: window.errorSamples,
    seconds,
    requestsPerSecond: completed / seconds,
    p50Millis: at(0.5),
    p99Millis: at(0.99),
    serverCpuMicrosPerRequest: serverCpuMicros / completed,
    bytesPerAnswer: window.answerBytes / completed,
    loadCpuMicrosPerRequest: (to.ownCpuMicros - from.ownCpuMicros) / completed,
    kept: window.kept,
  }
}

function after(millis: number, signal: AbortSignal): Promise<void> {
  if (millis === 0 || signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, millis)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Keeps the event loop turning, so that it looks at the sockets without going to sleep. */
function pollWhileOpen(window: Window): void {
  if (window.open) setImmediate(pollWhileOpen, window)
}

function listOf(name: string): RequestList {
  const list = lists.get(name)
  if (list === undefined) throw new Error(`unknown request list ${name}`)
  return list
}

async function openConnections(
  { connections: wanted, fresh, port }: RunCommand,
  exchange: Exchange,
): Promise<readonly Connection[]> {
  const open = fresh === undefined ? undefined : freshSockets(port, fresh)
  const connections: Connection[] = []
  for (let count = 0; count < Math.min(wanted, connectionsMax); count += 1) {
    connections.push(
      open === undefined ? await openConnection(port, exchange) : renewConnections(open, exchange),
    )
  }
  return connections
}

async function run(command: RunCommand): Promise<LoadReport> {
  const list = listOf(command.list)
  const counts = {
    measuring: command.warmupSeconds === 0,
    open: true,
    sent: 0,
    errors: 0,
    answerBytes: 0,
  }
  const window: Window = { ...counts, latencies: [], errorSamples: [], kept: [] }
  const exchange = exchangeOf(window, list, command)
  const connections = await openConnections(command, exchange)

  if (command.poll === true) pollWhileOpen(window)
  const allDone = new AbortController()
  const driven = Promise.all(connections.map((connection) => connection.drive()))
  driven.then(() => allDone.abort())
  await after(command.warmupSeconds * 1_000, allDone.signal)
  window.measuring = true
  const from = takeMarks(command.serverPid)
  await after(Math.min(command.seconds, windowSecondsMax) * 1_000, allDone.signal)
  const to = takeMarks(command.serverPid)
  window.measuring = false
  window.open = false
  await after(drainMillisMax, allDone.signal)
  for (const connection of connections) connection.close()
  return report(window, from, to)
}

async function obey(command: LoadCommand): Promise<LoadReply> {
  try {
    if (command.kind === 'run') return await run(command)
    if (command.kind === 'open-run') return await runOpenLoop(command, listOf(command.list))
    lists.set(command.list, readList(command))
    return { kind: 'prepared' }
  } catch (error) {
    return { kind: 'failure', message: error instanceof Error ? error.message : String(error) }
  }
}

process.on('disconnect', () => process.exit(0))
process.on('message', (command: LoadCommand) => {
  obey(command).then((reply) => process.send?.(reply))
})
