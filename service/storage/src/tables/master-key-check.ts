import type { Statements } from '../database.ts'

/** The text that the first server sealed; null: none has. */
export const findKeyCheck = async (
  statements: Statements,
  domainId: string,
): Promise<string | null> => {
  const rows = await statements.all('SELECT sealed FROM master_key_check WHERE domain_id = $1', [
    domainId,
  ])
  return (rows[0]?.['sealed'] as string | undefined) ?? null
}

/** Must run inside the transaction that found none. */
export const putKeyCheck = async (
  statements: Statements,
  domainId: string,
  sealed: string,
): Promise<void> => {
  await statements.run('INSERT INTO master_key_check (domain_id, sealed) VALUES ($1, $2)', [
    domainId,
    sealed,
  ])
}
