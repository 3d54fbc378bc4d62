import { hash } from 'node:crypto'
import {
  describe,
  regenerate,
  rotateKeys,
  setActive,
  setGrants,
  withdrawKey,
} from './administration-operations.ts'
import { befall, heal, placeNode } from './faults.ts'
import { beginsAtMs, type FirstData, makeFirstData } from './first-data.ts'
import { flurry } from './flurry.ts'
import { checkAtGuard, checkGuardsAtRest, placeGuard } from './guards.ts'
import { drainIds } from './ids.ts'
import { createModelDatabase, type ModelDatabase } from './model-database.ts'
import { resetKeys } from './model-keys.ts'
import { askOAuth, basicOf, createNetwork, resetEcids } from './network.ts'
import type { FaultKind, Plan, Step, StepKind } from './plan.ts'
import { checkRecords } from './record-checks.ts'
import { breakPromise, createScene, must, type Scene } from './scene.ts'
import { checkSignature, noteKeys } from './token-checks.ts'
import {
  askToken,
  guess,
  guessMuch,
  introspect,
  replay,
  resetAssertions,
  resetSources,
  revoke,
  revokeAll,
} from './token-operations.ts'
import type { InvariantBroken, InvariantName } from './violation.ts'
import { createWorld } from './world.ts'

/** What came of one world. */
export interface Outcome {
  readonly seed: number
  readonly steps: number
  /** Requests and checks that were made. */
  readonly operations: number
  readonly events: number
  readonly tokens: number
  readonly changes: number
  /** How often each promise was looked after. */
  readonly checks: ReadonlyMap<InvariantName, number>
  /** null: every promise was kept. */
  readonly broken: InvariantBroken | null
  /** All promises that were broken in it. */
  readonly allBroken: readonly InvariantName[]
  readonly history: readonly string[]
  /** Of the history; the same for the same plan. */
  readonly digest: string
}

/** A database filled once, in which one world after the other runs. */
export interface Stage {
  readonly database: ModelDatabase
  readonly data: FirstData
}

export const openStage = async (): Promise<Stage> => {
  const database = createModelDatabase()
  return { database, data: await makeFirstData(database) }
}

/** Servers have started by then. */
const startMs = 500
const waitMs = 500
/** Steps end within this time, by the patience of whoever asked. */
const settleMsMax = 14_000
/** What nobody waits for any more is rolled back by then. */
const restMs = 2500
const livenessMsMax = 12_000

type Performance = (scene: Scene, step: Step) => Promise<void>

const performances: Readonly<Record<Exclude<StepKind, FaultKind>, Performance>> = {
  token: askToken,
  introspect,
  assert: (scene, step) => replay(scene, step, false),
  replay: (scene, step) => replay(scene, step, true),
  check: checkAtGuard,
  revoke,
  'revoke-all': revokeAll,
  deactivate: (scene, step) => setActive(scene, step, false),
  activate: (scene, step) => setActive(scene, step, true),
  regenerate,
  narrow: (scene, step) => setGrants(scene, step, false),
  widen: (scene, step) => setGrants(scene, step, true),
  describe,
  flurry,
  guess,
  burst: guessMuch,
  'withdraw-key': withdrawKey,
  'rotate-key': rotateKeys,
}

const perform = (scene: Scene, step: Step): void => {
  const { kind } = step
  if (!(kind in performances)) {
    befall(scene, step, kind as FaultKind)
    return
  }
  scene.underWay += 1
  performances[kind as keyof typeof performances](scene, step)
    .catch((error: Error) => {
      breakPromise(scene, 'INV-13', `${kind}: ${error.stack}`)
    })
    .finally(() => {
      scene.underWay -= 1
    })
}

/** Until something is so, and for no longer than it may take. */
const runUntil = async ({ world }: Scene, isSo: () => boolean, msMax: number): Promise<void> => {
  const endMs = world.nowMs() + msMax
  while (!isSo() && world.nowMs() < endMs) await world.run(world.nowMs() + waitMs)
}

