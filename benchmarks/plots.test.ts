import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pageFile, pageFiles, pictureFolder } from './plots/page.ts'
import { logScale, told, zeroScale } from './plots/scale.ts'
import { promisesOf } from './promises.ts'
import type { ScenarioResult } from './result.ts'
import { type BenchRun, readRuns, runText } from './result-file.ts'
import type { Ratio } from './rounds.ts'
import { spreadOf } from './statistics.ts'

const pages = join(import.meta.dirname, '../docs/internals')

const report = (requestsPerSecond: number, errors = 0) => ({
  completed: 100,
  errors,
  errorSamples: [],
  seconds: 1,
  requestsPerSecond,
  p50Millis: 1,
  p99Millis: 2,
  serverCpuMicrosPerRequest: 1e6 / requestsPerSecond,
  loadCpuMicrosPerRequest: 10,
  bytesPerAnswer: 900,
})

/** A run of one scenario: ours at 100 a second against a peer, with a promise about their ratio. */
function planted(peerRate: number, aim: number, more: Partial<ScenarioResult> = {}): BenchRun {
  const ratio: Ratio = {
    of: 'mintmark',
    over: 'node-oidc-provider',
    requests: spreadOf([100 / peerRate]),
    cpu: spreadOf([100 / peerRate]),
    requestsTarget: aim,
  }
  const result: ScenarioResult = {
    name: 'token-es256-1process',
    about: 'planted',
    measurements: [
      { name: 'mintmark', rounds: [report(100)] },
      { name: 'node-oidc-provider', rounds: [report(peerRate)] },
    ],
    ratios: [ratio],
    figures: [],
    skipped: [],
    ...more,
  }
  const [kept] = readRuns()
  return { ...kept!, results: [result] }
}

const pageOf = (run: BenchRun): string => pageFiles([run]).get(pageFile)!

test('page and pictures are what the kept results give: run `node benchmarks/plots.ts`', () => {
  const files = pageFiles(readRuns())
  for (const [file, text] of files) {
    assert.ok(readFileSync(join(pages, file), 'utf8') === text, `${file} is out of date`)
  }
  const pictures = readdirSync(join(pages, pictureFolder)).map((name) => `${pictureFolder}/${name}`)
  assert.deepEqual(pictures.sort(), [...files.keys()].filter((file) => file !== pageFile).sort())
})

test('no promise is shown as met that the rounds of the kept results do not meet', () => {
  const runs = readRuns()
  const lines = pageFiles(runs).get(pageFile)!.split('\n')
  let judged = 0
  for (const run of runs) {
    for (const { name, measurements, ratios } of run.results) {
      for (const { of, over, requestsTarget } of ratios) {
        const shown = lines.find(
          (line) =>
            line.startsWith(`| ${of} / ${over}, by requests |`) &&
            line.includes(`\`${name}\` | ${run.commit} |`),
        )
        if (shown === undefined || requestsTarget === undefined) continue
        const rates = [of, over].map((who) =>
          measurements.find((one) => one.name === who)!.rounds.map((one) => one.requestsPerSecond),
        )
        const found = spreadOf(rates[0]!.map((rate, round) => rate / rates[1]![round]!)).median
        assert.equal(shown.includes('| met |'), found >= requestsTarget, shown)
        judged += 1
      }
    }
  }
  assert.ok(judged >= 5)
})

test('a ratio below its aim is not met, and stands where we lose; at its aim it is met', () => {
  const missed = pageOf(planted(100, 1.01))
  assert.match(missed, /\| ≥ 1\.01 \| 1 \| \*\*not met\*\* \|/)
  assert.match(missed, /by requests: 1 instead of ≥ 1\.01/)
  const met = pageOf(planted(100, 1))
  assert.match(met, /\| ≥ 1 \| 1 \| met \|/)
  assert.match(met, /Every promise is met/)
})

test('windows with errors, and figures that are missing, keep no promise', () => {
  const measurements = [
    { name: 'mintmark', rounds: [report(100, 1)] },
    { name: 'node-oidc-provider', rounds: [report(50)] },
  ]
  assert.deepEqual(
    promisesOf(planted(50, 1, { measurements }).results[0]!).map(({ isMet }) => isMet),
    [false],
  )
  const nothing = spreadOf([])
  const figures = [{ name: 'start', unit: 'ms', spread: nothing, atMost: 500 }]
  const run = planted(50, 1, { figures })
  const read = JSON.parse(runText(run)) as BenchRun
  for (const { results } of [run, read]) {
    const [ratio, start] = promisesOf(results[0]!)
    assert.equal(ratio?.isMet, true)
    assert.equal(start?.isMet, false)
  }
})

test('a scenario that failed does not take away what was found before', () => {
  const found = planted(50, 1)
  const failure = 'somebody did not start'
  const failed = planted(50, 1, { measurements: [], ratios: [], figures: [], failure })
  assert.equal(pageFiles([found, failed]).get(pageFile), pageOf(found))
})

test('a faster peer stands where we lose', () => {
  assert.match(pageOf(planted(200, 0.1)), /\| node-oidc-provider \| requests\/s \| 200 \| 100 \|/)
  assert.match(pageOf(planted(50, 0.1)), /Nobody does anything better/)
})

test('a run is kept with five digits, and what holds no other object on one line', () => {
  const text = runText(planted(3, 1))
  assert.match(text, /^ {6}\{ "completed": 100, .*"serverCpuMicrosPerRequest": 333330, .*\},?$/m)
  assert.deepEqual(JSON.parse(text).results[0].ratios[0].requests.median, 33.333)
})

test('scales name what they span, and figures are written as people read them', () => {
  assert.deepEqual(logScale([54, 99_000], 0, 100).ticks, [10, 100, 1_000, 10_000, 100_000])
  assert.deepEqual(logScale([0.8, 1.5], 0, 100).ticks, [0.5, 1, 2])
  assert.deepEqual(zeroScale([158, 72], 0, 100).ticks, [0, 50, 100, 150, 200])
  assert.equal(logScale([1, 100], 10, 30).place(10), 20)
  assert.deepEqual([0.0311, 1.5, 999, 99_499.6, Number.NaN].map(told), [
    '0.0311',
    '1.5',
    '999',
    '99,500',
    '–',
  ])
})
