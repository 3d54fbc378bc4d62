import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { newDirectory, startServe } from '../test-process.ts'

const home = newDirectory()
const credentials = { id: 'operations', secret: 'mms_of_the_tests_of_the_export_01234567' }
const folder = join(home.path, 'files')
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
let session: Record<string, string> = {}

let stop: () => Promise<unknown> = async () => {}
after(async () => {
  await stop()
  home.remove()
})

/** The command as a shell starts it; `$@` stands for it. */
const run = (shell: string, ...words: readonly string[]) => {
  const all = ['-c', shell, 'sh', process.execPath, main, ...words]
  const env = { PATH: process.env['PATH'], ...session }
  return spawnSync('sh', all, { encoding: 'utf8', env, cwd: folder })
}

before(async () => {
  mkdirSync(folder)
  const server = await startServe({
    MINTMARK_DATA: join(home.path, 'data'),
    MINTMARK_BOOTSTRAP_CLIENT_ID: credentials.id,
    MINTMARK_BOOTSTRAP_CLIENT_SECRET: credentials.secret,
  })
  stop = () => server.end('SIGTERM')
  session = {
    MINTMARK_URL: server.plain,
    MINTMARK_CLIENT_ID: credentials.id,
    MINTMARK_CLIENT_SECRET: credentials.secret,
  }
})

test('export -f leaves the file that was there when the disk is full', () => {
  const file = join(folder, 'domain.yaml')
  writeFileSync(file, 'the last one\n')
  chmodSync(file, 0o600)
  const full = run('ulimit -f 0; "$@"', 'export', '-f', 'domain.yaml')
  assert.equal(full.status, 1, full.stderr)
  assert.match(full.stderr, /EFBIG/)
  assert.equal(readFileSync(file, 'utf8'), 'the last one\n')
  assert.deepEqual(readdirSync(folder), ['domain.yaml'])
  const whole = run('"$@"', 'export', '-f', 'domain.yaml')
  assert.equal(whole.status, 0, whole.stderr)
  assert.equal(readFileSync(file, 'utf8'), run('"$@"', 'export').stdout)
  assert.equal(statSync(file).mode & 0o777, 0o600, 'its rights are kept')
})

test('export -f writes to a pipe, and asks for nothing that it cannot write', () => {
  const printed = run('"$@" | cat', 'export', '-f', '/dev/stdout')
  assert.match(printed.stdout, /^applications:$/m)
  session = { ...session, MINTMARK_URL: 'http://127.0.0.1:1' }
  const refused = run('"$@"', 'export', '-f', '.')
  assert.equal(refused.status, 6, refused.stderr)
  assert.match(refused.stderr, /^✖ \. is a folder: name a file to write to\.\n$/)
  const backup = run('MINTMARK_BACKUP_PASSPHRASE="correct horse battery" "$@"', 'db', 'backup', '.')
  assert.match(backup.stderr, /is a folder/)
})
