/** The newest run of each scenario, and what its figures say about us and about others. */
import { type Promised, promisesOf } from '../promises.ts'
import type { Figure, ScenarioResult } from '../result.ts'
import type { BenchRun } from '../result-file.ts'
import type { Measurement } from '../rounds.ts'
import { type Spread, spreadOf } from '../statistics.ts'
import { told } from './scale.ts'
import type { Tone } from './svg.ts'

/** A scenario with the run that it comes from. */
export interface Finding {
  readonly run: BenchRun
  readonly result: ScenarioResult
}

/** The newest whole result of each scenario. */
export function newestFindings(runs: readonly BenchRun[]): ReadonlyMap<string, Finding> {
  const found = new Map<string, Finding>()
  for (const run of runs) {
    for (const result of run.results) {
      if (result.failure === undefined) found.set(result.name, { run, result })
    }
  }
  return found
}

const peers =
  /^(?:node-oidc-provider|node-oauth2-server|oauth2-mock-server|glewlwyd|nginx|jose|fast-jwt|aws-jwt)/

/** Whether a name is ours, another's or a floor's. */
export const toneOf = (name: string): Tone =>
  name.startsWith('echo') ? 'floor' : peers.test(name) ? 'peer' : 'ours'

export type Measure = 'requests' | 'cpu'

/** A contender's rounds in one measure. */
export const spreadIn = ({ rounds }: Measurement, measure: Measure): Spread =>
  spreadOf(
    rounds.map((report) =>
      measure === 'requests' ? report.requestsPerSecond : report.serverCpuMicrosPerRequest,
    ),
  )

export interface PromiseFound extends Promised {
  readonly run: BenchRun
}

export const promisesIn = (found: ReadonlyMap<string, Finding>): readonly PromiseFound[] =>
  [...found.values()].flatMap(({ run, result }) =>
    promisesOf(result).map((promised) => ({ ...promised, run })),
  )

/** How far a promise is kept: 1 is just so, more is better, whichever way its figure counts. */
export const kept = ({ kind, aim, spread }: Promised): Spread => {
  if (kind === 'at least') {
    return { min: spread.min / aim, median: spread.median / aim, max: spread.max / aim }
  }
  return { min: aim / spread.max, median: aim / spread.median, max: aim / spread.min }
}

/** Somebody else does something better than we do. */
export interface Lost {
  readonly scenario: string
  readonly what: string
  readonly who: string
  readonly theirs: string
  readonly ours: string
}

/** What nginx spends is not all that its way takes: it asks our gateway as well. */
const cpuToldInPart = new Set(['gateway-proxying'])

function lostMeasurements({ name: scenario, measurements }: ScenarioResult): readonly Lost[] {
  const side = (tone: Tone) => measurements.filter(({ name }) => toneOf(name) === tone)
  const measures = cpuToldInPart.has(scenario)
    ? (['requests'] as const)
    : (['requests', 'cpu'] as const)
  return side('ours').flatMap((own) =>
    side('peer').flatMap((peer) =>
      measures.flatMap((measure): readonly Lost[] => {
        const ours = spreadIn(own, measure).median
        const theirs = spreadIn(peer, measure).median
        if (!(measure === 'requests' ? theirs > ours : theirs < ours)) return []
        const what = measure === 'requests' ? 'requests/s' : 'CPU µs a request'
        const named = own.name === 'mintmark' ? what : `${what}, ${own.name}`
        const figures = { theirs: told(theirs), ours: told(ours) }
        return [{ scenario, what: named, who: peer.name, ...figures }]
      }),
    ),
  )
}

/** Figures are named `what, who`; less of each is better. */
function lostFigures({ name: scenario, figures }: ScenarioResult): readonly Lost[] {
  return figures.flatMap((own): readonly Lost[] => {
    const what = /^(.*), mintmark$/.exec(own.name)?.[1]
    if (what === undefined || own.unit === 'requests/s') return []
    return figures.flatMap(({ name, unit, spread }): readonly Lost[] => {
      const who = name.startsWith(`${what}, `) ? name.slice(what.length + 2) : ''
      if (toneOf(who) !== 'peer' || !(spread.median < own.spread.median)) return []
      const value = (median: number): string => `${told(median)} ${unit}`
      return [{ scenario, what, who, theirs: value(spread.median), ours: value(own.spread.median) }]
    })
  })
}

const guardOwn = 'guard, distinct tokens'

function lostChecks({ name: scenario, figures }: ScenarioResult): readonly Lost[] {
  const own = figures.find(({ name }) => name === guardOwn)
  if (own === undefined) return []
  const faster = ({ name, unit, spread }: Figure): boolean =>
    unit === own.unit && toneOf(name) === 'peer' && spread.median < own.spread.median
  return figures.filter(faster).map(({ name, unit, spread }) => ({
    scenario,
    what: 'distinct tokens',
    who: name,
    theirs: `${told(spread.median)} ${unit}`,
    ours: `${told(own.spread.median)} ${unit}`,
  }))
}

/** Everything that somebody else does better, by whatever was measured of both. */
export const lostIn = (found: ReadonlyMap<string, Finding>): readonly Lost[] =>
  [...found.values()].flatMap(({ result }) => [
    ...lostMeasurements(result),
    ...lostFigures(result),
    ...lostChecks(result),
  ])
