import { createHash, type Hash } from 'node:crypto'
import type { Database, Row, SqlValue, Statements } from './database.ts'
import { migrate, SchemaRefused } from './migrations/migrate.ts'
import { readStanding } from './migrations/standing.ts'
import { openDraft } from './sqlite/draft-file.ts'
import { readProofPacks } from './tables/proof-pack.ts'
import { claimDigests, findDigests } from './tables/used-proof.ts'

/** What was copied: rows and digest of each table, the same on both sides. */
export interface CopiedTable {
  readonly name: string
  readonly rows: number
  readonly digest: string
}

/** Nothing was copied; `message` says why and what to do. */
export class CopyRefused extends Error {}

/** What belongs to the one database: its schema, its servers, and the packs of a lone writer. */
const leftOut: ReadonlySet<string> = new Set([
  'schema_migration',
  'change_head',
  'change_entry',
  'server_member',
  'master_key_check',
  'proof_pack',
])

/** Others refer to these, so they come first, in this order. */
const parents = ['identity_domain', 'application', 'app_role', 'client_certificate', 'user_group']

const rowsAtOnceUsually = 500
/** A pack may hold the events of hundreds of requests. */
const packsAtOnce = 32
/** Rows of one statement; PostgreSQL takes 65,535 values. */
const rowsInserted = [50, 1] as const

interface Table {
  readonly name: string
  readonly columns: readonly string[]
  readonly key: readonly string[]
}

/** Tables of a SQLite database, as it describes itself. */
const tablesOf = async (read: Statements): Promise<readonly Table[]> => {
  const found = await read.all(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
    [],
  )
  const names = found.map((row) => row['name'] as string).filter((name) => !leftOut.has(name))
  const inOrder = [...parents, ...names.filter((name) => !parents.includes(name))]
  return Promise.all(
    inOrder.map(async (name) => {
      const info = await read.all(`PRAGMA table_info(${name})`, [])
      const key = info
        .filter((row) => Number(row['pk']) > 0)
        .toSorted((a, b) => Number(a['pk']) - Number(b['pk']))
      return {
        name,
        columns: info.map((row) => row['name'] as string),
        key: key.map((row) => row['name'] as string),
      }
    }),
  )
}

const isDocument = (column: string): boolean => column === 'search'

const selected = (column: string, { dialect }: Pick<Database, 'dialect'>): string => {
  if (!isDocument(column)) return column
  return dialect === 'sqlite' ? `json(${column}) AS ${column}` : `${column}::text AS ${column}`
}

/** All rows of a table in the order of its key, so many at a time. */
async function* pagesOf(
  statements: Pick<Statements, 'all'>,
  { name, columns, key }: Table,
  database: Pick<Database, 'dialect'>,
) {
  const list = columns.map((column) => selected(column, database)).join(', ')
  const order = key.join(', ')
  const places = key.map((_, index) => `$${index + 1}`).join(', ')
  const rowsAtOnce = name === 'audit_pack' ? packsAtOnce : rowsAtOnceUsually
  let after: readonly SqlValue[] | null = null
  for (;;) {
    const where: string = after === null ? '' : `WHERE (${order}) > (${places})`
    const rows: readonly Row[] = await statements.all(
      `SELECT ${list} FROM ${name} ${where} ORDER BY ${order} LIMIT ${rowsAtOnce}`,
      after ?? [],
    )
    const last = rows.at(-1)
    if (rows.length > 0) yield rows
    if (rows.length < rowsAtOnce || last === undefined) return
    after = key.map((column) => last[column] as SqlValue)
  }
}

