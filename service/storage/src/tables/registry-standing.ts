import type { Statements } from '../database.ts'

/** How the registry of a domain stands. */
export interface RegistryStanding {
  /** Another one after each change. */
  readonly version: number
  /** Applications up to this id are counted; null: all are. */
  readonly countedUntil: string | null
}

/** A domain that nothing was changed in since it was made has none yet. */
const untouched: RegistryStanding = { version: 0, countedUntil: null }

/** Reads how the registry stands: one row by its key. */
export const findStanding = async (
  statements: Statements,
  domainId: string,
): Promise<RegistryStanding> => {
  const [row] = await statements.all(
    'SELECT version, counted_until FROM registry_standing WHERE domain_id = $1',
    [domainId],
  )
  if (row === undefined) return untouched
  return { version: Number(row['version']), countedUntil: row['counted_until'] as string | null }
}

/**
 * Notes that this transaction changes the registry.
 *
 * @returns up to which id applications are counted; null: all are
 */
export const touchRegistry = async (
  statements: Statements,
  domainId: string,
): Promise<string | null> => {
  const [row] = await statements.all(
    `INSERT INTO registry_standing (domain_id, version) VALUES ($1, 1)
     ON CONFLICT (domain_id) DO UPDATE SET version = registry_standing.version + 1
     RETURNING counted_until`,
    [domainId],
  )
  return (row?.['counted_until'] ?? null) as string | null
}

/** Notes how far applications are counted. */
export const putCountedUntil = async (
  statements: Statements,
  domainId: string,
  countedUntil: string | null,
): Promise<void> => {
  await statements.run('UPDATE registry_standing SET counted_until = $2 WHERE domain_id = $1', [
    domainId,
    countedUntil,
  ])
}
