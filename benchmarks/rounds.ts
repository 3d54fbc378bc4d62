import type { FreshConnections } from './fresh-connection.ts'
import type { LoadReport } from './load-messages.ts'
import type { LoadProcess } from './load-process.ts'
import { type Spread, spreadOf } from './statistics.ts'

/** How long and how hard a comparison runs. */
export interface RoundPlan {
  readonly rounds: number
  /** Measured length of one window. */
  readonly seconds: number
  readonly connections: number
  /** Unmeasured seconds before the first round of each contender. */
  readonly warmupSeconds: number
  readonly poll: boolean
}

/** One side of a comparison: a request list and the server that answers it. */
export interface Contender {
  readonly name: string
  readonly port: number
  readonly pid: number
  readonly list: string
  /** Each caller connects anew for each request. */
  readonly fresh?: FreshConnections
  /** For a server that could not answer all of the plan's within a window. */
  readonly connectionsMax?: number
  /** Makes a used-once list anew before a window that may send this many requests. */
  readonly refill?: (requests: number) => Promise<void>
}

/** What one contender did, round by round. */
export interface Measurement {
  readonly name: string
  readonly rounds: readonly Omit<LoadReport, 'kind' | 'kept'>[]
}

/** After a pause, connections are new and the caches of the core are cold. */
const warmupSeconds = 0.3
/**
 * A program is compiled by how often it runs, not by the clock: one that signs with RSA in two
 * processes is at three quarters of its speed after five seconds, and as it stays after thirty.
 */
const warmRequests = 60_000
const warmupWindowsMax = 6
/** No contender gets more requests a second than this out of a used-once list. */
const refillRequestsPerSecondMax = 15_000

async function runWindow(
  load: LoadProcess,
  contender: Contender,
  plan: RoundPlan,
  lengths: { readonly warmupSeconds: number; readonly seconds: number },
): Promise<LoadReport> {
  const wholeSeconds = lengths.warmupSeconds + lengths.seconds
  await contender.refill?.(Math.ceil(wholeSeconds * refillRequestsPerSecondMax))
  const report = await load.run({
    list: contender.list,
    port: contender.port,
    connections: Math.min(plan.connections, contender.connectionsMax ?? plan.connections),
    fresh: contender.fresh,
    expectedStatus: 200,
    warmupSeconds: lengths.warmupSeconds,
    seconds: lengths.seconds,
    serverPid: contender.pid,
    poll: plan.poll,
  })
  return report
}

async function warmUp(load: LoadProcess, contender: Contender, plan: RoundPlan): Promise<void> {
  const lengths = { warmupSeconds: 0, seconds: plan.warmupSeconds }
  let answered = 0
  for (let window = 0; window < warmupWindowsMax && answered < warmRequests; window += 1) {
    const { completed } = await runWindow(load, contender, plan, lengths)
    answered += completed
  }
}

/**
 * Warms every contender up, then gives each one window per round, A B C A B C …, so that whatever
 * drifts on the machine drifts for all.
 */
export async function alternate(
  load: LoadProcess,
  contenders: readonly Contender[],
  plan: RoundPlan,
): Promise<readonly Measurement[]> {
  for (const contender of contenders) await warmUp(load, contender, plan)
  const rounds = contenders.map((contender) => ({ contender, reports: [] as LoadReport[] }))
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const { contender, reports } of rounds) {
      const lengths = { warmupSeconds, seconds: plan.seconds }
      const report = await runWindow(load, contender, plan, lengths)
      // A dry used-once list or a server that hangs must not end up in a table as a slow one.
      if (report.completed === 0) {
        const why = report.errorSamples.join() || 'dry'
        throw new Error(`${contender.name}: nothing completed; ${why}`)
      }
      reports.push(report)
    }
  }
  return rounds.map(({ contender, reports }) => ({
    name: contender.name,
    rounds: reports.map(({ kind: _kind, kept: _kept, ...figures }) => figures),
  }))
}

/** How one contender compares with another; above 1 the first is better, in both measures. */
export interface Ratio {
  readonly of: string
  readonly over: string
  readonly requests: Spread
  readonly cpu: Spread
  /** What the project promises, for the medians; undefined where a ratio only informs. */
  readonly requestsTarget?: number | undefined
  readonly cpuTarget?: number | undefined
}

/** Names two contenders, and what is promised of their ratio. */
export type Comparison = Pick<Ratio, 'of' | 'over' | 'requestsTarget' | 'cpuTarget'>

/** Divides round by round: neighbours in time. Undefined if either did not take part. */
export function compare(
  measurements: readonly Measurement[],
  comparison: Comparison,
): Ratio | undefined {
  const of = measurements.find((measurement) => measurement.name === comparison.of)
  const over = measurements.find((measurement) => measurement.name === comparison.over)
  if (of === undefined || over === undefined) return undefined
  const pairs = of.rounds.map((report, round) => [report, over.rounds[round]!] as const)
  return {
    ...comparison,
    requests: spreadOf(pairs.map(([a, b]) => a.requestsPerSecond / b.requestsPerSecond)),
    cpu: spreadOf(pairs.map(([a, b]) => b.serverCpuMicrosPerRequest / a.serverCpuMicrosPerRequest)),
  }
}
