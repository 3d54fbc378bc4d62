/*
 * `node --conditions=mintmark-source service/storage/src/sqlite/power-cut.ts [points] [seed]`: what
 * the disk may hold after a power failure, opened, 5,000 times unless told otherwise. Prints what
 * was lost: nothing, or it ends with 1.
 */
import { runPowerCutRounds } from './power-cut-rounds.ts'

const points = Number(process.argv[2] ?? 5000)
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000)
const started = performance.now()

const report = await runPowerCutRounds({ points, acknowledged: 1000, seed })
const seconds = ((performance.now() - started) / 1000).toFixed(0)
console.log(`${report.points} power cuts in ${seconds} s, seed ${seed}`)
console.log(`${report.writes} writes, ${report.syncs} syncs, ${report.acknowledged} acknowledged`)
console.log(`${report.faults.length} of the states had lost something or were corrupt`)
for (const fault of report.faults.slice(0, 20)) console.error(fault)
if (report.faults.length > 0) process.exitCode = 1
