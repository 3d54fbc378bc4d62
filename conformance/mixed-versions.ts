/**
 * Servers of another version and of this one together on one PostgreSQL, under load: all of the
 * other one at first, then replaced by this one, then the other way round:
 *
 *     npm run postgres:upgrade -- --other DIR [--rate 500] [--forward]
 *
 * DIR is a built checkout of the other version; `next` stands for one that is to come, made of this
 * one, which has a step of the schema more. `--forward` leaves out the way back. Ends with 1 when
 * our client got no token, or when one server did not know what another had changed.
 */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startCluster } from './kit/cluster.ts'
import { mainOf } from './kit/copied-tree.ts'
import { tryRolls } from './kit/mixed-versions.ts'
import { makeNextVersion } from './kit/next-version.ts'

const { values } = parseArgs({
  options: {
    other: { type: 'string' },
    rate: { type: 'string', default: '500' },
    forward: { type: 'boolean', default: false },
  },
})
const { other } = values
if (other === undefined) throw new Error('--other DIR: a built checkout of another version')

const ours = mainOf(resolve(import.meta.dirname, '..'))
const next = other === 'next' ? makeNextVersion() : null
// what is older comes first
const [from, to] = next === null ? [mainOf(resolve(other)), ours] : [ours, next.main]

const cluster = await startCluster(3, { main: from })
const seen = await tryRolls(cluster, {
  requestsPerSecond: Number(values.rate),
  rolls: values.forward ? [to] : [to, from],
  togetherMs: 3000,
  onRoll: (main) => console.log(`all servers are those of ${main === from ? 'before' : 'after'}`),
})
const { tokens, seconds, failed, ended, declared, wrong } = seen
console.log(
  `${tokens} tokens in ${seconds.toFixed(0)} s, ${(tokens / seconds).toFixed(0)} a second`,
)
console.log(`  ${failed.length} times our client got none`)
console.log(`  ${ended} tokens ended and ${declared} applications made at one, known to all`)
console.log(`  ${wrong.length} times they were not`)
for (const each of new Set([...failed, ...wrong])) console.error(each)
if (failed.length + wrong.length > 0) process.exitCode = 1
await cluster.stop()
next?.remove()
