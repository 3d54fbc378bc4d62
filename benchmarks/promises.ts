/** What was promised in a run, and whether it was kept. */
import type { ScenarioResult } from './result.ts'
import type { Measurement } from './rounds.ts'
import type { Spread } from './statistics.ts'

/** A promise with what was found. */
export interface Promised {
  readonly scenario: string
  readonly what: string
  readonly unit: string
  readonly kind: 'at least' | 'at most'
  readonly aim: number
  readonly spread: Spread
  readonly isMet: boolean
}

// What could not be measured is null in a file, and null is below every bound.
const isMeasured = ({ median }: Spread): boolean => Number.isFinite(median)

/** Whether the median reaches what was promised at least. */
export const isReached = (spread: Spread, aim: number): boolean =>
  isMeasured(spread) && spread.median >= aim

/** Whether the median stays within what was promised at most. */
export const isWithin = (spread: Spread, atMost: number): boolean =>
  isMeasured(spread) && spread.median <= atMost

const hasErrors = (measurements: readonly Measurement[], name: string): boolean =>
  measurements.some((one) => one.name === name && one.rounds.some(({ errors }) => errors > 0))

/** All promises of a scenario; one whose windows had errors is not kept, whatever the rate. */
export function promisesOf(result: ScenarioResult): readonly Promised[] {
  const { name: scenario, measurements } = result
  const ratios = result.ratios.flatMap((ratio) => {
    const isWhole = !hasErrors(measurements, ratio.of) && !hasErrors(measurements, ratio.over)
    const sides = [
      ['by requests', ratio.requests, ratio.requestsTarget],
      ['by CPU', ratio.cpu, ratio.cpuTarget],
    ] as const
    return sides.flatMap(([by, spread, aim]): readonly Promised[] => {
      if (aim === undefined) return []
      const what = `${ratio.of} / ${ratio.over}, ${by}`
      const isMet = isWhole && isReached(spread, aim)
      return [{ scenario, what, unit: '', kind: 'at least', aim, spread, isMet }]
    })
  })
  const figures = result.figures.flatMap(({ name, unit, spread, atMost }): readonly Promised[] => {
    if (atMost === undefined) return []
    const isMet = isWithin(spread, atMost)
    return [{ scenario, what: name, unit, kind: 'at most', aim: atMost, spread, isMet }]
  })
  return [...ratios, ...figures]
}
