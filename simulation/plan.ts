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
export const isFault = (kind: StepKind): boolean => faultKinds.has(kind)

const faultKinds: ReadonlySet<StepKind> = new Set(
  kinds.flatMap((each) => ('faulty' in each ? [each.kind] : [])),
)

const operationsDefault = 300

/** What a flurry does so often, and how often it asks meanwhile. */
export const flurryRounds = 3
export const flurryAsks = 4
/** Wrong secrets of one burst; then comes the right one. */
export const burstGuesses = 9

/** Requests and checks that a step makes for certain; what befalls servers is none. */
const operationsOf = ({ kind, pick }: Step, nodeCount: number): number => {
  if (isFault(kind)) return 0
  if (kind === 'replay') return isAtOnce(pick) ? replayedAtOnce : replayedLater
  if (kind === 'burst') return burstGuesses + 1
  // each time all servers are asked for a token and about one, twice
  if (kind === 'flurry') return flurryRounds * (flurryAsks + 2 * 2 * nodeCount)
  return 1
}

/** How often one assertion is shown: at once, or again later. */
export const replayedAtOnce = 3
const replayedLater = 2
export const isAtOnce = (pick: number): boolean => pick < 0.5

const choiceOf = (isFaulty: boolean) => {
  const list = kinds.filter((each) => isFaulty || !('faulty' in each))
  return { list, sum: list.reduce((sum, { weight }) => sum + weight, 0) }
}

const choices = { calm: choiceOf(false), faulty: choiceOf(true) }

const drawKind = (random: Random, isFaulty: boolean): StepKind => {
  const { list, sum } = isFaulty ? choices.faulty : choices.calm
  let left = random.next() * sum
  for (const { kind, weight } of list) {
    left -= weight
    if (left < 0) return kind
  }
  return 'token'
}

/**
 * The plan of a seed: one in six has no faults, so that what it finds needs none.
 * @param operationCount how many requests and checks it makes at least
 */
export const makePlan = (seed: number, operationCount = operationsDefault): Plan => {
  const random = createRandom(seed)
  const nodeCount = 2 + random.below(2)
  const guardCount = random.below(3)
  const isFaulty = random.chance(5 / 6)
  const gapMs = random.pick([2, 6, 20])
  const steps: Step[] = []
  let atMs = 0
  let operations = 0
  while (operations < operationCount) {
    atMs += random.next() * gapMs * 2
    const step: Step = {
      atMs,
      kind: drawKind(random, isFaulty),
      node: random.below(nodeCount),
      client: random.below(clientCount),
      pick: random.next(),
      amount: random.next(),
    }
    steps.push(step)
    operations += operationsOf(step, nodeCount)
  }
  return { seed, nodeCount, guardCount, steps }
}
