/**
 * `npm run bench:import`: tokens are asked for at half of what the server can do, in turn quietly
 * and while an administrator imports applications, 10,000 in all.
 */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { type ImportOutcome, measureImport } from './import-run.ts'
import type { PhaseReport } from './load-messages.ts'
import { oursIsMissing } from './stage.ts'
import { spreadOf } from './statistics.ts'

const { values } = parseArgs({
  options: {
    algorithm: { type: 'string', default: 'RS256' },
    workers: { type: 'string', default: '1' },
    share: { type: 'string', default: '0.5' },
    applications: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
  },
})

/** A machine that has no time for the import would be asked for ever. */
const roundsMost = 15
const ratioMost = 2

const p50 = ({ answers }: PhaseReport) => answers['200']?.fromDue.p50Millis ?? Number.NaN
const p99 = ({ answers }: PhaseReport) => answers['200']?.fromDue.p99Millis ?? Number.NaN
const p999 = ({ answers }: PhaseReport) => answers['200']?.fromDue.p999Millis ?? Number.NaN

function spread(numbers: readonly number[]): string {
  const { min, median, max } = spreadOf(numbers)
  return `${median.toFixed(1)} (${min.toFixed(1)} to ${max.toFixed(1)})`
}

function linesOf(outcome: ImportOutcome): readonly string[] {
  const { tokensPerSecond, rounds, applications, importSeconds } = outcome
  const quiet = rounds.map((round) => round.quiet)
  const importing = rounds.map((round) => round.importing)
  const ratios = rounds.map((round) => p99(round.importing) / p99(round.quiet))
  const refused = importing.flatMap(({ answers }) =>
    Object.entries(answers).flatMap(([status, { fromDue }]) =>
      status === '200' ? [] : Array.from({ length: fromDue.count }, () => status),
    ),
  )
  const failed = importing.reduce((sum, phase) => sum + phase.failed, 0)
  const isMet = spreadOf(ratios).median <= ratioMost && refused.length === 0 && failed === 0
  const row = (name: string, phases: readonly PhaseReport[]) =>
    `${name}: p50 ${spread(phases.map(p50))} ms, p99 ${spread(phases.map(p99))} ms, ` +
    `p99.9 ${spread(phases.map(p999))} ms`
  return [
    `${tokensPerSecond.toFixed(0)} tokens/s due; ${applications} applications imported in ` +
      `${importSeconds.toFixed(1)} s; medians of ${rounds.length} rounds (least to most)`,
    row('quiet', quiet),
    row('beside the import', importing),
    `p99 to the quiet one ${spread(ratios)}; refused ${refused.length}, failed ${failed} ` +
      `[promised ≤ ${ratioMost}, none: ${isMet ? 'met' : 'NOT MET'}]`,
  ]
}

const outcome = await measureImport({
  algorithm: values.algorithm === 'ES256' ? 'ES256' : 'RS256',
  workers: Number(values.workers),
  share: Number(values.share),
  applications: Number(values.applications),
  rounds: Number(values.rounds),
  roundsMax: Math.max(roundsMost, Number(values.rounds)),
  seconds: Number(values.seconds),
})
if (outcome === undefined) {
  process.stderr.write(`${oursIsMissing}\n`)
  process.exitCode = 1
} else process.stdout.write(`${linesOf(outcome).join('\n')}\n`)
