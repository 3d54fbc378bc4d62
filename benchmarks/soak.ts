/**
 * `npm run soak`: half an hour of mixed work at a modest rate, and whether memory, files or handles
 * of the server grow by it; ends with 1 where something grows faster than is promised.
 */
import { writeFileSync } from 'node:fs'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { type SoakOutcome, type SoakSample, soak } from './soak-run.ts'
import { judgeGrowth } from './soak-verdict.ts'
import { oursIsMissing } from './stage.ts'
import { slopeOf } from './statistics.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '150' },
    tokens: { type: 'string', default: '25000' },
    /** A file for the samples, as JSON. */
    samples: { type: 'string' },
  },
})

const minutes = Number(values.minutes)
const megabyte = 2 ** 20

interface Watched {
  readonly name: string
  readonly unit: string
  readonly read: (sample: SoakSample) => number
  /** Growth an hour that is promised not to be passed; undefined: it only informs. */
  readonly perHourMax?: number
}

const watched: readonly Watched[] = [
  { name: 'heap', unit: 'MB', read: (it) => it.heapBytes / megabyte, perHourMax: 0.5 },
  { name: 'compiled code in it', unit: 'MB', read: (it) => it.compiledBytes / megabyte },
  {
    name: 'all else in it',
    unit: 'MB',
    read: (it) => (it.heapBytes - it.compiledBytes) / megabyte,
  },
  {
    name: 'outside of the heap',
    unit: 'MB',
    read: (it) => it.externalBytes / megabyte,
    perHourMax: 1,
  },
  { name: 'resident', unit: 'MB', read: (it) => it.residentBytes / megabyte, perHourMax: 10 },
  { name: 'handles', unit: '', read: (it) => it.resources, perHourMax: 2 },
  { name: 'open files', unit: '', read: (it) => it.openFiles, perHourMax: 2 },
  { name: 'write-ahead log', unit: 'MB', read: (it) => it.logBytes / megabyte, perHourMax: 1 },
  { name: 'database', unit: 'MB', read: (it) => it.databaseBytes / megabyte },
]

/** Compilers and caches need the first third. */
const settled = (samples: readonly SoakSample[]): readonly SoakSample[] =>
  samples.slice(Math.floor(samples.length / 3))

function lineOf({ name, unit, read, perHourMax }: Watched, samples: readonly SoakSample[]): string {
  const points = settled(samples).map((it) => [it.atSeconds / 3_600, read(it)] as const)
  const line = slopeOf(points)
  const { perUnit, low, high } = line
  const from = read(samples[0]!).toFixed(1)
  const to = read(samples.at(-1)!).toFixed(1)
  const slope = `${perUnit.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)}) ${unit} an hour`
  const told = `${name}: ${from} to ${to} ${unit}; ${slope}`
  if (perHourMax === undefined) return told
  const { isBroken, text } = judgeGrowth(line, perHourMax, minutes)
  if (isBroken) process.exitCode = 1
  return `${told} ${text}`
}

function workLines({ reports, administration }: SoakOutcome): readonly string[] {
  const phases = reports.flatMap((report) => report.phases)
  const failureSamples = reports.flatMap((report) => report.failureSamples)
  const { lives, cutShort } = administration
  const statuses = new Map<string, number>()
  let failed = 0
  for (const phase of phases) {
    failed += phase.failed
    for (const [status, { fromDue }] of Object.entries(phase.answers)) {
      statuses.set(status, (statuses.get(status) ?? 0) + fromDue.count)
    }
  }
  const p99s = phases.map(({ answers }) => answers['200']?.fromDue.p99Millis ?? Number.NaN)
  const counts = [...statuses].map(([status, count]) => `${status}: ${count}`).join(', ')
  return [
    `answers ${counts}; ${failed} failed`,
    `${lives} applications came and went, ${cutShort} lives were cut short`,
    `p99 by the minute, ms: ${p99s.map((each) => each.toFixed(0)).join(' ')}`,
    ...failureSamples,
    ...administration.samples,
  ]
}

const outcome = await soak(
  {
    minutes,
    ratePerSecond: Number(values.rate),
    sampleSeconds: 10,
    tokens: Number(values.tokens),
  },
  (sample) => {
    if (Math.round(sample.atSeconds / 10) % 30 !== 0) return
    process.stdout.write(`${sample.atSeconds.toFixed(0)} s: ${JSON.stringify(sample)}\n`)
  },
)
if (outcome === undefined) {
  process.stderr.write(`${oursIsMissing}\n`)
  process.exitCode = 1
} else {
  if (values.samples !== undefined) writeFileSync(values.samples, JSON.stringify(outcome.samples))
  const lines = [...workLines(outcome), ...watched.map((each) => lineOf(each, outcome.samples))]
  process.stdout.write(`${lines.join('\n')}\n`)
}