/** Members of objects in one order: the databases keep documents in orders of their own. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [name, canonical(each)]),
  )
}

const plain = (value: unknown, column: string): unknown => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (isDocument(column) && typeof value === 'string') return canonical(JSON.parse(value))
  return value
}

const addRows = (digest: Hash, rows: readonly Row[], columns: readonly string[]): void => {
  for (const row of rows) {
    digest.update(JSON.stringify(columns.map((column) => plain(row[column], column))))
  }
}

const insert = async (
  statements: Statements,
  { name, columns }: Table,
  rows: readonly Row[],
): Promise<void> => {
  for (let at = 0; at < rows.length; ) {
    const count = rowsInserted.find((size) => size <= rows.length - at) ?? 1
    const tuples = Array.from({ length: count }, (_, row) => {
      const values = columns.map((column, index) => {
        const place = `$${row * columns.length + index + 1}`
        return isDocument(column) ? `jsonb(${place})` : place
      })
      return `(${values.join(', ')})`
    })
    await statements.run(
      `INSERT INTO ${name} (${columns.join(', ')}) VALUES ${tuples.join(', ')}`,
      rows.slice(at, at + count).flatMap((row) => columns.map((each) => row[each] as SqlValue)),
    )
    at += count
  }
}

/** Proofs that a lone writer has packed become rows, which is how servers together know them. */
const unpackProofs = async (from: Database, statements: Statements): Promise<void> => {
  for (const row of await from.read.all('SELECT domain_id FROM identity_domain', [])) {
    const domainId = row['domain_id'] as string
    const proofs = new Map<string, { digest: Uint8Array; expiresAtSeconds: number }>()
    await readProofPacks(from.read, domainId, 0, ({ digest, expiresAtSeconds }) => {
      const kept = Uint8Array.from(digest)
      proofs.set(Buffer.from(kept).toString('latin1'), { digest: kept, expiresAtSeconds })
    })
    const digests = [...proofs.values()].map(({ digest }) => digest)
    for (const digest of await findDigests(statements, domainId, digests)) {
      proofs.delete(Buffer.from(digest).toString('latin1'))
    }
    await claimDigests(statements, domainId, [...proofs.values()])
  }
}

/**
 * Copies a SQLite database that nobody writes to into an empty one of the same schema, in one
 * transaction, and reads everything back before it commits.
 *
 * @throws CopyRefused when the target is not empty, or holds something else than was written
 */
export const copyDatabase = async (
  from: Database,
  to: Database,
): Promise<readonly CopiedTable[]> => {
  const tables = await tablesOf(from.read)
  return to.transaction(async (statements) => {
    const there = await statements.all('SELECT domain_id FROM identity_domain LIMIT 1', [])
    if (there.length > 0) {
      throw new CopyRefused(
        'The target holds an identity domain already. Give an empty database; nothing was changed.',
      )
    }
    const copied: CopiedTable[] = []
    for (const table of tables) {
      const written = createHash('sha256')
      let rows = 0
      for await (const page of pagesOf(from.read, table, from)) {
        await insert(statements, table, page)
        addRows(written, page, table.columns)
        rows += page.length
      }
      const stored = createHash('sha256')
      for await (const page of pagesOf(statements, table, to)) {
        addRows(stored, page, table.columns)
      }
      const digest = written.digest('hex')
      if (stored.digest('hex') !== digest) {
        throw new CopyRefused(
          `The table ${table.name} does not read back as it was written. Nothing was changed.`,
        )
      }
      copied.push({ name: table.name, rows, digest })
    }
    await unpackProofs(from, statements)
    return copied
  })
}

/**
 * Copies what a PostgreSQL database holds at one moment into a new SQLite file of the same schema,
 * a few rows at a time.
 *
 * @param source of one transaction that sees one moment
 * @param path a file that is not there yet
 * @throws SchemaRefused when the schema is not that of this program
 */
export const exportDatabase = async (
  source: Pick<Statements, 'all'>,
  path: string,
): Promise<void> => {
  const { schema, known } = await readStanding(source)
  if (schema !== known) {
    throw new SchemaRefused(
      `The database has schema ${schema} and this server knows ${known}: let a server of ` +
        'the newest version that runs make the backup.',
    )
  }
  const draft = openDraft(path)
  try {
    await migrate(draft)
    const tables = await tablesOf(draft.read)
    await draft.transaction(async (statements) => {
      for (const table of tables) {
        for await (const page of pagesOf(source, table, { dialect: 'postgres' })) {
          await insert(statements, table, page)
        }
      }
    })
  } finally {
    draft.close()
  }
}
