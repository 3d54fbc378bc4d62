/** Overload: more requests than a server can answer, and what becomes of it. */
import type { Phase } from './arrivals.ts'
import { createApi, createSecretClient, type Domain, tokenRequest } from './domain.ts'
import type { LoadReport, OpenLoadReport, SecondReport } from './load-messages.ts'
import { type LoadProcess, startLoad } from './load-process.ts'
import { getBytes } from './prepared-requests.ts'
import { openStage, startOurs } from './stage.ts'
import { spreadOf } from './statistics.ts'

/** How a server is overloaded. */
export interface OverloadPlan {
  readonly algorithm: 'RS256' | 'ES256'
  readonly workers: number
  /** Windows of the closed loop that says what the server can do. */
  readonly capacityRounds: number
  /** Multiple of that, under overload. */
  readonly times: number
  /** Requests a second under overload at least, also if others wanted the machine before. */
  readonly overloadMin: number
  /** Share of it before and after. */
  readonly restShare: number
  readonly quietSeconds: number
  readonly overloadSeconds: number
  readonly recoverySeconds: number
  /** Connections of the callers; each waits for one answer at a time. */
  readonly connections: number
}

/** What a server can do at best. */
export interface Capacity {
  readonly tokensPerSecond: number
  readonly tokensPerCpuSecond: number
}

/** What was seen. */
export interface OverloadOutcome {
  /** By a closed loop: the peak, before and, if that takes several windows, after. */
  readonly capacity: readonly Capacity[]
  readonly report: OpenLoadReport
  /** The probes: health, readiness and administration while all this went on. */
  readonly probes: OpenLoadReport
  /** Tokens a second that were given within a second, under overload. */
  readonly goodput: Capacity
  /** Seconds after the overload until requests are answered as before; NaN: they never were. */
  readonly recoverySeconds: number
}

const capacityConnections = 128
/** Whom an answer does not reach within this time has given up. */
const patienceMillis = 1_000
const probesPerSecond = 15
/** A second of the timeline in which nobody waited longer counts as quiet. */
const quietMillis = 250

async function measureCapacity(
  load: LoadProcess,
  { port, pid }: Domain['server'],
  { capacityRounds, quietSeconds }: OverloadPlan,
): Promise<Capacity> {
  const seconds = Math.min(3, quietSeconds)
  const windows: LoadReport[] = []
  for (let round = 0; round < capacityRounds; round += 1) {
    const report = await load.run({
      list: 'token',
      port,
      connections: capacityConnections,
      expectedStatus: 200,
      warmupSeconds: round === 0 ? seconds : 0.3,
      seconds,
      serverPid: pid,
    })
    windows.push(report)
  }
  return {
    tokensPerSecond: spreadOf(windows.map((each) => each.requestsPerSecond)).median,
    tokensPerCpuSecond:
      1e6 / spreadOf(windows.map((each) => each.serverCpuMicrosPerRequest)).median,
  }
}

const isQuiet = ({ answers, failed, slowestMillis }: SecondReport): boolean =>
  failed === 0 && slowestMillis < quietMillis && Object.keys(answers).every((it) => it === '200')

/** Whole seconds after `from` until all that follow are quiet; the last one of a run is cut off. */
function recoveryOf(timeline: readonly SecondReport[], from: number): number {
  const after = timeline.slice(from, -1)
  const last = after.findLastIndex((second) => !isQuiet(second))
  return last === after.length - 1 ? Number.NaN : last + 1
}

/** The list of probes in turn: is it alive, is it ready, may it be administered. */
const probeRequests = ({ accessToken }: Domain): readonly Uint8Array[] => [
  getBytes('/healthz'),
  getBytes('/readyz'),
  getBytes('/admin/v1/Apps?count=1', { Authorization: `Bearer ${accessToken}` }),
]

async function loadAndProbe(
  plan: OverloadPlan,
  loads: { readonly load: LoadProcess; readonly probe: LoadProcess },
  server: { readonly port: number; readonly pid: number; readonly capacity: number },
): Promise<readonly [OpenLoadReport, OpenLoadReport]> {
  const { port, pid, capacity } = server
  const rest = capacity * plan.restShare
  const over = Math.max(capacity * plan.times, plan.overloadMin)
  const phases: readonly Phase[] = [
    { name: 'quiet', ratePerSecond: rest, seconds: plan.quietSeconds },
    { name: 'overload', ratePerSecond: over, seconds: plan.overloadSeconds },
    { name: 'after', ratePerSecond: rest, seconds: plan.recoverySeconds },
  ]
  const open = { port, pattern: 'poisson', seed: 1 } as const
  const { connections } = plan
  return Promise.all([
    loads.load.runOpen({
      ...open,
      list: 'token',
      phases,
      connections,
      patienceMillis,
      serverPid: pid,
    }),
    loads.probe.runOpen({
      ...open,
      list: 'probe',
      phases: phases.map((phase) => ({ ...phase, ratePerSecond: probesPerSecond })),
      connections: 4,
      patienceMillis: 5_000,
    }),
  ])
}

/** Overloads a server of ours; undefined if it is not built. */
export async function overload(plan: OverloadPlan): Promise<OverloadOutcome | undefined> {
  await using ended = new AsyncDisposableStack()
  const one = { rounds: 1, seconds: 1, connections: 1, applications: 1, tokens: 1 }
  const stage = openStage({ ...one, warmupSeconds: 1 }, plan.workers, ended)
  const domain = await startOurs(stage)
  if (domain === undefined) return undefined
  const api = await createApi(domain, plan.algorithm)
  const client = await createSecretClient(domain, api)
  const { load } = stage
  const probe = startLoad(stage.placement.load)
  ended.defer(probe.stop)
  await load.prepare('token', [tokenRequest(client, api.scope)])
  await probe.prepare('probe', probeRequests(domain))
  const { server } = domain
  const before = await measureCapacity(load, server, plan)
  const loads = { load, probe }
  const capacity = before.tokensPerSecond
  const [report, probes] = await loadAndProbe(plan, loads, { ...server, capacity })
  const after = plan.capacityRounds > 1 ? [await measureCapacity(load, server, plan)] : []
  const under = report.phases[1]!
  const tokens = under.answers['200']?.inTime ?? 0
  return {
    capacity: [before, ...after],
    report,
    probes,
    goodput: {
      tokensPerSecond: tokens / plan.overloadSeconds,
      tokensPerCpuSecond: tokens / under.serverCpuSeconds,
    },
    recoverySeconds: recoveryOf(report.timeline, plan.quietSeconds + plan.overloadSeconds),
  }
}
