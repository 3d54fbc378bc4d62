/** A disk that is full: nothing is promised that is not on it, and the server goes on by itself. */
import { equal, match, ok } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { askToken } from './kit/ask.ts'
import { cBasic } from './kit/fixtures.ts'
import { send } from './kit/http.ts'
import { noDataFile } from './kit/mintmark-domain.ts'
import { startOurs } from './kit/start-domain.ts'

const size = 'size=6m'

const mount = (at: string): boolean =>
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', at]).status === 0

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

test('F-04 full disk: 503 with Retry-After, and tokens again within a second of room', {
  skip: noDataFile,
}, async (t) => {
  const disk = mkdtempSync(join(tmpdir(), 'mintmark-disk-'))
  if (!mount(disk)) {
    rmSync(disk, { recursive: true })
    t.skip('a disk of its own takes root')
    return
  }
  const filler = join(disk, 'filler')
  try {
    const domain = await startOurs({ environment: { MINTMARK_DATA: join(disk, 'data') } })
    try {
      const client = await cBasic(domain)
      equal((await askToken(domain, client)).status, 200)
      fill(filler)
      let answer = await askToken(domain, client)
      for (let tries = 0; tries < 3000 && answer.status === 200; tries += 1) {
        answer = await askToken(domain, client)
      }
      equal(answer.status, 503, answer.text)
      equal(answer.json?.['error'], 'temporarily_unavailable')
      match(answer.headers['retry-after'] ?? 'no Retry-After', /^[1-9]\d*$/)
      const keys = await send({ url: `${domain.url}/.well-known/jwks.json`, method: 'GET' })
      equal(keys.status, 200, 'what only reads goes on')
      const unready = await send({ url: `${domain.url}/readyz`, method: 'GET' })
      equal(unready.status, 503)
      match(unready.text, /database: the disk is full/)
      equal(domain.process().child.exitCode, null)
      rmSync(filler)
      const roomAt = Date.now()
      while ((await askToken(domain, client)).status !== 200) {
        ok(Date.now() - roomAt < 1000, 'no token although there is room')
        await sleep(20)
      }
      const ready = await send({ url: `${domain.url}/readyz`, method: 'GET' })
      equal(ready.status, 200, ready.text)
      fill(filler)
      while ((await askToken(domain, client)).status === 200);
      rmSync(filler)
      const emptiedAt = Date.now()
      while ((await send({ url: `${domain.url}/readyz`, method: 'GET' })).status !== 200) {
        ok(Date.now() - emptiedAt < 2000, 'not ready although there is room, and nobody asks')
        await sleep(20)
      }
    } finally {
      await domain.stop()
    }
  } finally {
    spawnSync('umount', [disk])
    rmSync(disk, { recursive: true, force: true })
  }
})
