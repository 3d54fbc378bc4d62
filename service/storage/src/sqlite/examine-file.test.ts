import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { migrate } from '../migrations/migrate.ts'
import { examineFile } from './examine-file.ts'
import { openSqlite } from './sqlite-database.ts'

test('a file is examined beside the server, and damage is told once', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-examine-'))
  const path = join(directory, 'mintmark.db')
  // the examination itself holds nobody back
  const alive = setInterval(() => {}, 1000)
  try {
    const database = openSqlite({ path })
    await migrate(database)
    await database.close()
    const content = readFileSync(path)
    content.fill(0xa5, 3 * 4096, 4 * 4096)
    writeFileSync(path, content)
    const told = await new Promise<string>((resolve) => void examineFile(path, resolve, 0))
    assert.match(told, /\w+ \w+/)
    const stopped = [0, 50].map((ms) => examineFile(path, () => assert.fail('it was stopped'), ms))
    await new Promise((resolve) => setTimeout(resolve, 10))
    for (const each of stopped) each.stop()
    await new Promise((resolve) => setTimeout(resolve, 300))
  } finally {
    clearInterval(alive)
    rmSync(directory, { recursive: true })
  }
})
