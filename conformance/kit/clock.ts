import type { Environment } from './server-process.ts'

/** A program that is loaded before the server, and gives it another `Date.now`. */
const clockOf = (nowText: string): Environment => {
  const program = `
const Real = Date
const now = () => ${nowText}
globalThis.Date = class extends Real {
  constructor(...parts) {
    if (parts.length > 0) super(...parts)
    else super(now())
  }
  static now() { return now() }
}`
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(program)}` }
}

/** Settings of a server whose clock is ahead of ours: what happens in three months, now. */
export const clockAhead = (milliseconds: number): Environment =>
  clockOf(`Real.now() + ${milliseconds}`)

/** How many of our minutes a minute of `atMinuteStart` lasts. */
const slowly = 10

/**
 * A server on whose clock a minute has just begun, and lasts long: what is counted by the minute
 * fits into one, whatever else the machine has to do.
 */
export const atMinuteStart = (): Environment => {
  const sinceMs = Date.now()
  const beganMs = Math.ceil(sinceMs / 60_000) * 60_000
  return clockOf(`Math.floor(${beganMs} + (Real.now() - ${sinceMs}) / ${slowly})`)
}

/** A clock that goes faster than ours since a moment: five minutes in two seconds. */
export interface FastClock {
  /** Settings of servers that have it. */
  readonly environment: Environment
  readonly nowMs: () => number
}

export const clockFaster = (times: number): FastClock => {
  const sinceMs = Date.now()
  return {
    environment: clockOf(`Math.floor(${sinceMs} + (Real.now() - ${sinceMs}) * ${times})`),
    nowMs: () => sinceMs + (Date.now() - sinceMs) * times,
  }
}

/**
 * What is asked before a short life ends. Where a busy machine was too late: once more, with a life
 * that lasts longer.
 * @param ask of what lives so many seconds; it says when that ends, by our clock
 */
export const beforeItEnds = async <Asked extends { readonly endsMs: number }>(
  ask: (lifeSeconds: number) => Promise<Asked>,
): Promise<Asked> => {
  for (const lifeSeconds of [2, 20]) {
    const asked = await ask(lifeSeconds)
    if (Date.now() < asked.endsMs) return asked
  }
  return ask(200)
}

/**
 * What is asked at a moment and answered within a second of it. On a busy machine the clock may
 * have moved on by more before the server looks at it: then the question is another, put again.
 */
export const withinASecond = async <T>(ask: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries += 1) {
    const askedMs = Date.now()
    const answer = await ask()
    if (Date.now() - askedMs < 1000 || tries === 60) return answer
  }
}
