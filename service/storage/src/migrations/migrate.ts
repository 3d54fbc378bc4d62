import { createHash } from 'node:crypto'
import { refillClientViews } from '../client-views.ts'
import type { Database, Dialect, SchemaStep, Statements } from '../database.ts'
import { foundation } from './0001-foundation.ts'
import { resourceServerIndex } from './0002-resource-server-index.ts'
import { fillSearch, searchAndPeople } from './0003-search-and-people.ts'
import { proofPacks } from './0004-proof-packs.ts'
import { applicationOrder } from './0005-application-order.ts'
import { secretUse } from './0006-secret-use.ts'
import { revocationFeed } from './0007-revocation-feed.ts'
import { severalServers } from './0008-several-servers.ts'
import { consoleSessions } from './0009-console-sessions.ts'
import { coveringOrder } from './0010-covering-order.ts'
import { dpopBoundTokens, fillDpopBoundTokens } from './0011-dpop-bound-tokens.ts'
import { consoleAccounts } from './0012-console-accounts.ts'
import { clientView } from './0013-client-view.ts'
import { tokenBudgets } from './0014-token-budgets.ts'
import { wordsOfApplications } from './0015-words-of-applications.ts'
import { countedApplications } from './0016-counted-applications.ts'
import { mixedVersions } from './0017-mixed-versions.ts'
import { deflatedPacks } from './0018-deflated-packs.ts'
import { auditPartitions } from './0019-audit-partitions.ts'
import { tokensUntil } from './0020-tokens-until.ts'
import { expiringCredentials } from './0021-expiring-credentials.ts'
import { firstWithWorksFrom, mayWorkOn } from './standing.ts'

/** One numbered step of the schema. Numbers count from 1 without gaps. */
export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  /** What SQL alone cannot do with the rows that there are; runs after `sql`. */
  readonly fill?: (statements: Statements) => Promise<void>
  /**
   * Schema of the oldest program that may start and work on a database that has this step. A step
   * that only adds what older programs need not know names an older one; what they use is taken
   * away a version later. null: only programs that know the step. Each step after 17 says it.
   */
  readonly worksFrom?: number | null
  /**
   * Servers go on writing while it runs, but for what its own locks keep them from. Only for a step
   * that builds indexes and nothing else: on PostgreSQL who changes the table waits then, and who
   * records a token does not. It must not read rows to write them.
   */
  readonly takesNoTurn?: true
  /**
   * The short rows of clients stay as they are: it changes nothing that they are made of, nor do
   * programs from it on write or read them otherwise. To make a million anew takes minutes.
   */
  readonly keepsViews?: true
}

export const migrations: readonly Migration[] = Object.freeze([
  { number: 1, name: 'foundation', sql: foundation },
  { number: 2, name: 'resource-server-index', sql: resourceServerIndex },
  { number: 3, name: 'search-and-people', sql: searchAndPeople, fill: fillSearch },
  { number: 4, name: 'proof-packs', sql: proofPacks },
  { number: 5, name: 'application-order', sql: applicationOrder },
  { number: 6, name: 'secret-use', sql: secretUse },
  { number: 7, name: 'revocation-feed', sql: revocationFeed },
  { number: 8, name: 'several-servers', sql: severalServers },
  { number: 9, name: 'console-sessions', sql: consoleSessions },
  { number: 10, name: 'covering-order', sql: coveringOrder },
  { number: 11, name: 'dpop-bound-tokens', sql: dpopBoundTokens, fill: fillDpopBoundTokens },
  { number: 12, name: 'console-accounts', sql: consoleAccounts },
  { number: 13, name: 'client-view', sql: clientView },
  { number: 14, name: 'token-budgets', sql: tokenBudgets },
  { number: 15, name: 'words-of-applications', sql: wordsOfApplications, takesNoTurn: true },
  { number: 16, name: 'counted-applications', sql: countedApplications },
  { number: 17, name: 'mixed-versions', sql: mixedVersions },
  { number: 18, name: 'deflated-packs', sql: deflatedPacks, worksFrom: null },
  { number: 19, name: 'audit-partitions', sql: auditPartitions, worksFrom: 18 },
  { number: 20, name: 'tokens-until', sql: tokensUntil, worksFrom: 18 },
  {
    number: 21,
    name: 'expiring-credentials',
    sql: expiringCredentials,
    worksFrom: 18,
    takesNoTurn: true,
    keepsViews: true,
  },
])

/** The database is not one this program may touch; the text says what to do. */
export class SchemaRefused extends Error {}

const words: Readonly<Record<Dialect, Readonly<Record<string, string>>>> = {
  // a row lies in its key's own tree: one page to touch instead of two
  sqlite: {
    '{bytes}': 'blob',
    '{clustered}': ' WITHOUT ROWID',
    '{json}': 'blob',
    // the row number itself, so that it takes no index
    '{rowid}': 'integer',
    '{sqlite}': '',
  },
  postgres: {
    '{bytes}': 'bytea',
    '{clustered}': '',
    '{json}': 'jsonb',
    '{postgres}': '',
    '{rowid}': 'bigint',
  },
}

