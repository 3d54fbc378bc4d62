import type { Statements } from '../database.ts'
import { translate } from './postgres-connection.ts'
import { createHosts } from './postgres-hosts.ts'
import { boundWords, openPool, type PoolBounds } from './postgres-pool.ts'
import { inTransaction } from './postgres-transaction.ts'

/** Of each statement, of which there are many: how long all of them take together has no bound. */
const bounds: PoolBounds = {
  connectionsMax: 1,
  waitingMax: 1,
  connectMs: 5000,
  statementMs: 30_000,
  lockMs: 1000,
  silenceMs: 32_000,
  idleMs: 1,
}
/** Whoever reads and then stops would keep PostgreSQL from removing old rows. */
const idleMaxMs = 60_000

/** The lock comes before the look: no part of the audit goes that the look would still need. */
const begin = `
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
${boundWords(bounds, 'LOCAL')};
SET LOCAL idle_in_transaction_session_timeout = ${idleMaxMs};
LOCK TABLE audit_pack IN ACCESS SHARE MODE`

/**
 * Reads a database as it is at one moment, with all that was acknowledged before, while others go
 * on writing to it: over a connection of its own, so that nobody waits for one.
 *
 * @throws StorageFailed when it cannot be reached, or is lost on the way
 */
export const readSnapshot = async <T>(
  url: string,
  work: (statements: Statements) => Promise<T>,
): Promise<T> => {
  const hosts = createHosts(url)
  await hosts.seek()
  const pool = openPool(hosts, bounds)
  try {
    return await pool.lend((connection) => inTransaction(connection, begin, work))
  } catch (error) {
    throw translate(error)
  } finally {
    await pool.end()
  }
}
