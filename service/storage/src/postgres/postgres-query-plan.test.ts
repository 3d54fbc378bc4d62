import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Database, Statements } from '../database.ts'
import { migrate } from '../migrations/migrate.ts'
import { plannedQuestions, plannedSearches } from '../planned-questions.ts'
import { openPostgres } from './postgres-database.ts'
import { postgresForTests } from './postgres-test-database.ts'

const postgres = postgresForTests()

/** A domain of 20,000 applications; a walk through any of its large tables reads 500 blocks. */
const fill = [
  `INSERT INTO identity_domain VALUES ('d', '{}')`,
  `INSERT INTO application (domain_id, id, client_id, client_id_key, display_name_key, audience,
     audience_key, is_client, is_resource_server, active, created_at, modified_at, record, search)
   SELECT 'd', md5(i::text), 'client-' || i, 'client-' || i, 'application ' || i,
     CASE WHEN i % 100 = 0 THEN 'https://' || i END, CASE WHEN i % 100 = 0 THEN 'https://' || i END,
     1, CASE WHEN i % 100 = 0 THEN 1 ELSE 0 END, 1, to_char(i, 'FM00000000'),
     to_char(i, 'FM00000000'), repeat('x', 400), jsonb_build_object('displayName', i::text)
   FROM generate_series(1, 20000) AS i`,
  `INSERT INTO application_value SELECT 'd', field, 'value ' || i, md5(i::text)
   FROM generate_series(1, 20000) AS i, (VALUES ('allowedScopes.fqs'), ('scopes.fqs')) AS f(field)`,
  `INSERT INTO app_role SELECT 'd', md5(i::text), md5((i % 200 * 100 + 100)::text), 'role ' || i,
     repeat('x', 400), 0, '{}' FROM generate_series(1, 20000) AS i`,
  `INSERT INTO app_grant SELECT 'd', md5(i::text), md5((i % 200 * 100 + 100)::text),
     md5(i::text), 'App', md5(i::text), repeat('x', 400), '{}' FROM generate_series(1, 20000) AS i`,
  `INSERT INTO client_secret SELECT 'd', md5(i::text), md5(i::text), md5((i + 1)::text),
     json_build_object('expiresAtMs', i, 'x', repeat('x', 380))
   FROM generate_series(1, 20000) AS i`,
  `INSERT INTO user_account SELECT 'd', md5(i::text), 'user ' || i, 'name ' || i, 'external ' || i,
     1, repeat('x', 400), '{}' FROM generate_series(1, 20000) AS i`,
  `INSERT INTO revocation SELECT 'd', 'token', md5(i::text), i, i
   FROM generate_series(1, 20000) AS i`,
  `INSERT INTO revocation_entry SELECT 'd', i, md5(i::text), 'token', md5(i::text), i, i
   FROM generate_series(1, 20000) AS i`,
  `INSERT INTO used_proof SELECT 'd', decode(md5(i::text), 'hex'), i
   FROM generate_series(1, 20000) AS i`,
  'ANALYZE',
]

interface PlanNode {
  readonly 'Shared Hit Blocks': number
  readonly 'Shared Read Blocks': number
}

describe('PostgreSQL: what a question reads', { skip: postgres.skip }, () => {
  let database: Database
  before(async () => {
    await postgres.start()
    database = openPostgres({ url: await postgres.server().createDatabase() })
    await migrate(database)
    await database.transaction(async (statements) => {
      for (const statement of fill) await statements.run(statement, [])
    })
  })
  after(async () => {
    await database.close()
    await postgres.stop()
  })

  /** Blocks read by each statement of a question; what it writes is rolled back. */
  const blocksOf = async (ask: (statements: Statements) => Promise<unknown>) => {
    const read: (readonly [number, string])[] = []
    const undone = new Error('undone')
    const asked = database.transaction(async (statements) => {
      const explain: Statements['all'] = async (sql, params) => {
        const explained = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`
        const [row] = await statements.all(explained, params)
        const [{ Plan: plan }] = (row as { 'QUERY PLAN': [{ Plan: PlanNode }] })['QUERY PLAN']
        read.push([plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], sql])
        return []
      }
      const run: Statements['run'] = async (sql, params) => {
        await explain(sql, params)
        return { changes: 0 }
      }
      await ask({ all: explain, run })
      throw undone
    })
    await assert.rejects(asked, (error) => error === undone)
    return read
  }

  it('a walk through a table reads many blocks', async () => {
    const walk = 'SELECT count(*) AS total FROM application WHERE length(record) > $1'
    const [[blocks] = [0]] = await blocksOf((statements) => statements.all(walk, [1]))
    assert.ok(blocks > 500, `${blocks}`)
  })

  for (const [name, ask] of Object.entries(plannedQuestions)) {
    it(`${name} reads few blocks`, async () => {
      const many = (await blocksOf(ask)).filter(([blocks]) => blocks > 100)
      assert.deepEqual(many, [])
    })
  }

  for (const [name, ask] of Object.entries(plannedSearches)) {
    it(`search by ${name} reads few blocks`, async () => {
      const many = (await blocksOf((statements) => ask(statements, 'postgres'))).filter(
        ([blocks]) => blocks > 250,
      )
      assert.deepEqual(many, [])
    })
  }
})
