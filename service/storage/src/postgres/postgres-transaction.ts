import { type Row, type SqlValue, type Statements, StorageFailed } from '../database.ts'
import { type Answer, ask, type Connection, isLost } from './postgres-connection.ts'

/** Milliseconds that a commit may take: the disk, and the standby that has to have it. */
const commitMsUsually = 5000

/**
 * Whoever writes takes this turn. It ends with the transaction, after its changes can be seen, and
 * belongs to it and not to the session, so that a pooler between us may share sessions.
 */
export const takeWritesTurn =
  "SELECT pg_advisory_xact_lock(hashtext('mintmark writes'), hashtext(current_schema()))"

/**
 * PostgreSQL calls a commit done that gave up to wait for its standby, so none may be given up:
 * past its time the connection is, and nobody is told that anything was stored.
 */
const commitWords = 'SET LOCAL statement_timeout = 0; COMMIT'

/** @throws StorageFailed when a statement before has failed: COMMIT then answers ROLLBACK */
const commitOn = async ({ client }: Connection, commitMs: number): Promise<void> => {
  const commit = { text: commitWords, query_timeout: commitMs }
  const answers = (await client.query(commit)) as unknown as readonly { readonly command: string }[]
  if (answers.at(-1)?.command === 'COMMIT') return
  throw new StorageFailed('PostgreSQL rolled the transaction back')
}

export const asStatements = (
  run: (sql: string, params: readonly SqlValue[]) => Promise<Answer>,
): Statements => ({
  all: async (sql, params): Promise<readonly Row[]> => (await run(sql, params)).rows,
  run: async (sql, params) => ({ changes: (await run(sql, params)).changes }),
})

/**
 * Runs `work` between the beginning of a transaction and its commit.
 *
 * @param commitMs how long the commit may take
 */
export const inTransaction = async <T>(
  connection: Connection,
  beginWords: string,
  work: (statements: Statements) => Promise<T>,
  commitMs = commitMsUsually,
): Promise<T> => {
  let open = true
  let lost: unknown = null
  const statements = asStatements(async (sql, params) => {
    if (!open) throw new StorageFailed('the transaction of this statement has ended')
    try {
      return await ask(connection, sql, params)
    } catch (error) {
      if (isLost(error)) lost = error
      throw error
    }
  })
  try {
    await connection.client.query(beginWords)
    const value = await work(statements)
    await commitOn(connection, commitMs)
    return value
  } catch (error) {
    // whatever `work` made of it, nobody may use this connection again
    if (lost !== null) throw lost
    if (!isLost(error)) await connection.client.query('ROLLBACK')
    throw error
  } finally {
    open = false
  }
}