const checksumOf = (migration: Migration): string =>
  createHash('sha256').update(migration.sql).digest('hex')

/** SQLite compares and sorts texts byte by byte; PostgreSQL does where it is told to. */
const collated = (sql: string, dialect: Dialect): string =>
  dialect === 'postgres' ? sql.replace(/\btext\b/g, 'text COLLATE "C"') : sql

const statementsOf = (sql: string, dialect: Dialect): readonly string[] =>
  collated(sql, dialect)
    .replace(/\{\w+\}/g, (word) => words[dialect][word] ?? word)
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '' && !statement.startsWith('{'))

const createTable = `CREATE TABLE IF NOT EXISTS schema_migration (
  number integer NOT NULL PRIMARY KEY,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at_ms bigint NOT NULL
)`

const checkApplied = async (
  statements: Statements,
  known: readonly Migration[],
): Promise<number> => {
  const rows = await statements.all(
    'SELECT number, name, checksum FROM schema_migration ORDER BY number',
    [],
  )
  const newest = Number(rows.at(-1)?.['number'] ?? 0)
  if (!(await mayWorkOn(statements, newest, known.length))) {
    throw new SchemaRefused(
      `This database has schema ${newest}, written by a newer mintmark; this one knows schemas ` +
        `up to ${known.length}. Start the newer version again, or restore a backup made before ` +
        'the upgrade. Nothing was changed.',
    )
  }
  for (const [index, row] of rows.slice(0, known.length).entries()) {
    const migration = known[index]
    if (migration === undefined || Number(row['number']) !== migration.number) {
      throw new SchemaRefused(
        `This database lacks schema step ${index + 1} but has later ones: it was altered by ` +
          'hand. Restore a backup. Nothing was changed.',
      )
    }
    if (row['checksum'] !== checksumOf(migration)) {
      throw new SchemaRefused(
        `Schema step ${migration.number} (${migration.name}) of this database is not the one ` +
          'this mintmark knows: another build made it. Start that build again, or restore a ' +
          'backup. Nothing was changed.',
      )
    }
  }
  return newest
}

/** Schema 13 has the table of them. */
const firstWithViews = 13

const apply = async (
  statements: Statements,
  dialect: Dialect,
  migration: Migration,
): Promise<boolean> => {
  const found = await statements.all('SELECT name FROM schema_migration WHERE number = $1', [
    migration.number,
  ])
  // another server has taken the step since we looked
  if (found.length > 0) return false
  for (const statement of statementsOf(migration.sql, dialect)) await statements.run(statement, [])
  await migration.fill?.(statements)
  // made of records that may look different now
  const isKept = migration.number <= firstWithViews || migration.keepsViews
  if (!isKept) await refillClientViews(statements)
  await statements.run(
    'INSERT INTO schema_migration (number, name, checksum, applied_at_ms) VALUES ($1, $2, $3, $4)',
    [migration.number, migration.name, checksumOf(migration), Date.now()],
  )
  if (migration.number > firstWithWorksFrom) {
    await statements.run('UPDATE schema_migration SET works_from = $2 WHERE number = $1', [
      migration.number,
      migration.worksFrom ?? null,
    ])
  }
  return true
}

/** What a migration tells of itself. */
export interface MigrationTelling {
  /** Told of each step before it is taken: its number, and that of the last one. */
  readonly begin?: (number: number, last: number) => void
  /** Told what a step waits for and how long it has run, now and then. */
  readonly goes?: (words: string) => void
}

/**
 * Brings a database to the schema of this program, one transaction a step, so that a crash leaves
 * whole steps only and the next start goes on from there.
 *
 * @param known the steps; given by tests only
 * @returns how many steps were applied
 * @throws SchemaRefused when the database is newer, or not ours; StorageFailed when others kept it
 *   from its turn or its tables for too long
 */
export const migrate = async (
  database: Pick<Database, 'dialect' | 'transaction' | 'schemaStep'>,
  known: readonly Migration[] = migrations,
  { begin = () => {}, goes = () => {} }: MigrationTelling = {},
): Promise<number> => {
  const inStep: SchemaStep = database.schemaStep ?? ((work) => database.transaction(work))
  const tellAs = (what: string) => (words: string) => goes(`${what}: ${words}`)
  const check = async (statements: Statements) => {
    await statements.run(createTable, [])
    return checkApplied(statements, known)
  }
  const applied = await inStep(check, { tell: tellAs('a look at the schema') })
  let taken = 0
  for (const migration of known.slice(applied)) {
    const { number, name, takesNoTurn = false } = migration
    begin(number, known.length)
    const isTaken = await inStep((statements) => apply(statements, database.dialect, migration), {
      tell: tellAs(`schema step ${number} of ${known.length} (${name})`),
      takesNoTurn,
    })
    if (isTaken) taken += 1
  }
  return taken
}
