import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { basic, newDirectory, post, startCommand, startServe } from '../test-process.ts'

const home = newDirectory()
const credentials = { id: 'operations', secret: 'mms_of_the_tests_of_the_backup_01234567' }
const passphrase = 'correct horse battery staple'
const file = join(home.path, 'all.backup')
const data = join(home.path, 'data')

const settings = (directory: string) => ({
  MINTMARK_DATA: directory,
  MINTMARK_BOOTSTRAP_CLIENT_ID: credentials.id,
  MINTMARK_BOOTSTRAP_CLIENT_SECRET: credentials.secret,
})

const run = async (words: readonly string[], environment: Record<string, string> = {}) => {
  const started = startCommand(words, { MINTMARK_BACKUP_PASSPHRASE: passphrase, ...environment })
  return { code: await started.ended, err: started.errors() }
}

const askToken = (url: string) =>
  post(
    `${url}/oauth2/v1/token`,
    { grant_type: 'client_credentials', scope: 'urn:opc:idm:__myscopes__' },
    { authorization: basic(credentials.id, credentials.secret) },
  )

/** The command where no file may have more blocks of 512 bytes, as where a disk is full. */
const runWithin = (blocks: number, words: readonly string[], more: Record<string, string>) => {
  const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
  const limited = ['-c', 'ulimit -f "$0"; exec "$@"', String(blocks), process.execPath, main]
  const env = { PATH: process.env['PATH'], MINTMARK_BACKUP_PASSPHRASE: passphrase, ...more }
  return spawnSync('sh', [...limited, ...words], { encoding: 'utf8', env })
}

after(() => home.remove())

let cursor = ''

