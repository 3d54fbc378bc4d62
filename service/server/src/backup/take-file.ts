import { rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

const pieceBytes = 262_144
/** After each piece: a client that takes them as they come would keep a processor from others. */
const restMs = 2

/**
 * The pieces lie in turn in the same memory: with some for each, V8 would collect all its garbage
 * after every twenty megabytes, and tokens would wait for that.
 */
async function* piecesInTurn(file: FileHandle): AsyncGenerator<Buffer> {
  const memory = Array.from({ length: 3 }, () => Buffer.allocUnsafeSlow(pieceBytes))
  for (let turn = 0; ; turn = (turn + 1) % memory.length) {
    const { bytesRead, buffer } = await file.read(memory[turn] as Buffer)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
    await sleep(restMs)
  }
}

/**
 * What is in a file, which has no name any more when this returns.
 *
 * @returns a stream that is to be piped or destroyed: a piece stays as it is until the next but one
 *   is asked for, and no longer
 */
export const takeFile = async (path: string): Promise<Readable> => {
  const file = await open(path)
  rmSync(path)
  // one piece waits while the one before it leaves; nothing else keeps any
  const stream = Readable.from(piecesInTurn(file), { objectMode: false, highWaterMark: 1 })
  return stream.once('close', () => void file.close())
}
