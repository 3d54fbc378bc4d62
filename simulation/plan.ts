import { clientCount } from './first-data.ts'
import { createRandom, type Random } from './random.ts'

/** What people and programs do, and what befalls the servers: all decided before it begins. */
export interface Step {
  /** Milliseconds since the beginning. */
  readonly atMs: number
  readonly kind: StepKind
  readonly node: number
  readonly client: number
  /** From 0 to 1: which of the things that are there then. */
  readonly pick: number
  /** How long it lasts, or how much of it. */
  readonly amount: number
}

export type StepKind = (typeof kinds)[number]['kind']
export type FaultKind = Extract<(typeof kinds)[number], { faulty: true }>['kind']

export interface Plan {
  readonly seed: number
  readonly nodeCount: number
  readonly guardCount: number
  readonly steps: readonly Step[]
}

/** How often each comes up; those with `faulty` only in worlds with faults. */
const kinds = [
  { kind: 'token', weight: 24 },
  { kind: 'introspect', weight: 20 },
  { kind: 'assert', weight: 6 },
  { kind: 'replay', weight: 5 },
  { kind: 'check', weight: 14 },
  { kind: 'revoke', weight: 4 },
  { kind: 'revoke-all', weight: 2 },
  { kind: 'deactivate', weight: 2 },
  { kind: 'activate', weight: 3 },
  { kind: 'regenerate', weight: 2 },
  { kind: 'narrow', weight: 1.5 },
  { kind: 'widen', weight: 2 },
  { kind: 'describe', weight: 3 },
  { kind: 'flurry', weight: 0.4 },
  { kind: 'guess', weight: 3 },
  { kind: 'burst', weight: 0.3 },
  { kind: 'withdraw-key', weight: 0.15 },
  { kind: 'rotate-key', weight: 0.15 },
  { kind: 'crash', weight: 0.7, faulty: true },
  { kind: 'pause', weight: 0.7, faulty: true },
  { kind: 'cut', weight: 0.7, faulty: true },
  { kind: 'delay', weight: 0.7, faulty: true },
  { kind: 'flaky', weight: 0.7, faulty: true },
  { kind: 'clock', weight: 0.9, faulty: true },
  { kind: 'sleep', weight: 0.12, faulty: true },
] as const

/** Whether it befalls servers; all else is done by somebody. */
export const isFault = (kind: StepKind): boolean =>
  kinds.some((each) => each.kind === kind && 'faulty' in each)

const stepsDefault = 300

const drawKind = (random: Random, isFaulty: boolean): StepKind => {
  const choice = kinds.filter((each) => isFaulty || !('faulty' in each))
  let left = random.next() * choice.reduce((sum, { weight }) => sum + weight, 0)
  for (const { kind, weight } of choice) {
    left -= weight
    if (left < 0) return kind
  }
  return 'token'
}

/** The plan of a seed: one in six has no faults, so that what it finds needs none. */
export const makePlan = (seed: number, stepCount = stepsDefault): Plan => {
  const random = createRandom(seed)
  const nodeCount = 2 + random.below(2)
  const guardCount = random.below(3)
  const isFaulty = random.chance(5 / 6)
  const gapMs = random.pick([5, 20, 40])
  const steps: Step[] = []
  let atMs = 0
  for (let at = 0; at < stepCount; at += 1) {
    atMs += random.next() * gapMs * 2
    steps.push({
      atMs,
      kind: drawKind(random, isFaulty),
      node: random.below(nodeCount),
      client: random.below(clientCount),
      pick: random.next(),
      amount: random.next(),
    })
  }
  return { seed, nodeCount, guardCount, steps }
}
