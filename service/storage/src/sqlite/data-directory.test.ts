import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { claimDataDirectory, DataDirectoryInUse } from './data-directory.ts'

const module = JSON.stringify(new URL('./data-directory.ts', import.meta.url).href)
const owner = `
import { claimDataDirectory } from ${module}
try {
  claimDataDirectory(process.env.DIRECTORY)
  process.stdout.write('owner')
  setInterval(() => {}, 1000)
} catch (error) {
  process.stdout.write(error.message)
}`

const start = async (directory: string): Promise<{ child: ChildProcess; said: string }> => {
  const child = spawn(
    process.execPath,
    ['--conditions=mintmark-source', '--input-type=module', '-e', owner],
    { env: { ...process.env, DIRECTORY: directory }, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [said] = (await once(child.stdout!, 'data')) as [Buffer]
  return { child, said: said.toString() }
}

const inDirectory = async (test: (directory: string) => Promise<void>): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-owner-'))
  try {
    await test(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

describe('one server a data directory', () => {
  it('refuses a second owner in the same process until the first lets go', () =>
    inDirectory(async (directory) => {
      const claim = claimDataDirectory(directory)
      assert.throws(() => claimDataDirectory(directory), DataDirectoryInUse)
      claim.release()
      claim.release()
      claimDataDirectory(directory).release()
    }))

  it('refuses a second process, names the first, and outlives kill -9', { timeout: 20_000 }, () =>
    inDirectory(async (directory) => {
      const first = await start(directory)
      try {
        assert.equal(first.said, 'owner')
        const second = await start(directory)
        await once(second.child, 'exit')
        assert.match(second.said, new RegExp(`in use .*pid ${first.child.pid}.*MINTMARK_DATA`, 's'))
        assert.throws(() => claimDataDirectory(directory), DataDirectoryInUse)
      } finally {
        first.child.kill('SIGKILL')
        await once(first.child, 'exit')
      }
      // the killed owner's files are still there, its lock is not
      claimDataDirectory(directory).release()
    }),
  )
})
