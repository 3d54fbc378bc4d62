/**
 * `node --conditions=mintmark-source conformance/backup-load.ts [applications] [requests a second]
 * [rounds]`: 100,000, 300 and 5 unless told otherwise. Ends with 1 when what was restored is not
 * what had been acknowledged.
 */
import { tryBackups } from './kit/backup-load.ts'

const [applications = 100_000, requestsPerSecond = 300, rounds = 5] = process.argv
  .slice(2)
  .map(Number)

const report = await tryBackups(
  { applications, requestsPerSecond, rounds, windowMs: 4000 },
  console.log,
)
const { quiet, busy, ...rest } = report
const ratios = busy.map((window, at) => window.p99 / (quiet[at]?.p99 ?? Number.NaN))
const middle = ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)]
console.log(JSON.stringify({ ...rest, p99Ratios: ratios, middle }, null, 2))
process.exitCode = report.faults.length === 0 ? 0 : 1
