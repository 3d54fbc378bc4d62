import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { BackupRefused, chunkBytes, newHeader, openBackup, sealBackup } from './backup-format.ts'

const passphrase = 'a passphrase of the tests'
const header = newHeader({ domain: 'd', createdAtMs: 1, server: 'test' })
const sealedChunk = chunkBytes + 16

async function* inParts(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 50_001) yield bytes.subarray(at, at + 50_001)
}

const seal = (bytes: Buffer): Promise<Buffer> =>
  buffer(sealBackup(inParts(bytes), header, passphrase))

const open = async (sealed: Buffer): Promise<Buffer> =>
  buffer((await openBackup(inParts(sealed), passphrase)).pieces)

test('what is sealed is opened again, and pages that are alike take little room', async () => {
  const pages = Buffer.concat([randomBytes(300_000), Buffer.alloc(3_000_000, 'a page')])
  const sealed = await seal(pages)
  assert.ok(sealed.length < 310_000, `${sealed.length}`)
  assert.ok((await open(sealed)).equals(pages))
  assert.equal((await open(await seal(Buffer.alloc(0)))).length, 0)
})

test('chunks that are missing, moved or altered are refused', async () => {
  const sealed = await seal(randomBytes(400_000))
  const start = sealed.indexOf(10) + 1
  const chunk = (number: number) =>
    sealed.subarray(start + number * sealedChunk, start + (number + 1) * sealedChunk)
  const line = sealed.subarray(0, start)
  const altered = Buffer.from(sealed)
  altered[start + 3 * sealedChunk] = (altered[start + 3 * sealedChunk] ?? 0) ^ 1
  const spoiled = {
    altered,
    cut: sealed.subarray(0, -10_000),
    'cut at a chunk': sealed.subarray(0, start + 3 * sealedChunk),
    'without the last': sealed.subarray(0, start + 6 * sealedChunk),
    moved: Buffer.concat([line, chunk(1), chunk(0), sealed.subarray(start + 2 * sealedChunk)]),
    dropped: Buffer.concat([line, chunk(0), sealed.subarray(start + 2 * sealedChunk)]),
    'of another header': Buffer.from(
      sealed.toString('latin1').replace('"createdAtMs":1', '"createdAtMs":2'),
      'latin1',
    ),
  }
  for (const [what, bytes] of Object.entries(spoiled)) {
    await assert.rejects(open(bytes), BackupRefused, what)
  }
})
