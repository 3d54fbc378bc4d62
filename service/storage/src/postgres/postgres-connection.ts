import { hash } from 'node:crypto'
import type pg from 'pg'
import { duplicateRecord, type Row, type SqlValue, StorageFailed } from '../database.ts'

/** A connection that has been lent out. */
export interface Connection {
  readonly client: pg.PoolClient
  /** Statements of it may reach different sessions: a pooler stands between. */
  readonly pooled: boolean
}

/** A pooler tells each client of a session that does not exist. */
export const isPooled = (client: pg.ClientBase, pid: unknown): boolean =>
  'processID' in client && client.processID !== pid

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

/** SQLSTATE, or what the system calls it; empty: neither. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** The connection leads to a server that may not be written to, or not any more. */
export class NotPrimary extends Error {}

/** Texts with which the driver says, without a code, that it has no connection any more. */
const lostWords = /^(?:Connection terminated|timeout exceeded|Query read timeout|Client has enc)/

/** Whether the server could not be asked, or the connection was lost on the way. */
export const isLost = (error: unknown): boolean => {
  if (error instanceof NotPrimary) return true
  const code = codeOf(error)
  if (code === readOnlyTransaction || unreachable.test(code)) return true
  // without a SQLSTATE it is the system's word, as ECONNREFUSED
  if (/^E[A-Z]+$/.test(code)) return true
  return error instanceof Error && lostWords.test(error.message)
}

/** A lock or an answer that was not waited for any longer; a server without room. */
const busy = /^(?:55P03|57014|53|40P01)/

/** Which record and which member a broken key is about, and what a lost connection means. */
export const translate = (error: unknown): unknown => {
  if (isLost(error)) {
    return new StorageFailed(`PostgreSQL cannot be reached: ${(error as Error).message}`)
  }
  if (busy.test(codeOf(error))) {
    return new StorageFailed(`PostgreSQL is busy: ${(error as Error).message}`)
  }
  if (codeOf(error) !== uniqueViolation) return error
  const { table = '', detail = '' } = error as PostgresError
  // `Key (domain_id, client_id)=(…)`, the same in every language of the server
  const [, columns = ''] = /\(([^)]*)\)=\(/.exec(detail) ?? []
  return duplicateRecord(table, columns.split(', '))
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

/** Statements that make and remove tables hold names and numbers of which none comes again. */
const definition = /^(?:ALTER|CREATE|DROP) /

/**
 * A statement gets a name, and is prepared once a connection, when it comes a second time: filters
 * of lists come in more shapes than a server should keep.
 */
const spellingOf = (sql: string): Spelled => {
  if (definition.test(sql)) return { text: sql, name: null, documents: [] }
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

/** Runs one statement with its values bound; behind a pooler nothing is prepared for later. */
export const ask = async (
  on: Connection,
  sql: string,
  params: readonly SqlValue[],
): Promise<Answer> => {
  const { text, name, documents } = spellingOf(sql)
  const values = params.map(bound)
  for (const at of documents) values[at] = boundDocument(params[at])
  const { rows, rowCount } = await on.client.query<Row>(
    name === null || on.pooled ? { text, values } : { name, text, values },
  )
  return { rows, changes: rowCount ?? 0 }
}
