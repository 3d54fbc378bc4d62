/** A disk that is full: nothing is promised that is not on it, and the server goes on by itself. */
import { equal, match, ok } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { introspect, issue, revoke } from './kit/afterlife.ts'
import { askToken } from './kit/ask.ts'
import { cBasic, makeClient, rs } from './kit/fixtures.ts'
import { type Answer, send } from './kit/http.ts'
import { type MintmarkDomain, noDataFile } from './kit/mintmark-domain.ts'
import { startOurs } from './kit/start-domain.ts'
import type { Client } from './kit/test-domain.ts'

const mount = (at: string, megabytes: number): boolean =>
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', at]).status === 0

/** Takes all the room there is left. */
const fill = (path: string): void => {
  for (const bytes of [65_536, 4096]) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(bytes), { flag: 'a' })
    } catch {
      // full
    }
  }
}

/** Runs a server on a disk of its own. */
const onDisk = async (
  t: TestContext,
  megabytes: number,
  work: (domain: MintmarkDomain, disk: string) => Promise<void>,
): Promise<void> => {
  const disk = mkdtempSync(join(tmpdir(), 'mintmark-disk-'))
  if (!mount(disk, megabytes)) {
    rmSync(disk, { recursive: true })
    t.skip('a disk of its own takes root')
    return
  }
  try {
    const domain = await startOurs({ environment: { MINTMARK_DATA: join(disk, 'data') } })
    try {
      await work(domain, disk)
    } finally {
      await domain.stop()
    }
  } finally {
    spawnSync('umount', [disk])
    rmSync(disk, { recursive: true, force: true })
  }
}

/** Asks for tokens until the disk has no room for another. @returns the refusal */
const askUntilFull = async (domain: MintmarkDomain, client: Client): Promise<Answer> => {
  for (let tries = 0; tries < 5000; tries += 1) {
    const answer = await askToken(domain, client)
    if (answer.status !== 200) return answer
  }
  throw new Error('the disk is not full')
}

const untilToken = async (domain: MintmarkDomain, client: Client): Promise<void> => {
  const roomAt = Date.now()
  while ((await askToken(domain, client)).status !== 200) {
    ok(Date.now() - roomAt < 1000, 'no token although there is room')
    await sleep(20)
  }
}

const askReady = (domain: MintmarkDomain): Promise<Answer> =>
  send({ url: `${domain.url}/readyz`, method: 'GET' })

const skip = noDataFile

test(
  'F-04 full disk: 503 with Retry-After, and tokens again within a second of room',
  {
    skip,
  },
  (t) =>
    // too small for a reserve
    onDisk(t, 6, async (domain, disk) => {
      const filler = join(disk, 'filler')
      const client = await cBasic(domain)
      equal((await askToken(domain, client)).status, 200)
      fill(filler)
      const answer = await askUntilFull(domain, client)
      equal(answer.status, 503, answer.text)
      equal(answer.json?.['error'], 'temporarily_unavailable')
      match(answer.headers['retry-after'] ?? 'no Retry-After', /^[1-9]\d*$/)
      const keys = await send({ url: `${domain.url}/.well-known/jwks.json`, method: 'GET' })
      equal(keys.status, 200, 'what only reads goes on')
      const unready = await askReady(domain)
      equal(unready.status, 503)
      match(unready.text, /database: the disk is full/)
      equal(domain.process().child.exitCode, null)
      rmSync(filler)
      await untilToken(domain, client)
      const ready = await askReady(domain)
      equal(ready.status, 200, ready.text)
      fill(filler)
      await askUntilFull(domain, client)
      rmSync(filler)
      const emptiedAt = Date.now()
      while ((await askReady(domain)).status !== 200) {
        ok(Date.now() - emptiedAt < 2000, 'not ready although there is room, and nobody asks')
        await sleep(20)
      }
    }),
)

test(
  'F-04 full disk: what ends something is stored on the reserve, and nothing else',
  {
    skip,
  },
  (t) =>
    onDisk(t, 40, async (domain, disk) => {
      const reserve = join(disk, 'data', 'reserve')
      const whole = 8 * 2 ** 20
      const client = await cBasic(domain)
      const other = await makeClient(domain)
      const tokens = [await issue(domain, client), await issue(domain, client)] as const
      while ((statSync(reserve, { throwIfNoEntry: false })?.size ?? 0) < whole) await sleep(50)
      const filler = join(disk, 'filler')
      fill(filler)
      await askUntilFull(domain, client)
      ok(statSync(reserve).size < whole)
      equal((await revoke(domain, client, tokens[0])).status, 200)
      await domain.setActive(other, false)
      // somebody else takes what was let go: another piece is
      fill(filler)
      for (let tries = 0; (await revoke(domain, client, tokens[1])).status !== 200; tries += 1) {
        ok(tries < 3, 'a revocation finds no room although there is a reserve')
      }
      const creation = await domain.admin.ask('POST', '/Apps', { displayName: 'More' })
      equal(creation.status, 503, creation.text)
      equal((await askToken(domain, client)).status, 503)
      match((await askReady(domain)).text, /database: the disk is full/)
      rmSync(filler)
      await untilToken(domain, client)
      equal(statSync(reserve).size, whole)
      equal((await askReady(domain)).status, 200)
      equal((await askToken(domain, other)).json?.['error'], 'invalid_client')
      const api = (await rs(domain)).client as Client
      for (const token of tokens) {
        const answer = await introspect(domain, api, token)
        equal(answer.json?.['active'], false, answer.text)
      }
    }),
)
