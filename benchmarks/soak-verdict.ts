import type { Slope } from './statistics.ts'

/** As long as the promise is about. */
const wholeMinutes = 30

export interface Verdict {
  readonly isBroken: boolean
  readonly text: string
}

/**
 * Whether something grows faster than is promised, where all of the interval lies on one side. A
 * run that is k times shorter sees k times as much of the warming up, and a slope k times less
 * exactly: it looks for what is k² times as steep, a leak with every request, and promises nothing.
 *
 * @param perHourMax growth an hour that is promised not to be passed
 */
export function judgeGrowth(slope: Slope, perHourMax: number, minutes: number): Verdict {
  const shorter = Math.max(1, wholeMinutes / minutes)
  const most = perHourMax * shorter ** 2
  const isBroken = slope.low > most
  const is = isBroken ? 'NOT MET' : slope.high <= most ? 'met' : 'not certain'
  const what =
    shorter === 1
      ? `promised ≤ ${most}`
      : `${minutes} minutes are too short for the promise, looked for more than ${most.toFixed(0)}`
  return { isBroken, text: `[${what} an hour: ${is}]` }
}
