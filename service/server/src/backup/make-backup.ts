import { createReadStream, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { copySnapshot } from '@mintmark/storage/sqlite/copy-snapshot'
import { databaseFile } from '../composition/database-file.ts'
import { newId } from '../signing/random-ids.ts'
import { version } from '../version.ts'
import { newHeader, sealBackup } from './backup-format.ts'

/** A copy lies beside the data while it is sent; what a killed process left is removed. */
const copyPattern = /^backup-\w+\.tmp$/

export const removeCopies = (directory: string): void => {
  for (const name of readdirSync(directory)) {
    if (copyPattern.test(name)) rmSync(join(directory, name), { force: true })
  }
}

export type MakeBackup = (passphrase: string) => Promise<AsyncIterable<Uint8Array> | 'under-way'>

/** Backups of a server that runs, one at a time. */
export const createBackups = (directory: string, domain: string): MakeBackup => {
  let isUnderWay = false
  return async (passphrase) => {
    if (isUnderWay) return 'under-way'
    isUnderWay = true
    const copy = join(directory, `backup-${newId()}.tmp`)
    const end = (): void => {
      isUnderWay = false
      for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(copy + suffix, { force: true })
    }
    try {
      const createdAtMs = Date.now()
      await copySnapshot(databaseFile(directory), copy)
      const header = newHeader({ domain, createdAtMs, server: version })
      return endingBy(sealBackup(createReadStream(copy), header, passphrase), end)
    } catch (error) {
      end()
      throw error
    }
  }
}

/** Whatever ends it, the copy goes. */
async function* endingBy(source: AsyncGenerator<Buffer>, end: () => void): AsyncGenerator<Buffer> {
  try {
    yield* source
  } finally {
    end()
  }
}
