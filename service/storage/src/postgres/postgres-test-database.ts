import type { CreateTestDatabase } from '../contract-database.ts'
import { openPostgres } from './postgres-database.ts'
import { type PostgresTestServer, startPostgres, whyNoPostgres } from './postgres-test-server.ts'

/** PostgreSQL for the tests of one file. */
export interface PostgresForTests {
  /** Why its tests are left out; false: they are not. */
  readonly skip: string | false
  start(): Promise<void>
  stop(): Promise<void>
  server(): PostgresTestServer
  /** A new, empty database. */
  readonly create: CreateTestDatabase
}

export const postgresForTests = (): PostgresForTests => {
  let running: PostgresTestServer | null = null
  const server = (): PostgresTestServer => {
    if (running === null) throw new Error('start PostgreSQL first')
    return running
  }
  return {
    skip: whyNoPostgres() ?? false,
    start: async () => {
      running = await startPostgres()
    },
    stop: async () => running?.remove(),
    server,
    create: async () => {
      const url = await server().createDatabase()
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
