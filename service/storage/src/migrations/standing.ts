import type { Statements } from '../database.ts'
import { schemaNumber } from './schema-number.ts'

/** How the schema of a database stands to that of this program. */
export interface MigrationStanding {
  /** 0: none yet. */
  readonly schema: number
  /** The newest one that this program knows. */
  readonly known: number
  /** Whether this program may start on it: every step that it does not know allows that. */
  readonly worksHere: boolean
}

/** Steps after this one say who may work on beside them. */
export const firstWithWorksFrom = 17

/** Whether every step that is not known allows a program that knows only so many. */
export const mayWorkOn = async (
  statements: Pick<Statements, 'all'>,
  newest: number,
  knownCount: number,
): Promise<boolean> => {
  if (newest <= knownCount) return true
  if (knownCount < firstWithWorksFrom) return false
  const refusing = await statements.all(
    `SELECT number FROM schema_migration
     WHERE number > $1 AND (works_from IS NULL OR works_from > $1)`,
    [knownCount],
  )
  return refusing.length === 0
}

/** Reads the schema of a database; changes nothing. */
export const readStanding = async (
  statements: Pick<Statements, 'all'>,
): Promise<MigrationStanding> => {
  const [found] = await statements.all('SELECT max(number) AS newest FROM schema_migration', [])
  const schema = Number(found?.['newest'] ?? 0)
  const worksHere = await mayWorkOn(statements, schema, schemaNumber)
  return { schema, known: schemaNumber, worksHere }
}
