import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { newDirectory, type RunningServe, startCommand, startServe } from '../test-process.ts'

const home = newDirectory()
const credentials = { id: 'operations', secret: 'mms_of_the_tests_of_the_keys_0123456789' }
let server: RunningServe

before(async () => {
  server = await startServe({
    MINTMARK_DATA: join(home.path, 'data'),
    MINTMARK_BOOTSTRAP_CLIENT_ID: credentials.id,
    MINTMARK_BOOTSTRAP_CLIENT_SECRET: credentials.secret,
  })
})

after(async () => {
  await server.end('SIGTERM')
  home.remove()
})

const mintmark = async (...words: readonly string[]) => {
  const started = startCommand(words, {
    MINTMARK_URL: server.plain,
    MINTMARK_CLIENT_ID: credentials.id,
    MINTMARK_CLIENT_SECRET: credentials.secret,
  })
  return { code: await started.ended, out: started.output(), err: started.errors() }
}

interface Key {
  readonly kid: string
  readonly algorithm: string
  readonly state: string
}

const keys = async (): Promise<readonly Key[]> => {
  const { code, out, err } = await mintmark('key', 'list', '-o', 'json')
  assert.equal(code, 0, err)
  return JSON.parse(out).keys
}

test('keys are listed, followed by others, and withdrawn by their name', async () => {
  const listed = await mintmark('key', 'list')
  assert.match(listed.out, /^KEY +ALGORITHM +STATE +AGE +NEXT +AT\n/)
  assert.match(listed.out, /ES256 +active +0 h +replace +2/)

  const examined = await mintmark('key', 'doctor')
  assert.equal(examined.code, 0, examined.err)
  assert.match(examined.err, /master key \(from a file\) opens all 2 sealed records/)

  const rotated = await mintmark('key', 'rotate', '--algorithm', 'ES256')
  assert.equal(rotated.code, 0, rotated.err)
  assert.match(rotated.err, /Published/)
  assert.match(rotated.out, /ES256 +published +0 h +activate +2/)
  assert.match((await mintmark('key', 'rotate', '--algorithm', 'ES256')).err, /under way already/)

  const active = (await keys()).find((key) => key.state === 'active' && key.algorithm === 'ES256')
  const unasked = await mintmark('key', 'revoke', active?.kid ?? '')
  assert.equal(unasked.code, 2)
  assert.match(unasked.err, /Add --yes/)
  const revoked = await mintmark('key', 'revoke', active?.kid ?? '', '--yes')
  assert.equal(revoked.code, 0, revoked.err)
  assert.ok(!(await keys()).some(({ kid }) => kid === active?.kid))
  assert.equal((await mintmark('key', 'revoke', active?.kid ?? '', '--yes')).code, 3)
})
