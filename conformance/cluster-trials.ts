/**
 * Several servers on one PostgreSQL, with the figures:
 *
 *     npm run postgres:cluster -- [servers] [revocations] [stops] [cuts]
 *
 * Ends with 1 when a server called a token good after its end was answered, when a guard that was
 * cut off let one in for longer than it may, or when a client of ours got no token while all
 * servers were replaced.
 */
import { startCluster } from './kit/cluster.ts'
import { tryCutGuards } from './kit/cluster-cut-guards.ts'
import { tryRevocations } from './kit/cluster-revocations.ts'
import { tryRollingRestart } from './kit/cluster-rolling.ts'

const [servers = 8, trials = 900, stops = 60, cuts = 40] = process.argv.slice(2).map(Number)
const guards = 4
const staleSeconds = 4

const told = (values: readonly number[]): string => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted[Math.ceil(sorted.length * share) - 1] ?? 0).toFixed(1)
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`
}

const cluster = await startCluster(servers)
const seen = await tryRevocations(cluster, { trials, guards, stops, cuts })
console.log(`${servers} servers, ${trials + stops + cuts} tokens ended:`)
console.log(`  ${seen.accepted} of ${seen.asked} questions after the answer were answered with yes`)
console.log(`  the answer to a revocation: ${told(seen.callMs)}`)
console.log(`  while a server is stopped (${stops} times): ${told(seen.stoppedMs)}`)
console.log(`  while one is cut off from PostgreSQL (${cuts} times): ${told(seen.cutMs)}`)
console.log(`  the one cut off says yes for: ${told(seen.honouredMs)}`)
console.log(`  and its /readyz says so after: ${told(seen.unreadyMs)}`)
console.log(`  stopped or cut off, it knows again after: ${told(seen.backMs)}`)
console.log(`  the others did not know: ${seen.othersFailed} of ${seen.othersAsked}`)
console.log(`  ${guards} guards after the answer: ${told(seen.guardMs)}`)
const cutGuards = await tryCutGuards(cluster, { trials: 20, staleSeconds })
console.log(`20 guards cut off from the feed, ${staleSeconds} s allowed:`)
console.log(`  a token that was ended is let in for: ${told(cutGuards.lastInMs)}`)
console.log(`  heard again, a good one is let in after: ${told(cutGuards.backMs)}`)
console.log(`  and the ended one ${cutGuards.accepted} times`)
const { tokens, faults } = await tryRollingRestart(cluster)
console.log(`all replaced: ${tokens} tokens, ${faults.length} failed ${faults[0] ?? ''}`)
const late = cutGuards.lastInMs.filter((ms) => ms > staleSeconds * 1000).length
if (seen.accepted + cutGuards.accepted + late + faults.length > 0) process.exitCode = 1
await cluster.stop()
