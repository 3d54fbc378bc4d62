import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Plan, StepKind } from './plan.ts'
import type { InvariantName } from './violation.ts'

/** What one process of worlds is to do. */
export interface Job {
  /** Name of a planted bug; null: the product as it is. */
  readonly plant: string | null
  readonly from: number
  readonly count: number
  /** Takes every so many of the seeds. */
  readonly stride: number
  /** Requests and checks of each world, at least. */
  readonly operations: number
  readonly isShrunk: boolean
  /** Ends with the first world that broke this promise; null: with the last world. */
  readonly until: InvariantName | null
  /** Says what happened in each world, not only in those where a promise was broken. */
  readonly isTold: boolean
  /** Worlds of their own, before the seeds. */
  readonly plans?: readonly Plan[]
}

export type Counts<Name extends string> = Readonly<Partial<Record<Name, number>>>

export type Report =
  | {
      readonly kind: 'broken'
      readonly seed: number
      readonly invariant: InvariantName
      /** All that were broken in it. */
      readonly all: readonly InvariantName[]
      readonly message: string
      readonly plan: Plan
      readonly history: readonly string[]
    }
  | { readonly kind: 'whole'; readonly digest: string; readonly history: readonly string[] }
  | {
      readonly kind: 'ended'
      readonly worlds: number
      readonly operations: number
      /** Of the world that had the fewest. */
      readonly operationsLeast: number
      readonly cpuMs: number
      /** How often each kind of step was taken. */
      readonly kinds: Counts<StepKind>
      /** How often each promise was looked after. */
      readonly checks: Counts<InvariantName>
    }

/** What a world makes is gone at its end: collected before, it would be copied. */
const youngRoom = ['--min-semi-space-size=64', '--max-semi-space-size=64', '--expose-gc']

export const jobDefault: Job = {
  plant: null,
  from: 1,
  count: 1,
  stride: 1,
  operations: 300,
  isShrunk: false,
  until: null,
  isTold: false,
}

/** Runs a job to its end. @throws when its process dies before */
export const runJob = (
  job: Partial<Job>,
  heard: (report: Report) => void = () => {},
): Promise<readonly Report[]> =>
  new Promise((resolve, reject) => {
    const reports: Report[] = []
    const child = fork(
      join(import.meta.dirname, 'worker.ts'),
      [JSON.stringify({ ...jobDefault, ...job })],
      { execArgv: ['--conditions=mintmark-source', ...youngRoom], serialization: 'advanced' },
    )
    child.on('message', (report) => {
      reports.push(report as Report)
      heard(report as Report)
    })
    child.on('error', reject)
    child.on('exit', (code) => {
      if (code === 0 && reports.some(({ kind }) => kind === 'ended')) resolve(reports)
      else reject(new Error(`a process of worlds ended with ${code}`))
    })
  })
