/*
 * `node conformance/failing-calls.ts [rounds]`: each n-th sync or write of the data fails once,
 * under load, from the first on. Prints what was lost or wrongly answered: nothing, or it ends
 * with 1.
 */
import { failingCalls, runFailingCalls } from './kit/failing-calls.ts'

const rounds = Number(process.argv[2] ?? 75)

/** Close together at first: the first calls differ most. */
const numbers = Array.from({ length: rounds }, (_, at) => (at < 20 ? at + 1 : 20 + (at - 19) * 7))

for (const wish of failingCalls) {
  const report = await runFailingCalls(wish, numbers)
  const down = report.downMs.toSorted((a, b) => a - b)
  const median = (down[Math.floor(down.length / 2)] ?? 0).toFixed(0)
  const failed = report.rounds - report.unused
  console.log(`${wish.call} ${wish.error}: ${failed} failed, then it ${wish.outcome}`)
  console.log(`  tokens again after ${median} ms (median)`)
  console.log(`  ${report.acknowledged} acknowledged, ${report.faults.length} faults`)
  for (const fault of report.faults.slice(0, 20)) console.error(fault)
  if (report.faults.length > 0) process.exitCode = 1
}
