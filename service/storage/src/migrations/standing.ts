import type { Statements } from '../database.ts'
import { schemaNumber } from './schema-number.ts'

/** How the schema of a database stands to that of this program. */
export interface MigrationStanding {
  /** 0: none yet. */
  readonly schema: number
  /** The newest one that this program knows. */
  readonly known: number
}

/** Reads the schema of a database; changes nothing. */
export const readStanding = async (
  statements: Pick<Statements, 'all'>,
): Promise<MigrationStanding> => {
  const [found] = await statements.all('SELECT max(number) AS newest FROM schema_migration', [])
  return { schema: Number(found?.['newest'] ?? 0), known: schemaNumber }
}
