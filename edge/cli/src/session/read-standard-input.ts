import { readSync } from 'node:fs'

const charsMax = 16 * 1024 * 1024
const pauseMs = 5

const pause = (): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs)
}

/** One piece; null: nothing yet, because whoever writes the other end of the pipe is slower. */
const readPiece = (buffer: Buffer): number | null => {
  try {
    return readSync(0, buffer)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EAGAIN') return null
    if (code === 'EOF') return 0
    throw error
  }
}

/**
 * All of standard input. Pipes between commands of Node.js may not wait when they are empty, so
 * that is done here.
 * @throws Error for more than any file of use has
 */
export const readStandardInput = (): string => {
  const pieces: Buffer[] = []
  let size = 0
  for (;;) {
    const buffer = Buffer.allocUnsafe(65_536)
    const count = readPiece(buffer)
    if (count === 0) return Buffer.concat(pieces).toString('utf8')
    if (count === null) pause()
    else pieces.push(buffer.subarray(0, count))
    size += count ?? 0
    if (size > charsMax) throw new Error('Standard input holds over 16 MiB.')
  }
}
