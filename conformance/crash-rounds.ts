/*
 * `node conformance/crash-rounds.ts [rounds] [workers]`: kill -9 under write load, 200 times unless
 * told otherwise. Prints what was lost (nothing, or it ends with 1) and how long it was down.
 */
import { runCrashRounds } from './kit/crash-rounds.ts'

const rounds = Number(process.argv[2] ?? 200)
const workers = Number(process.argv[3] ?? 1)

const at = (sorted: readonly number[], share: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0)

const report = await runCrashRounds({
  rounds,
  workers,
  loadMsMax: 400,
  onRound: (round) => {
    if (round % 20 === 0) console.log(`round ${round}`)
  },
})
const down = report.downMs.toSorted((a, b) => a - b)
console.log(`${report.rounds} rounds, ${report.acknowledged} acknowledged writes`)
console.log(`down for ${at(down, 0)} / ${at(down, 0.5)} / ${at(down, 1)} ms (min, median, max)`)
for (const fault of report.faults) console.error(fault)
if (report.faults.length > 0) process.exitCode = 1
