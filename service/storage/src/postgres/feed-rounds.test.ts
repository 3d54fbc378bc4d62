import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { missByNumber, runFeedRounds } from './feed-rounds.ts'
import { postgresForTests } from './postgres-test-database.ts'

const postgres = postgresForTests()

// A million events are run by `npm run postgres:feed`.
describe('16 writers on one PostgreSQL', { skip: postgres.skip }, () => {
  before(postgres.start)
  after(postgres.stop)

  it('commit nothing that a reader misses, who is killed and started again', async () => {
    const url = await postgres.server().createDatabase()
    const wish = { url, writers: 16, eventsMin: 501, eventsMax: 20_000, millisecondsMax: 3000 }
    const seen = await runFeedRounds(wish)
    assert.deepEqual(seen.missed, [0, 0])
    assert.equal(seen.invented, 0)
    assert.ok(seen.committed > 500 && seen.rolledBack > 0, `${seen.committed} committed`)
    assert.ok(seen.kills > 0 && seen.vacuums > 0, `${seen.kills} kills`)
  })

  it('would have one who reads by number miss some, did they not follow one another', async () => {
    assert.ok((await missByNumber(await postgres.server().createDatabase(), 16, 1000)) > 0)
  })
})
