/*
 * Runs worlds in a process of its own: a bug is planted for a whole process. Told what to do by its
 * first argument, it says what came of it on its channel.
 */
import type { Job, Report } from './job.ts'
import type { Plan, StepKind } from './plan.ts'
import { plantedBugs } from './planted-bugs.ts'
import { prepareProcess } from './prepare.ts'
import type { Outcome } from './simulate.ts'
import type { InvariantName } from './violation.ts'

const job = JSON.parse(process.argv[2] ?? '{}') as Job
const planted = plantedBugs.find(({ name }) => name === job.plant)
if (job.plant !== null && planted === undefined) throw new Error(`no planted bug ${job.plant}`)
prepareProcess(planted?.mutations ?? [])
const { openStage, simulate } = await import('./simulate.ts')
const { makePlan } = await import('./plan.ts')
const { shrink } = await import('./shrink.ts')
const { rmSync } = await import('node:fs')
const { serverDirectory } = await import('./server-node.ts')

const say = (report: Report): void => void process.send?.(report)

const brokenOf = ({ broken, allBroken, history }: Outcome, plan: Plan): Report => ({
  kind: 'broken',
  seed: plan.seed,
  invariant: broken?.invariant ?? 'INV-13',
  all: allBroken,
  message: broken?.message ?? '',
  plan,
  history,
})

/** What is left of a world; the turns that it did not use hold it until they have passed. */
const collect = async (): Promise<void> => {
  await new Promise((resolve) => setImmediate(resolve))
  globalThis.gc?.({ type: 'minor' })
}

const stage = await openStage()
const cpuBefore = process.cpuUsage()
let worlds = 0
let operations = 0
let operationsLeast = Number.POSITIVE_INFINITY
const kinds: Partial<Record<StepKind, number>> = {}
const checks: Partial<Record<InvariantName, number>> = {}
for (const plan of job.plans ?? []) {
  const outcome = await simulate(stage, plan)
  if (outcome.broken === null)
    say({ kind: 'whole', digest: outcome.digest, history: outcome.history })
  else say(brokenOf(outcome, plan))
}
for (let seed = job.from; seed < job.from + job.count; seed += job.stride) {
  const plan = makePlan(seed, job.operations)
  const outcome = await simulate(stage, plan)
  await collect()
  worlds += 1
  operations += outcome.operations
  operationsLeast = Math.min(operationsLeast, outcome.operations)
  for (const { kind } of plan.steps) kinds[kind] = (kinds[kind] ?? 0) + 1
  for (const [name, count] of outcome.checks) checks[name] = (checks[name] ?? 0) + count
  if (job.isTold) say({ kind: 'whole', digest: outcome.digest, history: outcome.history })
  if (outcome.broken === null) continue
  const least = job.isShrunk ? await shrink(stage, plan, outcome) : { plan, outcome }
  say(brokenOf(least.outcome, least.plan))
  if (job.until !== null && outcome.allBroken.includes(job.until)) break
}
const cpu = process.cpuUsage(cpuBefore)
const cpuMs = (cpu.user + cpu.system) / 1000
say({ kind: 'ended', worlds, operations, operationsLeast, cpuMs, kinds, checks })
rmSync(serverDirectory, { recursive: true, force: true })
process.disconnect?.()
