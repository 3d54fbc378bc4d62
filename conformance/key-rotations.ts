/**
 * Signing keys that change under load, on a clock that goes 150 times as fast as ours:
 *
 *     npm run keys:rotations -- [rotations] [requests a second] [servers]
 *     npm run postgres:rotations -- [rotations] [requests a second] [servers]
 *
 * The first on SQLite, the second on PostgreSQL with three servers. Ends with 1 when a good token
 * was refused by a guard, or none was given.
 */
import { clockFaster } from './kit/clock.ts'
import { startCluster } from './kit/cluster.ts'
import { tryKeyRotations } from './kit/key-rotations.ts'
import { noDataFile, startMintmark } from './kit/mintmark-domain.ts'

const [rotations = 100, requestsPerSecond = 500, servers = 3] = process.argv.slice(2).map(Number)

const clock = clockFaster(150)
const { environment } = clock
const start = async () => {
  if (noDataFile === false) return startMintmark({ environment })
  const cluster = await startCluster(servers, { environment })
  return { ...cluster.node(0), url: cluster.proxy.url, stop: cluster.stop }
}

const domain = await start()
const wish = { rotations, requestsPerSecond, warmGuards: 4, clock }
const onRotation = (count: number): void => {
  if (count % 10 === 0) console.error(`${count} rotations`)
}
const seen = await tryKeyRotations(domain, { ...wish, onRotation })
const { tokens, seconds, failed, warmChecks, coldChecks, refused, keys } = seen
const rate = (tokens / seconds).toFixed(0)
console.log(`${rotations} rotations of two keys in ${seconds.toFixed(0)} s`)
console.log(`  ${tokens} tokens, ${rate} a second; ${failed.length} requests failed`)
console.log(`  ${warmChecks} checks by 4 guards, ${coldChecks} by guards made anew`)
console.log(`  ${refused.length} good tokens refused; ${keys} keys in the set`)
for (const each of new Set([...failed, ...refused])) console.error(each)
if (failed.length + refused.length > 0) process.exitCode = 1
await domain.stop()
