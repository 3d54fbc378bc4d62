import type { Arrival, Phase } from './arrivals.ts'
import { createLatencyHistogram, type LatencyHistogram } from './latency-histogram.ts'
import type { OpenLoadReport, PhaseReport, SecondReport, StatusReport } from './load-messages.ts'

const failureSamplesMax = 3

/** Counts what becomes of the requests of an open-loop run; times are milliseconds of the run. */
export interface OpenTally {
  /** A free connection wrote a request; how late, is the generator's own doing. */
  readonly sent: (arrival: Arrival, atMillis: number) => void
  readonly answered: (
    arrival: Arrival,
    status: number,
    moments: { readonly atMillis: number; readonly sentMillis: number },
  ) => void
  readonly failed: (arrival: Arrival, atMillis: number, why: string) => void
  /** CPU time of the server in a phase. */
  readonly used: (phase: number, cpuSeconds: number) => void
  readonly read: () => Pick<OpenLoadReport, 'phases' | 'timeline' | 'failureSamples'>
}

interface StatusTally {
  inTime: number
  readonly fromDue: LatencyHistogram
  readonly fromSending: LatencyHistogram
}

interface PhaseTally {
  readonly phase: Phase
  readonly byStatus: Map<number, StatusTally>
  readonly ownLateness: LatencyHistogram
  answered: number
  failed: number
  serverCpuSeconds: number
}

interface Second {
  readonly answers: Record<string, number>
  failed: number
  slowestMillis: number
}

function statusIn({ byStatus }: PhaseTally, status: number): StatusTally {
  const known = byStatus.get(status)
  if (known !== undefined) return known
  const fromDue = createLatencyHistogram()
  const fresh = { inTime: 0, fromDue, fromSending: createLatencyHistogram() }
  byStatus.set(status, fresh)
  return fresh
}

function readPhase(tally: PhaseTally): PhaseReport {
  const { phase, byStatus, ownLateness, answered, failed, serverCpuSeconds } = tally
  const answers: Record<string, StatusReport> = {}
  for (const [status, { inTime, fromDue, fromSending }] of byStatus) {
    answers[status] = { inTime, fromDue: fromDue.read(), fromSending: fromSending.read() }
  }
  return {
    name: phase.name,
    seconds: phase.seconds,
    due: answered + failed,
    answers,
    failed,
    ownLateness: ownLateness.read(),
    serverCpuSeconds,
  }
}

/**
 * Opens the counters of one run.
 *
 * @param patienceMillis until when an answer is in time, from the moment its request was due
 */
export function openTally(phases: readonly Phase[], patienceMillis: number): OpenTally {
  const tallies = phases.map(
    (phase): PhaseTally => ({
      phase,
      byStatus: new Map(),
      ownLateness: createLatencyHistogram(),
      answered: 0,
      failed: 0,
      serverCpuSeconds: Number.NaN,
    }),
  )
  const timeline: Second[] = []
  const failureSamples: string[] = []
  const secondOf = (atMillis: number): Second => {
    const at = Math.floor(atMillis / 1_000)
    while (timeline.length <= at) timeline.push({ answers: {}, failed: 0, slowestMillis: 0 })
    return timeline[at]!
  }
  return {
    sent: (arrival, atMillis) => {
      tallies[arrival.phase]!.ownLateness.record(atMillis - arrival.dueMillis)
    },
    answered: (arrival, status, { atMillis, sentMillis }) => {
      const tally = tallies[arrival.phase]!
      const counts = statusIn(tally, status)
      const millis = atMillis - arrival.dueMillis
      counts.fromDue.record(millis)
      counts.fromSending.record(atMillis - sentMillis)
      if (millis <= patienceMillis) counts.inTime += 1
      tally.answered += 1
      const second = secondOf(atMillis)
      second.answers[status] = (second.answers[status] ?? 0) + 1
      second.slowestMillis = Math.max(second.slowestMillis, millis)
    },
    failed: (arrival, atMillis, why) => {
      tallies[arrival.phase]!.failed += 1
      secondOf(atMillis).failed += 1
      if (failureSamples.length < failureSamplesMax) failureSamples.push(why)
    },
    used: (phase, cpuSeconds) => {
      tallies[phase]!.serverCpuSeconds = cpuSeconds
    },
    read: () => ({
      phases: tallies.map(readPhase),
      timeline: timeline satisfies readonly SecondReport[],
      failureSamples,
    }),
  }
}
