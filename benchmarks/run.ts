/**
 * `npm run bench`: ours and its peers side by side in one run, as ratios.
 * See docs/internals/benchmarks.md.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { describeCommit, describeMachine } from './machine.ts'
import { writePlots } from './plots.ts'
import type { BenchOptions, Scenario, ScenarioResult } from './result.ts'
import { resultFolder, runText } from './result-file.ts'
import { scenarios } from './scenarios.ts'
import { writeSizing } from './sizing.ts'
import { makeDataDirectory } from './subjects/mintmark.ts'
import { scenarioText } from './table.ts'

const usage = `npm run bench -- [options]
  --only NAME         run this scenario only; may be repeated
  --rounds N          windows of each contender (5)
  --seconds N         length of a window (2)
  --connections N     keep-alive connections of the load (128)
  --applications N    applications of the large domain (100000)
  --tokens N          distinct tokens to introspect (10000)
  --quick             2 rounds of 0.5 s, 2000 applications, 1000 tokens: a smoke test, not a figure
  --no-save           write no file to benchmarks/results
Scenarios: ${scenarios.map((scenario) => scenario.name).join(', ')}
`

interface Choice {
  readonly options: BenchOptions
  readonly chosen: readonly Scenario[]
  readonly quick: boolean
  readonly save: boolean
}

function positive(text: string, name: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${name} must be a positive number`)
  return value
}

function choose(): Choice {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      connections: { type: 'string' },
      applications: { type: 'string' },
      tokens: { type: 'string' },
      quick: { type: 'boolean', default: false },
      'no-save': { type: 'boolean', default: false },
    },
  })
  const quick = values.quick
  const options: BenchOptions = {
    rounds: positive(values.rounds ?? (quick ? '2' : '5'), 'rounds'),
    seconds: positive(values.seconds ?? (quick ? '0.5' : '2'), 'seconds'),
    connections: positive(values.connections ?? '128', 'connections'),
    warmupSeconds: quick ? 0.2 : 5,
    applications: positive(values.applications ?? (quick ? '2000' : '100000'), 'applications'),
    tokens: positive(values.tokens ?? (quick ? '1000' : '10000'), 'tokens'),
  }
  const only = values.only ?? scenarios.map((scenario) => scenario.name)
  const chosen = scenarios.filter((scenario) => only.includes(scenario.name))
  const unknown = only.filter((name) => !scenarios.some((scenario) => scenario.name === name))
  if (unknown.length > 0) throw new Error(`unknown scenario ${unknown.join(', ')}`)
  return { options, chosen, quick, save: !values['no-save'] }
}

function probeMachine() {
  const directory = makeDataDirectory()
  try {
    return describeMachine(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Runs a scenario; that it fails does not take the others' figures away. */
async function runOrTell({ name, about, run }: Scenario, options: BenchOptions) {
  try {
    return { name, about, ...(await run(options)) }
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    return { name, about, measurements: [], ratios: [], figures: [], skipped: [], failure }
  }
}

const isWhole = ({ failure, measurements }: ScenarioResult): boolean =>
  failure === undefined &&
  measurements.every(({ rounds }) => rounds.every((report) => report.errors === 0))

async function main({ options, chosen, quick, save }: Choice): Promise<boolean> {
  const machine = probeMachine()
  const commit = describeCommit()
  process.stdout.write(
    `${JSON.stringify(machine)}\ncommit ${commit} ${JSON.stringify(options)}\n\n`,
  )
  const results: ScenarioResult[] = []
  for (const scenario of chosen) {
    const result: ScenarioResult = await runOrTell(scenario, options)
    results.push(result)
    process.stdout.write(`${scenarioText(result)}\n`)
  }
  if (save && !quick) {
    const savedAt = new Date().toISOString()
    const date = savedAt.slice(0, 10)
    mkdirSync(resultFolder, { recursive: true })
    const text = runText({ date, savedAt, commit, machine, options, results })
    writeFileSync(join(resultFolder, `${date}-${commit}.json`), text)
    writePlots()
    writeSizing()
    process.stdout.write(`written to benchmarks/results/${date}-${commit}.json\n`)
  }
  return results.every(isWhole)
}

let choice: Choice
try {
  choice = choose()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usage}`)
  process.exit(2)
}
// Errors inside a window make the run fail: a missed promise does not, the table says it.
process.exitCode = (await main(choice)) ? 0 : 1
