import { join } from 'node:path'

/** The database in a data directory. */
export const databaseFile = (directory: string): string => join(directory, 'mintmark.db')
