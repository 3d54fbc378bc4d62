/**
 * Three servers under load on one PostgreSQL, again and again, with the figures:
 *
 *     npm run postgres:restarts -- 20
 *     npm run postgres:promotions -- 20
 *
 * Ends with 1 when something acknowledged was lost, or when they were away for longer than they may
 * be: a second after a restart, two after a promotion.
 */
import { startPostgres, whyNoPostgres } from '@mintmark/storage/postgres/postgres-test-server'
import { type DatabaseReport, runDatabaseRounds } from './database-rounds.ts'
import { createPair, restartDatabase } from './disturb-database.ts'

const [kind, count = '20'] = process.argv.slice(2)
const rounds = Number(count)
const why = whyNoPostgres()
if (why !== null) throw new Error(`no PostgreSQL can be started here: ${why}`)

const servers = 3
const first = await startPostgres()
const url = await first.createDatabase()

const restarts = (): Promise<DatabaseReport> =>
  runDatabaseRounds({
    url,
    servers,
    rounds,
    disturb: (round) => restartDatabase(first, round),
    countConnections: first.countConnections,
  })

const promotions = async (): Promise<DatabaseReport> => {
  const pair = await createPair(first)
  const second = pair.standby()
  try {
    return await runDatabaseRounds({
      url: url.replace(first.host, pair.hosts),
      servers,
      rounds,
      disturb: pair.promote,
      countConnections: () => pair.primary().countConnections(),
      onRound: pair.rejoin,
    })
  } finally {
    await second.remove()
  }
}

const told = (values: readonly number[]): string => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted[Math.ceil(sorted.length * share) - 1] ?? 0).toFixed(0)
  return `p50 ${at(0.5)} ms, most ${at(1)} ms`
}

const report = await (kind === 'promotions' ? promotions() : restarts())
await first.remove()
const [before, after] = report.connections
console.log(`${rounds} ${kind}, ${servers} servers: ${report.acknowledged} acknowledged`)
console.log(`lost: ${report.faults.length}`)
for (const fault of report.faults) console.error(fault)
console.log(`until all servers give tokens again: ${told(report.backMs)}`)
console.log(`until the last request failed: ${told(report.errorMs)}`)
console.log(`connections: ${before} after the first round, ${after} after the last`)
const msMax = kind === 'promotions' ? 2000 : 1000
if (report.faults.length > 0 || Math.max(...report.backMs) > msMax) process.exitCode = 1