/** INV-13: every server issues a token again, every guard hears the news, with nobody's help. */
const checkLiveness = async (scene: Scene): Promise<void> => {
  const { world, people } = scene
  const { administrator } = scene.data
  const waiting = new Set(scene.nodes.keys())
  const ask = (at: number): void => {
    const startedMs = world.nowMs()
    askOAuth(scene.network, people, () => scene.nodes[at] as Scene['nodes'][number], {
      door: 'token',
      source: '10.0.0.9',
      authorization: basicOf(administrator.clientId, administrator.secret),
      form: 'grant_type=client_credentials&scope=urn%3Aopc%3Aidm%3A__myscopes__',
    }).then((answer) => {
      if (typeof answer !== 'string' && answer.status === 200) {
        checkSignature(scene, String(answer.body['access_token']), startedMs)
        waiting.delete(at)
      } else setTimeout(() => ask(at), waitMs)
    })
  }
  world.after(people, 0, () => {
    for (const at of scene.nodes.keys()) ask(at)
  })
  const states = new Map<string, string>()
  for (const { actor, guard } of scene.guards) {
    const look = (): void => {
      states.set(actor.name, guard.status().revocations?.state ?? 'gone')
      if (states.get(actor.name) !== 'following') world.after(actor, waitMs - 1, look)
    }
    states.set(actor.name, 'asleep')
    world.after(actor, 0, look)
  }
  const isDeaf = (): boolean => [...states.values()].some((state) => state !== 'following')
  await runUntil(scene, () => waiting.size === 0 && !isDeaf(), livenessMsMax)
  must(scene, waiting.size === 0, 'INV-13', `no token from server ${[...waiting].join(', ')}`)
  must(scene, !isDeaf(), 'INV-13', `guards: ${JSON.stringify([...states])}`)
}

const play = async (scene: Scene, plan: Plan): Promise<void> => {
  const { world } = scene
  noteKeys(scene)
  for (const { kid } of scene.keys.stored) scene.keys.published.set(kid, Number.NEGATIVE_INFINITY)
  for (let at = 0; at < plan.nodeCount; at += 1) placeNode(scene, at)
  let isOver = false
  const next = (at: number): void => {
    const step = plan.steps[at]
    const gapMs = (step?.atMs ?? 0) - (plan.steps[at - 1]?.atMs ?? 0)
    world.after(scene.people, step === undefined ? 0 : gapMs, () => {
      if (step === undefined) {
        heal(scene)
        isOver = true
        return
      }
      next(at + 1)
      perform(scene, step)
    })
  }
  await world.run(world.nowMs() + startMs)
  for (let at = 0; at < plan.guardCount; at += 1) placeGuard(scene, at)
  next(0)
  while (!isOver) await world.run(world.nowMs() + waitMs)
  await runUntil(scene, () => scene.underWay === 0, settleMsMax)
  const calmMs = world.nowMs()
  await world.run(calmMs + restMs)
  await checkLiveness(scene)
  let isShown = false
  checkGuardsAtRest(scene, calmMs).then(() => {
    isShown = true
  })
  await runUntil(scene, () => isShown, waitMs)
  await checkRecords(scene)
}

/** Runs one world from its beginning to its end. The same plan gives the same history. */
export const simulate = async ({ database, data }: Stage, plan: Plan): Promise<Outcome> => {
  const world = createWorld(plan.seed, beginsAtMs)
  resetKeys()
  resetEcids()
  resetSources()
  resetAssertions()
  const scene = createScene({ world, database, data, network: createNetwork(world) })
  database.begin(world, () => noteKeys(scene))
  const unexpected = (error: unknown): void =>
    breakPromise(scene, 'INV-13', `nobody caught: ${error instanceof Error ? error.stack : error}`)
  process.on('unhandledRejection', unexpected)
  try {
    await drainIds(world)
    await play(scene, plan)
  } finally {
    process.off('unhandledRejection', unexpected)
    database.end()
  }
  return {
    seed: plan.seed,
    steps: plan.steps.length,
    operations: scene.operations,
    events: world.eventCount(),
    tokens: scene.tokens.length,
    changes: scene.changes.size,
    checks: scene.checks,
    broken: scene.broken,
    allBroken: [...scene.allBroken],
    history: world.history,
    digest: hash('sha256', world.history.join('\n'), 'hex'),
  }
}
