/**
 * 16 writers and a reader that is killed again and again, with the figures:
 *
 *     npm run postgres:feed -- [events] [seconds at most]
 *
 * Ends with 1 when something was committed and not seen.
 */
import { missByNumber, runFeedRounds } from './feed-rounds.ts'
import { startPostgres, whyNoPostgres } from './postgres-test-server.ts'

const [eventsMax = 1_000_000, secondsMax = 300] = process.argv.slice(2).map(Number)
const why = whyNoPostgres()
if (why !== null) throw new Error(`no PostgreSQL can be started here: ${why}`)

const writers = 16
const postgres = await startPostgres()
const url = await postgres.createDatabase()
const wish = { url, writers, eventsMin: 0, eventsMax, millisecondsMax: secondsMax * 1000 }
const seen = await runFeedRounds(wish)
const naive = await missByNumber(await postgres.createDatabase(), writers, 5000)
await postgres.remove()
const { committed, rolledBack, missed, invented, repeated, kills, vacuums, seconds } = seen
console.log(`${committed} events of ${writers} writers in ${seconds.toFixed(0)} s`)
console.log(`  ${rolledBack} more were rolled back; ${vacuums} vacuums`)
console.log(`  missed: ${missed[0]} in the revocation feed, ${missed[1]} in the changes`)
console.log(`  invented: ${invented}; the reader was killed ${kills} times, ${repeated} came twice`)
console.log(`a reader by number, of writers that do not wait for each other, missed ${naive}`)
if (missed[0] + missed[1] + invented > 0 || kills === 0) process.exitCode = 1
