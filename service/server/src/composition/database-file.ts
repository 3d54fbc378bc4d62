import { join } from 'node:path'

/** The database in a data directory. */
export const databaseFile = (directory: string): string => join(directory, 'mintmark.db')

/** What a restore has not finished; no database yet. */
export const unfinishedFile = (directory: string): string =>
  join(directory, 'mintmark.db.restoring')
