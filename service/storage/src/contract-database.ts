import type { Database } from './database.ts'

/** A database made for one test. */
export interface TestDatabase {
  readonly database: Database
  /** Closes it and opens the same data again. */
  reopen(): Promise<Database>
  /** Closes and removes it. */
  remove(): Promise<void>
}

/** Makes an empty database, or one that has been migrated. */
export type CreateTestDatabase = (content: 'empty' | 'migrated') => Promise<TestDatabase>

/** Runs a test on an empty, migrated database. */
export const withDatabase = async (
  create: CreateTestDatabase,
  test: (database: Database, made: TestDatabase) => Promise<void>,
): Promise<void> => {
  const made = await create('migrated')
  try {
    await test(made.database, made)
  } finally {
    await made.remove()
  }
}
