/** The master key in a PKCS#11 token, read by the command of docs/operating/keys.md. */
import { equal, match, ok } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { assertOk } from './kit/answers.ts'
import { askToken } from './kit/ask.ts'
import { askHappening } from './kit/explain-rounds.ts'
import { cBasic } from './kit/fixtures.ts'
import { startOurs } from './kit/start-domain.ts'

const softHsm = '/usr/lib/softhsm/libsofthsm2.so'
const isHere =
  existsSync(softHsm) &&
  ['softhsm2-util', 'pkcs11-tool'].every((name) => spawnSync(name, ['--help']).error === undefined)
const skip = isHere ? false : 'softhsm2 and opensc are not installed'

const pin = '1234'
const tool = `pkcs11-tool --module ${softHsm} --token-label mintmark --login --pin env:HSM_PIN`
const object = '--type data --label mintmark-master-key'

test('SoftHSM gives the master key; with a wrong PIN no server starts', { skip }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-hsm-'))
  const configuration = join(directory, 'softhsm2.conf')
  mkdirSync(join(directory, 'tokens'))
  writeFileSync(configuration, `directories.tokendir = ${join(directory, 'tokens')}\n`)
  const hsm = { SOFTHSM2_CONF: configuration, HSM_PIN: pin }
  const run = (command: string): void => {
    const [program = '', ...words] = command.split(' ')
    const done = spawnSync(program, words, { env: { ...process.env, ...hsm }, encoding: 'utf8' })
    equal(done.status, 0, done.stderr)
  }
  const keyFile = join(directory, 'key')
  const key = randomBytes(32).toString('base64')
  writeFileSync(keyFile, key)
  run(`softhsm2-util --init-token --free --label mintmark --so-pin 5678 --pin ${pin}`)
  run(`${tool} --private --write-object ${keyFile} ${object}`)
  rmSync(keyFile)
  const command = `${tool} --read-object ${object}`
  const environment = { ...hsm, MINTMARK_MASTER_KEY_COMMAND: command }
  const first = await startOurs({ environment })
  let domain = first
  try {
    ok(!existsSync(join(first.dataDirectory, 'master.key')), 'no key lies in the data')
    const client = await cBasic(first)
    assertOk(await askToken(first, client))
    domain = await first.restart({ signal: 'SIGKILL' })
    assertOk(await askToken(domain, client))
    const check = await askHappening(domain, 'GET', '/keys/check')
    equal(check.json?.['ok'], true, check.text)
    ok(!domain.log().includes(key))
    await domain.process().stop()
    const wrong = domain.restart({ environment: { ...environment, HSM_PIN: '9999' } })
    await wrong.then(
      () => ok(false, 'it started without the key'),
      (error: Error) => match(error.message, /Cannot start: .*master key/i),
    )
  } finally {
    await domain.stop()
    rmSync(directory, { recursive: true })
  }
})
