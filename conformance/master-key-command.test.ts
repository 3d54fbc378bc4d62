/** The master key from a program in place of a file: a restart opens what it has sealed. */
import { equal, match, ok } from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { assertOk } from './kit/answers.ts'
import { askToken } from './kit/ask.ts'
import { askHappening } from './kit/explain-rounds.ts'
import { cBasic } from './kit/fixtures.ts'
import { startOurs } from './kit/start-domain.ts'

const key = Buffer.alloc(32, 9).toString('base64')

test('a command gives the master key, to every process; another key is refused', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-key-'))
  const file = join(directory, 'key')
  writeFileSync(file, key)
  const environment = { MINTMARK_MASTER_KEY_COMMAND: `cat ${file}`, MINTMARK_WORKERS: '2' }
  const first = await startOurs({ environment })
  let domain = first
  try {
    ok(!existsSync(join(first.dataDirectory, 'master.key')), 'no key lies in the data')
    const client = await cBasic(first)
    assertOk(await askToken(first, client))
    domain = await first.restart({ signal: 'SIGKILL' })
    assertOk(await askToken(domain, client))
    const check = await askHappening(domain, 'GET', '/keys/check')
    equal(check.status, 200, check.text)
    equal(check.json?.['ok'], true, check.text)
    equal(check.json?.['masterKey'], 'command')
    ok(!domain.log().includes(key))
    writeFileSync(file, Buffer.alloc(32, 8).toString('base64'))
    await domain.process().stop()
    await domain.restart().then(
      () => ok(false, 'it started with another master key'),
      (error: Error) => match(error.message, /not the one that the keys/),
    )
  } finally {
    await domain.stop()
    rmSync(directory, { recursive: true })
  }
})
