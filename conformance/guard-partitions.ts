/**
 * Gateways cut off from their issuer, with the figures:
 *
 *     npm run partitions -- [gateways] [rounds]
 *
 * Ends with 1 when one let an ended token in for longer than it may, or after it had refused it.
 */
import { partitions, tryPartitions } from './kit/partitioned-gateways.ts'

const [gateways = 4, rounds = 5] = process.argv.slice(2).map(Number)
const staleSeconds = 4

const told = (values: readonly number[]): string => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0)
  return `p50 ${at(0.5)} ms, most ${at(1)} ms`
}

const wished = Array.from({ length: rounds }, () => partitions).flat()
const seen = await tryPartitions({ gateways, staleSeconds, partitions: wished })
for (const partition of partitions) {
  const those = seen.filter((each) => each.partition === partition)
  console.log(`${partition}, ${those.length} gateways, ${staleSeconds} s allowed:`)
  console.log(`  the ended token is let in for: ${told(those.map(({ lastInMs }) => lastInMs))}`)
  console.log(`  /metrics tells meanwhile: ${told(those.map(({ toldMs }) => toldMs))}`)
  console.log(`  /readyz is 503 after: ${told(those.map(({ unreadyMs }) => unreadyMs))}`)
  console.log(
    `  heard again, a good one is let in after: ${told(those.map((each) => each.backMs))}`,
  )
  console.log(`  and the ended one ${those.reduce((sum, each) => sum + each.accepted, 0)} times`)
}
const late = seen.filter(({ lastInMs }) => lastInMs > staleSeconds * 1000)
const wrong = seen.filter(({ accepted, unreadyMs }) => accepted > 0 || !(unreadyMs > 0))
if (late.length + wrong.length > 0) process.exitCode = 1
