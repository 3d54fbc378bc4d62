import type { Database } from './database.ts'
import { migrate } from './migrations/migrate.ts'

/** A database made for one test. */
export interface TestDatabase {
  readonly database: Database
  /** Closes it and opens the same data again. */
  reopen(): Promise<Database>
  /** Closes and removes it. */
  remove(): Promise<void>
}

export type CreateTestDatabase = () => Promise<TestDatabase>

/** Runs a test on an empty, migrated database. */
export const withDatabase = async (
  create: CreateTestDatabase,
  test: (database: Database, made: TestDatabase) => Promise<void>,
): Promise<void> => {
  const made = await create()
  try {
    await migrate(made.database)
    await test(made.database, made)
  } finally {
    await made.remove()
  }
}
