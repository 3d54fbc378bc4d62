/**
 * `npm run bench:import`: tokens are asked for at half of what the server can do, quietly and while
 * an administrator imports 10,000 applications.
 */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { measureImport } from './import-run.ts'
import { oursIsMissing } from './stage.ts'
import { spreadOf } from './statistics.ts'

const { values } = parseArgs({
  options: {
    algorithm: { type: 'string', default: 'RS256' },
    workers: { type: 'string', default: '1' },
    share: { type: 'string', default: '0.5' },
    applications: { type: 'string', default: '10000' },
  },
})

const outcome = await measureImport({
  algorithm: values.algorithm === 'ES256' ? 'ES256' : 'RS256',
  workers: Number(values.workers),
  share: Number(values.share),
  applications: Number(values.applications),
  quietSeconds: 15,
})
if (outcome === undefined) {
  process.stderr.write(`${oursIsMissing}\n`)
  process.exitCode = 1
} else {
  const { tokensPerSecond, quiet, importing, importSeconds } = outcome
  const quietMillis = quiet.answers['200']?.fromDue.p99Millis ?? Number.NaN
  // second by second, so that one bad second of a busy machine is not all that is seen
  const seconds = importing.map(({ answers }) => answers['200']?.fromDue.p99Millis ?? Number.NaN)
  const { min, median, max } = spreadOf(seconds)
  const others = importing.flatMap(({ answers }) =>
    Object.keys(answers).filter((status) => status !== '200'),
  )
  const failed = importing.reduce((sum, phase) => sum + phase.failed, 0)
  const ratio = median / quietMillis
  const isMet = ratio <= 2 && others.length === 0 && failed === 0
  process.stdout.write(
    `${tokensPerSecond.toFixed(0)} tokens/s due; quiet p99 ${quietMillis.toFixed(1)} ms\n` +
      `import of ${values.applications} in ${importSeconds.toFixed(1)} s; p99 of its seconds: ` +
      `median ${median.toFixed(1)} ms (${min.toFixed(1)} to ${max.toFixed(1)})\n` +
      `ratio ${ratio.toFixed(2)}; other answers ${others.length}, failed ${failed} ` +
      `[promised ≤ 2, nothing refused: ${isMet ? 'met' : 'NOT MET'}]\n`,
  )
}
