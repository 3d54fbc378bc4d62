import type { CreateTestDatabase } from '../contract-database.ts'
import { migrate } from '../migrations/migrate.ts'
import { openPostgres } from './postgres-database.ts'
import { type PostgresTestServer, startPostgres, whyNoPostgres } from './postgres-test-server.ts'

/** PostgreSQL for the tests of one file. */
export interface PostgresForTests {
  /** Why its tests are left out; false: they are not. */
  readonly skip: string | false
  start(): Promise<void>
  stop(): Promise<void>
  server(): PostgresTestServer
  /** A new database. */
  readonly create: CreateTestDatabase
}

export const postgresForTests = (): PostgresForTests => {
  let running: PostgresTestServer | null = null
  const server = (): PostgresTestServer => {
    if (running === null) throw new Error('start PostgreSQL first')
    return running
  }
  let migrated: Promise<string> | null = null
  const makeMigrated = async (): Promise<string> => {
    const url = await server().createDatabase()
    const database = openPostgres({ url })
    await migrate(database)
    await database.close()
    return url
  }
  /** The steps are run once: a copy of what they make takes a fifth of their time. */
  const createMigrated = async (): Promise<string> => {
    migrated ??= makeMigrated()
    return server().createDatabase(await migrated)
  }
  return {
    skip: whyNoPostgres() ?? false,
    start: async () => {
      running = await startPostgres()
      migrated = null
    },
    stop: async () => running?.remove(),
    server,
    create: async (content) => {
      const url = await (content === 'empty' ? server().createDatabase() : createMigrated())
      let database = openPostgres({ url })
      return {
        database,
        reopen: async () => {
          await database.close()
          database = openPostgres({ url })
          return database
        },
        remove: () => database.close(),
      }
    },
  }
}
