/** Lines to a stream whose reader may be slow, stop or go away: bounded, and in nobody's way. */
import type { Writable } from 'node:stream'

export interface LineWriter {
  write(line: string): void
  /** Hands on what is held back. @param done called when it is taken, or nobody reads for 1 s */
  flush(done?: () => void): void
}

const batchCharacters = 8_192
const heldBytesMax = 16 * 1_048_576
const batchMilliseconds = 100
const flushMillisecondsMax = 1_000

/**
 * Writes in batches, up to 100 ms late. What nobody reads is held up to 16 MiB, then dropped and
 * counted; who reads again is told how many lines. A stream that is gone costs nothing but them.
 */
export const createLineWriter = (stream: Writable): LineWriter => {
  let batch = ''
  let timer: NodeJS.Timeout | null = null
  let dropped = 0

  const send = (done?: () => void): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const text = batch
    batch = ''
    if (text !== '' || done !== undefined) stream.write(text, () => done?.())
  }
  const write = (line: string): void => {
    if (stream.writableLength + batch.length > heldBytesMax) {
      dropped += 1
      return
    }
    batch += line
    if (batch.length >= batchCharacters) send()
    else timer ??= setTimeout(send, batchMilliseconds).unref()
  }
  // A log that cannot be written must not end the program (EPIPE), nor hold its memory.
  stream.on('error', () => {})
  stream.on('drain', () => {
    if (dropped === 0) return
    const time = new Date().toISOString()
    const line = { level: 'warn', time, msg: 'nobody read the log: lines were dropped', dropped }
    dropped = 0
    write(`${JSON.stringify(line)}\n`)
  })
  process.on('exit', () => send())
  return {
    write,
    flush: (done = () => {}) => {
      const late = setTimeout(done, flushMillisecondsMax)
      send(() => {
        clearTimeout(late)
        done()
      })
    },
  }
}
