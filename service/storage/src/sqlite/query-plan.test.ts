import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { loadCatalog } from '../catalog-snapshot.ts'
import type { SqlValue, Statements } from '../database.ts'
import { migrate } from '../migrations/migrate.ts'
import { plannedQuestions, plannedSearches, searchForWord } from '../planned-questions.ts'
import { openSqlite } from './sqlite-database.ts'

/** Rows of a list in one document are no walk through a table. */
const isOfOneRow = (step: string): boolean =>
  /^SCAN e (EXISTS )?VIRTUAL TABLE/.test(step) ||
  // a range inside each of a few values: skips what lies between
  /^SEARCH item .*ANY\(domain_id\) AND .*[<>]\?/.test(step)

/** Every table is entered by its domain and something more; the parent's one row may be scanned,
 * and `f`, the few that a search has found, and `t`, the few that are asked for. */
const isNarrow = (step: string): boolean =>
  /^SEARCH .*domain_id=\? AND /.test(step) ||
  // one row, whose domain is compared then
  /^SEARCH client_view USING INTEGER PRIMARY KEY \(rowid=\?\)$/.test(step) ||
  /^SEARCH registry_standing USING PRIMARY KEY \(domain_id=\?\)$/.test(step) ||
  /^SCAN (client|f|CONSTANT ROW|t VIRTUAL TABLE INDEX 1:)$/.test(step) ||
  !/^(SEARCH|SCAN)/.test(step)

describe('sqlite: query plans', () => {
  const planned = async (ask: (statements: Statements) => Promise<unknown>) => {
    const directory = mkdtempSync(join(tmpdir(), 'mintmark-plan-'))
    const database = openSqlite({ path: join(directory, 'mintmark.db') })
    try {
      await migrate(database)
      const steps: string[] = []
      const explain = async (sql: string, params: readonly SqlValue[]) => {
        const rows = await database.read.all(`EXPLAIN QUERY PLAN ${sql}`, params)
        steps.push(...rows.map((row) => row['detail'] as string))
      }
      await ask({
        all: async (sql, params) => {
          await explain(sql, params)
          return []
        },
        run: async (sql, params) => {
          await explain(sql, params)
          return { changes: 0 }
        },
      })
      return steps
    } finally {
      await database.close()
      rmSync(directory, { recursive: true })
    }
  }

  for (const [name, ask] of Object.entries(plannedQuestions)) {
    it(`${name} touches only the rows it is about`, async () => {
      const steps = await planned(ask)
      assert.deepEqual(
        steps.filter((step) => !isNarrow(step)),
        [],
      )
    })
  }

  for (const [name, ask] of Object.entries(plannedSearches)) {
    it(`search by ${name} enters by an index`, async () => {
      const steps = await planned((statements) => ask(statements, 'sqlite'))
      assert.deepEqual(
        steps.filter((step) => !isNarrow(step) && !isOfOneRow(step)),
        [],
      )
    })
  }

  it('a word inside a name is looked for without a look at rows', async () => {
    const steps = await planned((statements) => searchForWord(statements, 'sqlite'))
    assert.match(
      steps.find((step) => step.startsWith('SEARCH item')) ?? '',
      /USING COVERING INDEX application_words /,
    )
  })

  it('the catalog is found without a look at clients', async () => {
    const steps = await planned((statements) => loadCatalog(statements, 'd').catch(() => {}))
    assert.ok(
      steps.some((step) => step.includes('application_audience')),
      steps.join('\n'),
    )
  })
})
