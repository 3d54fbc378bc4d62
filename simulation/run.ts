/*
 * `npm run simulate -- [--seeds 10000] [--from 1] [--operations 300] [--processes N] …`
 * `npm run simulate -- --seed 17` tells one world; `--planted` looks for every planted bug.
 * Ends with 1 when a promise was broken, or a planted bug was not found. What broke one is shrunk
 * and kept in `simulation/failures`, and run again with every `npm test` from then on.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Counts, type Job, jobDefault, type Report, runJob } from './job.ts'
import { isFault } from './plan.ts'
import { type PlantedBug, plantedBugs } from './planted-bugs.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    operations: { type: 'string', default: String(jobDefault.operations) },
    processes: { type: 'string', default: String(availableParallelism()) },
    plant: { type: 'string' },
    seed: { type: 'string' },
    planted: { type: 'boolean', default: false },
  },
})

const operations = Number(values.operations)
const plant = values.plant ?? null
const failures = join(import.meta.dirname, 'failures')
const plantSeedsMax = 400

type Broken = Extract<Report, { kind: 'broken' }>

const isBroken = (report: Report): report is Broken => report.kind === 'broken'

const keep = (broken: Broken): void => {
  mkdirSync(failures, { recursive: true })
  const name = `${broken.invariant.toLowerCase()}-${broken.seed}.json`
  const { message, plan } = broken
  writeFileSync(join(failures, name), `${JSON.stringify({ message, plan }, null, 1)}\n`)
  console.log(`seed ${broken.seed}, ${plan.steps.length} steps: ${message}\n  kept as ${name}`)
}

const tellOne = async (seed: number): Promise<boolean> => {
  const reports = await runJob({ from: seed, operations, plant, isTold: true })
  for (const report of reports) {
    if (report.kind === 'whole') console.log(report.history.join('\n'))
    if (report.kind === 'broken') console.log(report.message)
  }
  return !reports.some(isBroken)
}

/** Sums of all processes, by name. */
const listed = <Name extends string>(all: readonly Counts<Name>[]): [Name, number][] => {
  const sums = new Map<Name, number>()
  for (const counts of all) {
    for (const name of Object.keys(counts) as Name[]) {
      sums.set(name, (sums.get(name) ?? 0) + (counts[name] ?? 0))
    }
  }
  return [...sums].sort(([one], [other]) => one.localeCompare(other, 'en', { numeric: true }))
}

const told = (sums: readonly (readonly [string, number])[]): string =>
  sums.map(([name, count]) => `${name} ${count}`).join(', ')

const tellMany = async (): Promise<boolean> => {
  const processes = Number(values.processes)
  const began = performance.now()
  const count = Number(values.seeds)
  const job = { operations, plant, isShrunk: true, count, stride: processes }
  const jobs = Array.from({ length: processes }, (_, at) =>
    runJob({ ...job, from: Number(values.from) + at, count: job.count - at }, (report) => {
      if (report.kind === 'broken' && plant === null) keep(report)
    }),
  )
  const reports = (await Promise.all(jobs)).flat()
  const ended = reports.filter((each) => each.kind === 'ended')
  const sum = (of: (each: (typeof ended)[number]) => number): number =>
    ended.reduce((total, each) => total + of(each), 0)
  const worlds = sum((each) => each.worlds)
  const cpu = (sum((each) => each.cpuMs) / worlds).toFixed(1)
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  const broken = reports.filter(isBroken).length
  const least = Math.min(...ended.map((each) => each.operationsLeast))
  const all = sum((each) => each.operations)
  const done = `${worlds} worlds, ${all} operations (each at least ${least}) in ${seconds} s`
  console.log(`${done}, ${cpu} ms of CPU each: ${broken} broke a promise`)
  const kinds = listed(ended.map((each) => each.kinds))
  console.log(`steps: ${told(kinds.filter(([kind]) => !isFault(kind)))}`)
  console.log(`faults: ${told(kinds.filter(([kind]) => isFault(kind)))}`)
  console.log(`checks: ${told(listed(ended.map((each) => each.checks)))}`)
  return broken === 0
}

/** Until the promise that it breaks is broken; another may be broken before. */
const find = async ({ name, breaks }: PlantedBug): Promise<boolean> => {
  const job: Partial<Job> = { plant: name, count: plantSeedsMax, operations, until: breaks }
  const broken = (await runJob(job)).filter(isBroken)
  const first = broken[0]
  const meant = broken.find(({ all }) => all.includes(breaks))
  const shown = (found: Broken, invariant: string): string => `${invariant} by seed ${found.seed}`
  if (first === undefined || meant === undefined) {
    console.log(`${name}: ${breaks} NOT BROKEN in ${plantSeedsMax} worlds`)
    return false
  }
  const before = first === meant ? '' : `, ${shown(first, first.invariant)}`
  console.log(`${name}: ${shown(meant, breaks)}${before}`)
  return true
}

/** As many at once as there are processes. */
const findAll = async (): Promise<boolean> => {
  const waiting = [...plantedBugs]
  let missed = 0
  const take = async (): Promise<void> => {
    for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
      if (!(await find(bug))) missed += 1
    }
  }
  await Promise.all(Array.from({ length: Number(values.processes) }, take))
  console.log(`${plantedBugs.length - missed} of ${plantedBugs.length} planted bugs were found`)
  return missed === 0
}

const isGood =
  values.seed !== undefined
    ? await tellOne(Number(values.seed))
    : values.planted
      ? await findAll()
      : await tellMany()
if (!isGood) process.exitCode = 1