/** The cursor of the feed, as somebody who follows it holds it. */
const feed = async (url: string, from: string): Promise<{ status: number; cursor: string }> => {
  const token = (await askToken(url)).json['access_token']
  const query = from === '' ? '' : `?cursor=${encodeURIComponent(from)}`
  const answer = await fetch(`${url}/api/v1/revocations${query}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const body = (await answer.json()) as { revocations?: string }
  const claims = String(body.revocations).split('.')[1] ?? ''
  const read = answer.ok ? JSON.parse(Buffer.from(claims, 'base64url').toString()).cursor : ''
  return { status: answer.status, cursor: read }
}

before(async () => {
  const server = await startServe(settings(data))
  const session = {
    MINTMARK_URL: server.plain,
    MINTMARK_CLIENT_ID: credentials.id,
    MINTMARK_CLIENT_SECRET: credentials.secret,
  }
  cursor = (await feed(server.plain, '')).cursor
  const made = await run(['db', 'backup', file], session)
  assert.equal(made.code, 0, made.err)
  const blocks = Math.floor((statSync(file).size - 1) / 512)
  const within = runWithin(blocks, ['db', 'backup', `${file}.cut`], session)
  assert.equal(within.status, 1, within.stderr)
  assert.match(within.stderr, /EFBIG/)
  assert.deepEqual(
    readdirSync(home.path).filter((name) => name.includes('cut')),
    [],
  )
  const short = await run(['db', 'backup', join(home.path, 'x')], {
    ...session,
    MINTMARK_BACKUP_PASSPHRASE: 'short',
  })
  assert.equal(short.code, 6, short.err)
  assert.deepEqual(
    readdirSync(data).filter((name) => name.includes('backup')),
    [],
  )
  await server.end('SIGKILL')
})

const place = (name: string): string => {
  const directory = join(home.path, name)
  mkdirSync(directory, { mode: 0o700 })
  copyFileSync(join(data, 'master.key'), join(directory, 'master.key'))
  return directory
}

test('what is in the backup is not readable, but its first line', () => {
  const bytes = readFileSync(file)
  const line = JSON.parse(bytes.subarray(0, bytes.indexOf(10)).toString())
  assert.equal(line.format, 'mintmark-backup')
  assert.ok(!bytes.includes('SQLite format'))
  assert.ok(!bytes.includes(credentials.id))
})

test('restored data serves, has another feed, and says what was done', async () => {
  const directory = place('restored')
  const restored = await run(['db', 'restore', file, '--data', directory])
  assert.equal(restored.code, 0, restored.err)
  assert.match(restored.err, /Assertions and DPoP proofs made before 2.* are refused/)
  const missing = await run(['db', 'restore', 'none.backup', '--data', place('never')])
  assert.equal(missing.code, 3, missing.err)
  assert.match(missing.err, /^✖ none\.backup: there is no such file or folder\.\n$/)
  const again = await run(['db', 'restore', file, '--data', directory])
  assert.equal(again.code, 6)
  assert.match(again.err, /There is a database in .* already/)
  const server = await startServe(settings(directory))
  try {
    assert.equal((await askToken(server.plain)).status, 200)
    assert.equal((await feed(server.plain, cursor)).status, 410)
    assert.equal((await feed(server.plain, '')).status, 200)
  } finally {
    await server.end('SIGTERM')
  }
})

test('another passphrase, a changed byte, a cut: refused, and nothing is there', async () => {
  const bytes = readFileSync(file)
  const spoiled = join(home.path, 'spoiled.backup')
  const tries: readonly [string, () => void, Record<string, string>, RegExp][] = [
    [
      'wrong',
      () => writeFileSync(spoiled, bytes),
      { MINTMARK_BACKUP_PASSPHRASE: 'x'.repeat(20) },
      /passphrase is another/,
    ],
    [
      'header',
      () => writeFileSync(spoiled, bytes.toString('latin1').replace('idcs-', 'idcz-'), 'latin1'),
      {},
      /altered/,
    ],
    [
      'byte',
      () => {
        const copy = Buffer.from(bytes)
        const middle = Math.floor(copy.length / 2)
        copy[middle] = (copy[middle] ?? 0) ^ 1
        writeFileSync(spoiled, copy)
      },
      {},
      /altered/,
    ],
    [
      'cut',
      () => {
        writeFileSync(spoiled, bytes)
        truncateSync(spoiled, bytes.length - 3000)
      },
      {},
      /altered/,
    ],
    ['none', () => writeFileSync(spoiled, 'hello\n'), {}, /is no backup/],
  ]
  for (const [what, spoil, environment, expected] of tries) {
    spoil()
    const directory = place(`spoiled-${what}`)
    const { code, err } = await run(['db', 'restore', spoiled, '--data', directory], environment)
    assert.equal(code, 6, what)
    assert.match(err, expected, what)
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.includes('mintmark.db')),
      [],
    )
  }
})

test('kill -9 at any moment of a restore leaves all or nothing; the next ends well', async () => {
  const directory = place('killed')
  for (let delayMs = 60; delayMs <= 900; delayMs += 70) {
    const started = startCommand(['db', 'restore', file, '--data', directory], {
      MINTMARK_BACKUP_PASSPHRASE: passphrase,
    })
    const timer = setTimeout(() => started.child.kill('SIGKILL'), delayMs)
    await started.ended
    clearTimeout(timer)
    if (existsSync(join(directory, 'mintmark.db'))) break
    if (existsSync(join(directory, 'mintmark.db.restoring'))) {
      const refused = startCommand(['serve'], {
        MINTMARK_LISTEN: '127.0.0.1:0',
        ...settings(directory),
      })
      assert.equal(await refused.ended, 6)
      assert.match(refused.errors(), /restore was begun here and did not end/)
    }
  }
  if (!existsSync(join(directory, 'mintmark.db'))) {
    assert.equal((await run(['db', 'restore', file, '--data', directory])).code, 0)
  }
  const server = await startServe(settings(directory))
  assert.equal((await askToken(server.plain)).status, 200)
  await server.end('SIGTERM')
})
