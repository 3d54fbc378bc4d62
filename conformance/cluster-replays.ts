/**
 * The same assertion, and the same DPoP proof, shown to three servers at once:
 *
 *     npm run postgres:replays -- [rounds of each] [servers]
 *
 * One server is killed and replaced again and again meanwhile. Ends with 1 when one was not taken
 * exactly once.
 */
import { startCluster } from './kit/cluster.ts'
import { tryReplays } from './kit/cluster-replays.ts'

const [rounds = 10_000, servers = 3] = process.argv.slice(2).map(Number)

const cluster = await startCluster(servers)
const began = performance.now()
const seen = await tryReplays(cluster, { rounds, restarts: true })
const seconds = ((performance.now() - began) / 1000).toFixed(0)
console.log(`${seen.assertions} assertions and ${seen.proofs} DPoP proofs, ${servers} servers:`)
console.log(`  ${seen.wrong} not taken exactly once; ${seconds} s`)
console.log(`  one server was killed ${seen.restarts} times; ${seen.unknown} answers were lost`)
if (seen.wrong > 0 || seen.restarts === 0) process.exitCode = 1
await cluster.stop()
