import { hash } from 'node:crypto'
import pg from 'pg'
import { duplicateRecord, type Row, type SqlValue, StorageFailed } from '../database.ts'

/** Milliseconds that a connection may take to open, and that a statement may take to answer. */
export interface PostgresWaits {
  readonly connectMs: number
  readonly statementMs: number
}

/** What one pool is for. */
export interface PoolOptions {
  readonly url: string
  readonly connectionsMax: number
  readonly waits: PostgresWaits
  /** A connection in the pool was lost while nobody used it. */
  readonly onLost: (error: Error) => void
}

/** The part of a connection or of a pool that runs a statement. */
type Queryable = Pick<pg.Pool, 'query'>

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const uniqueViolation = '23505'
const readOnlyTransaction = '25006'
/** Connection exceptions; a server that starts, stops, has no room, or has ended an idle one. */
const unreachable = /^(?:08|57P|53300|25P0[34])/

interface PostgresError extends Error {
  readonly code: string
  readonly table?: string
  readonly detail?: string
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** Texts with which the driver says, without a code, that it has no connection any more. */
const lostWords = /^(?:Connection terminated|timeout exceeded|Query read timeout|Client has enc)/

/** Whether the server could not be asked, or the connection was lost on the way. */
export const isLost = (error: unknown): boolean => {
  const code = codeOf(error)
  if (code === readOnlyTransaction || unreachable.test(code)) return true
  // without a SQLSTATE it is the system's word, as ECONNREFUSED
  if (/^E[A-Z]+$/.test(code)) return true
  return error instanceof Error && lostWords.test(error.message)
}

/** Which record and which member a broken key is about, and what a lost connection means. */
export const translate = (error: unknown): unknown => {
  if (isLost(error)) {
    return new StorageFailed(`PostgreSQL cannot be reached: ${(error as Error).message}`)
  }
  if (codeOf(error) !== uniqueViolation) return error
  const { table = '', detail = '' } = error as PostgresError
  // `Key (domain_id, client_id)=(…)`, the same in every language of the server
  const [, columns = ''] = /\(([^)]*)\)=\(/.exec(detail) ?? []
  return duplicateRecord(table, columns.split(', '))
}

const bigintType = 20
const parseBigint = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`a bigint that is no safe number: ${text}`)
  return value
}

/** As SQLite gives them: numbers for bigint, bytes for bytea, text for everything unknown. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (type: number, format?: 'text' | 'binary') =>
    type === bigintType && format !== 'binary'
      ? parseBigint
      : pg.types.getTypeParser(type, format as 'text'),
}

export const openPool = ({ url, connectionsMax, waits, onLost }: PoolOptions): pg.Pool => {
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    types,
    application_name: 'mintmark',
    connectionTimeoutMillis: waits.connectMs,
    // of the driver, so that a server that went silent is noticed too
    query_timeout: waits.statementMs,
    keepAlive: true,
    idleTimeoutMillis: 60_000,
  })
  pool.on('error', onLost)
  // one that is lost while it is lent out says so by an event that nobody else listens to
  pool.on('connect', (client) => client.on('error', onLost))
  return pool
}

const namedMax = 200

/** A statement as PostgreSQL spells it. */
interface Spelled {
  readonly text: string
  name: string | null
  /** Places of values that are documents. */
  readonly documents: readonly number[]
}

const spelled = new Map<string, Spelled>()
/** SQLite's function; here it is a cast. */
const documentWord = /\bjsonb\(\$(\d+)\)/g

const spell = (sql: string): Spelled => {
  const documents = [...sql.matchAll(documentWord)].map((match) => Number(match[1]) - 1)
  return { text: sql.replace(documentWord, '$$$1::jsonb'), name: null, documents }
}

/**
 * A statement gets a name, and is prepared once a connection, when it comes a second time: filters
 * of lists come in more shapes than a server should keep.
 */
const spellingOf = (sql: string): Spelled => {
  const known = spelled.get(sql)
  if (known !== undefined) {
    known.name ??= `mm_${hash('sha256', sql, 'base64url').slice(0, 22)}`
    return known
  }
  const made = spell(sql)
  if (spelled.size < namedMax) spelled.set(sql, made)
  return made
}

/** No text of PostgreSQL holds it; nor does any of ours, so that a look-up by one finds nothing. */
const nul = String.fromCharCode(0)
const nowhere = '\uffff'

/** How a value is bound; bytes are not copied. */
const bound = (value: SqlValue): unknown => {
  if (typeof value === 'string') return value.includes(nul) ? value.replaceAll(nul, nowhere) : value
  if (!(value instanceof Uint8Array) || Buffer.isBuffer(value)) return value
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

/** A document without the one character that jsonb refuses. */
const boundDocument = (value: SqlValue | undefined): unknown => {
  if (typeof value !== 'string' || !value.includes('\\u0000')) return value
  const clean = (_: string, each: unknown): unknown =>
    typeof each === 'string' ? each.replaceAll(nul, nowhere) : each
  return JSON.stringify(JSON.parse(value), clean)
}

export interface Answer {
  readonly rows: readonly Row[]
  readonly changes: number
}

/** Runs one statement with its values bound. */
export const ask = async (
  on: Queryable,
  sql: string,
  params: readonly SqlValue[],
): Promise<Answer> => {
  const { text, name, documents } = spellingOf(sql)
  const values = params.map(bound)
  for (const at of documents) values[at] = boundDocument(params[at])
  const { rows, rowCount } = await on.query<Row>(
    name === null ? { text, values } : { name, text, values },
  )
  return { rows, changes: rowCount ?? 0 }
}
