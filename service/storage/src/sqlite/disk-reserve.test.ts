import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openDiskReserve } from './disk-reserve.ts'

const pieceBytes = 2 ** 20
/** More than any disk has. */
const endless = 2 ** 40

const inFolder = (work: (path: string) => void): void => {
  const folder = mkdtempSync(join(tmpdir(), 'mintmark-reserve-'))
  try {
    work(join(folder, 'reserve'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const pieces = (path: string): number => statSync(path).size / pieceBytes

describe('a reserve of the disk', () => {
  it('takes its room, lets go of it piece by piece, and takes it back', () =>
    inFolder((path) => {
      const reserve = openDiskReserve(path, 3)
      assert.ok(reserve.fill())
      assert.deepEqual([pieces(path), reserve.isInUse()], [3, false])
      reserve.letGo()
      assert.deepEqual([pieces(path), reserve.isInUse()], [2, true])
      reserve.letGo()
      reserve.letGo()
      reserve.letGo()
      assert.deepEqual([pieces(path), reserve.isInUse()], [0, true])
      assert.ok(reserve.fill())
      assert.deepEqual([pieces(path), reserve.isInUse()], [3, false])
    }))

  it('takes nothing where there is no room for all of it', () =>
    inFolder((path) => {
      writeFileSync(path, Buffer.alloc(2 * pieceBytes))
      const reserve = openDiskReserve(path, endless)
      assert.equal(reserve.fill(), false)
      assert.equal(pieces(path), 2)
      reserve.letGo()
      assert.equal(reserve.fill(), false)
      assert.deepEqual([pieces(path), reserve.isInUse()], [1, true])
    }))

  it('is not in use when there never was one', () =>
    inFolder((path) => {
      const reserve = openDiskReserve(path, endless)
      reserve.letGo()
      assert.equal(reserve.isInUse(), false)
    }))

  it('goes on with what the server before it left', () =>
    inFolder((path) => {
      openDiskReserve(path, 3).fill()
      const reserve = openDiskReserve(path, 4)
      assert.equal(reserve.isInUse(), false)
      assert.ok(reserve.fill())
      assert.equal(pieces(path), 4)
    }))
})
