/**
 * Several servers on one PostgreSQL, with the figures:
 *
 *     npm run postgres:cluster -- [trials] [replays] [servers...]
 *
 * Ends with 1 when a server called a token good after its end was answered, when an assertion was
 * taken twice, or when a client of ours got no token while the servers were replaced.
 */
import {
  startCluster,
  tryReplays,
  tryRevocations,
  tryRollingRestart,
} from './kit/cluster-trials.ts'

const [trials = 1000, replays = 10_000, ...counts] = process.argv.slice(2).map(Number)

const told = (values: readonly number[]): string => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted[Math.ceil(sorted.length * share) - 1] ?? 0).toFixed(1)
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`
}

for (const count of counts.length === 0 ? [3, 8] : counts) {
  const cluster = await startCluster(count)
  const seen = await tryRevocations(cluster, { trials, guards: 4, pauses: 3 })
  console.log(`${count} servers, ${trials} revocations: ${seen.accepted} accepted afterwards`)
  console.log(`  the call: ${told(seen.callMs)}; with a server stopped ${told(seen.pausedMs)}`)
  console.log(`  4 guards after it: ${told(seen.guardMs)}`)
  const wrong = await tryReplays(cluster, replays)
  console.log(`  ${replays} assertions shown to all at once: ${wrong} not taken exactly once`)
  const { tokens, faults } = await tryRollingRestart(cluster)
  console.log(`  all replaced: ${tokens} tokens, ${faults.length} failed ${faults[0] ?? ''}`)
  if (seen.accepted + wrong + faults.length > 0) process.exitCode = 1
  await cluster.stop()
}
