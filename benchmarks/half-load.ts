/** How long callers wait when a server has half as much to do as it could. */
import type { Latencies } from './latency-histogram.ts'
import { type Figure, figure } from './result.ts'
import type { Contender, Measurement } from './rounds.ts'
import type { Stage } from './stage.ts'
import { spreadOf } from './statistics.ts'

const share = 0.5
const settlingSeconds = 0.5
const patienceMillis = 10_000
/** A share of answers is told where so many are slower. */
const slowerMin = 3

/** Shares of the answers that are told, with the member that holds them. */
const percentiles = [
  ['p50', 0.5, 'p50Millis'],
  ['p99', 0.99, 'p99Millis'],
  ['p99.9', 0.999, 'p999Millis'],
] as const

async function runHalf(stage: Stage, contender: Contender, rate: number, seed: number) {
  const { load, plan } = stage
  const report = await load.runOpen({
    list: contender.list,
    port: contender.port,
    phases: [
      { name: 'settling', ratePerSecond: rate, seconds: settlingSeconds },
      { name: 'half', ratePerSecond: rate, seconds: plan.seconds },
    ],
    pattern: 'poisson',
    seed,
    connections: Math.min(plan.connections, contender.connectionsMax ?? plan.connections),
    patienceMillis,
    poll: plan.poll,
  })
  const half = report.phases.find(({ name }) => name === 'half')!
  const fromDue = half.answers['200']?.fromDue
  const missed = half.due - (fromDue?.count ?? 0)
  return { fromDue, missed, ownLateness: half.ownLateness }
}

/** What became of one round. */
interface Waits {
  /** Undefined where nothing was answered with a token. */
  readonly fromDue: Latencies | undefined
  /** Refused, or not answered at all. */
  readonly missed: number
  readonly ownLateness: Latencies
}

function figuresOf(name: string, rate: number, rounds: readonly Waits[]): readonly Figure[] {
  const waits = rounds.flatMap(({ fromDue }) => fromDue ?? [])
  const least = Math.min(...waits.map(({ count }) => count))
  const told = percentiles.filter(([, part]) => least * (1 - part) >= slowerMin)
  const missed = spreadOf(rounds.map((round) => round.missed))
  const figures = [figure(`half load, ${name}`, 'requests/s', spreadOf([rate]))]
  for (const [label, , member] of waits.length === rounds.length ? told : []) {
    const spread = spreadOf(waits.map((each) => each[member]))
    figures.push(figure(`${label} at half load, ${name}`, 'ms', spread))
  }
  if (missed.max > 0) figures.push(figure(`without a token at half load, ${name}`, '', missed, 0))
  return figures
}

/**
 * Loads each contender by open loop with half of the rate that it reached, in turn, round by round:
 * requests come as from independent callers, and wait from the moment they are due.
 */
export async function measureAtHalfLoad(
  stage: Stage,
  contenders: readonly Contender[],
  measurements: readonly Measurement[],
): Promise<readonly Figure[]> {
  const all = contenders.map((contender) => {
    const reached = measurements.find(({ name }) => name === contender.name)?.rounds ?? []
    const rate = share * spreadOf(reached.map((report) => report.requestsPerSecond)).median
    return { contender, rate, rounds: [] as Waits[] }
  })
  for (let round = 0; round < stage.plan.rounds; round += 1) {
    for (const { contender, rate, rounds } of all) {
      rounds.push(await runHalf(stage, contender, rate, round + 1))
    }
  }
  const own = all.flatMap(({ rounds }) => rounds.map(({ ownLateness }) => ownLateness.p99Millis))
  return [
    ...all.flatMap(({ contender, rate, rounds }) => figuresOf(contender.name, rate, rounds)),
    figure("the load's own lateness at half load, p99", 'ms', spreadOf(own)),
  ]
}
