import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { checkCrashed, readSaid, type Said } from './crash-check.ts'
import { openSqlite } from './sqlite-database.ts'

/** More for a long run: MINTMARK_CRASH_ROUNDS=200. */
const rounds = Number(process.env['MINTMARK_CRASH_ROUNDS'] ?? 6)

const writer = join(import.meta.dirname, 'crash-writer.ts')

/**
 * Runs the writer, kills it a while after it is ready, or after it has stored something of each
 * kind, however slow the machine is.
 * @returns what it had acknowledged
 */
const writeAndKill = async (path: string, round: number, before: readonly string[]) => {
  const args = ['--conditions=mintmark-source', writer, path, String(round), before.join(',')]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const cues = round % 2 === 0 ? ['ready'] : ['created', 'issued']
  const isHeard = (said: string): boolean => cues.every((cue) => said.includes(cue))
  let output = ''
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (text: string) => {
    if (!isHeard(output) && isHeard(output + text)) {
      setTimeout(() => child.kill('SIGKILL'), Math.random() * 60)
    }
    output += text
  })
  await once(child, 'close')
  assert.ok(output.includes('ready'), 'the writer did not start')
  return readSaid(output)
}

const check = async (path: string, said: Pick<Said, 'issued' | 'created'>): Promise<void> => {
  const database = openSqlite({ path })
  try {
    await checkCrashed(database, said)
  } finally {
    await database.close()
  }
}

describe('sqlite: kill -9', () => {
  it(`loses nothing acknowledged and accepts no proof twice, ${rounds} times`, {
    timeout: 60_000 + rounds * 2000,
  }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mintmark-crash-'))
    try {
      const path = join(directory, 'mintmark.db')
      const issued: string[] = []
      const created: string[] = []
      for (let round = 0; round < rounds; round += 1) {
        const before = issued.slice(-20)
        const said = await writeAndKill(path, round, before)
        assert.deepEqual(
          said.again,
          before.map((name) => `${name} replayed`),
        )
        issued.push(...said.issued)
        created.push(...said.created)
        await check(path, { issued, created })
      }
      assert.ok(issued.length > 0 && created.length > 0, 'nothing was put to the test')
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
