/** Brings a file to the newest schema until it is killed, for `migration-crash.test.ts`. */
import { writeSync } from 'node:fs'
import { openSqlite } from '../sqlite/sqlite-database.ts'
import { migrate } from './migrate.ts'

const database = openSqlite({ path: process.argv[2] ?? '' })
writeSync(1, 'ready\n')
await migrate(database)
writeSync(1, 'migrated\n')
await database.close()
