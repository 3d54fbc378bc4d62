import assert from 'node:assert/strict'
import { hash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { takeFile } from './take-file.ts'

const withFile = async (bytes: Buffer, test: (path: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'mintmark-take-file-'))
  try {
    const path = join(folder, 'file')
    writeFileSync(path, bytes)
    await test(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('a file that is taken', () => {
  for (const restMs of [0, 5]) {
    it(`comes whole to whoever rests ${restMs} ms after each piece`, () => {
      const bytes = randomBytes(12_000_001)
      return withFile(bytes, async (path) => {
        const server = createServer(async (_, response) => {
          const stream = await takeFile(path)
          assert.equal(existsSync(path), false)
          stream.pipe(response)
        })
        await once(server.listen(0, '127.0.0.1'), 'listening')
        try {
          const { port } = server.address() as AddressInfo
          const answer = await fetch(`http://127.0.0.1:${port}/`)
          const pieces: Uint8Array[] = []
          for await (const piece of answer.body ?? []) {
            pieces.push(piece)
            if (restMs > 0) await sleep(restMs)
          }
          const came = Buffer.concat(pieces)
          assert.equal(came.length, bytes.length)
          assert.equal(hash('sha256', came), hash('sha256', bytes))
        } finally {
          server.close()
        }
      })
    })
  }

  it('is closed where nobody reads it', () =>
    withFile(randomBytes(1000), async (path) => {
      const stream = await takeFile(path)
      const closed = once(stream, 'close')
      stream.destroy()
      await closed
    }))
})
