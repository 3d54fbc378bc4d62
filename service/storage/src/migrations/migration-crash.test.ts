import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { loadClient } from '../client-snapshot.ts'
import { openSqlite } from '../sqlite/sqlite-database.ts'
import * as golden from './golden/golden-rows.ts'
import { migrate } from './migrate.ts'
import { schemaNumber } from './schema-number.ts'

const writer = join(import.meta.dirname, 'migration-writer.ts')
const folder = join(import.meta.dirname, 'golden')
const files = readdirSync(folder).filter((name) => name.endsWith('.db'))

/** More for a long run: MINTMARK_CRASH_ROUNDS=200. */
const kills = Math.ceil(Number(process.env['MINTMARK_CRASH_ROUNDS'] ?? 6) / 6)

/** @returns whether it was killed before it was through */
const migrateAndKill = async (path: string): Promise<boolean> => {
  const child = spawn(process.execPath, ['--conditions=mintmark-source', writer, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    setTimeout(() => child.kill('SIGKILL'), Math.random() * 12)
  })
  await once(child, 'close')
  return !output.includes('migrated')
}

describe('migrations: kill -9 (F-44)', () => {
  it(`go on where they were killed, from each of ${files.length} schemas`, {
    timeout: 60_000 + files.length * kills * 5000,
  }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mintmark-migration-'))
    let cut = 0
    try {
      for (const file of files) {
        const path = join(directory, file)
        copyFileSync(join(folder, file), path)
        for (let round = 0; round < kills; round += 1) if (await migrateAndKill(path)) cut += 1
        const database = openSqlite({ path, examine: true })
        await migrate(database)
        const rows = await database.read.all('SELECT number FROM schema_migration', [])
        assert.equal(rows.length, schemaNumber, file)
        const client = await loadClient(database.read, golden.goldenDomain, 'nightly')
        assert.deepEqual(client?.application, golden.goldenClient, file)
        assert.deepEqual(client?.secrets, [golden.goldenSecret], file)
        await database.close()
      }
      assert.ok(cut > 0, 'no migration was cut short')
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
