import type { Measurement, Ratio } from './rounds.ts'
import type { Spread } from './statistics.ts'

/** A plain figure with its unit and what is promised of its median. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly spread: Spread
  readonly atMost?: number
}

/** What one scenario found. */
export interface ScenarioResult {
  readonly name: string
  readonly about: string
  readonly measurements: readonly Measurement[]
  readonly ratios: readonly Ratio[]
  readonly figures: readonly Figure[]
  /** What was left out, and why. */
  readonly skipped: readonly string[]
  /** Why there is nothing to tell, if the scenario could not be run to its end. */
  readonly failure?: string
}

/** What the person at the terminal may choose. */
export interface BenchOptions {
  readonly rounds: number
  /** Measured length of one window. */
  readonly seconds: number
  readonly connections: number
  /** Before the first window: node-oidc-provider gains 40 % from its first to its sixth. */
  readonly warmupSeconds: number
  /** Applications of the large domain. */
  readonly applications: number
  /** Distinct tokens to introspect. */
  readonly tokens: number
}

/** A named benchmark. */
export interface Scenario {
  readonly name: string
  readonly about: string
  readonly run: (options: BenchOptions) => Promise<Omit<ScenarioResult, 'name' | 'about'>>
}

/** A figure that was measured once or in rounds. */
export function figure(
  name: string,
  unit: string,
  spread: Spread,
  atMost?: number | undefined,
): Figure {
  return atMost === undefined ? { name, unit, spread } : { name, unit, spread, atMost }
}
