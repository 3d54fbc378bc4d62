/**
 * The bytes of a database file as they are at one moment, while others go on writing to it: read
 * from the file itself and from the log beside it, so that there is no copy to be written.
 * https://www.sqlite.org/fileformat2.html#walformat
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/** Pages in one piece: a mebibyte of those that we make. */
const pagesAtOnce = 256
const logHeaderBytes = 32
const frameHeaderBytes = 24
const triesMax = 100

/** Which pages of the moment are in the log, and where. */
interface LoggedPages {
  /** Number of all pages of the moment. */
  readonly pages: number
  /** Number of a page, counted from 1 -> where it begins in the log. */
  readonly places: ReadonlyMap<number, number>
}

const readAt = (descriptor: number, bytes: number, at: number): Buffer => {
  const buffer = Buffer.alloc(bytes)
  return buffer.subarray(0, readSync(descriptor, buffer, 0, bytes, at))
}

const pageBytesOf = (file: number): number => {
  const told = readAt(file, 18, 0).readUInt16BE(16)
  return told === 1 ? 65_536 : told
}

/** Those of the first `count` frames. Null: the log was begun anew while it was read. */
const readLog = (log: number, count: number, pageBytes: number): LoggedPages | null => {
  const salts = readAt(log, logHeaderBytes, 0).subarray(16, 24)
  const places = new Map<number, number>()
  let pages = 0
  for (let frame = 0; frame < count; frame += 1) {
    const at = logHeaderBytes + frame * (frameHeaderBytes + pageBytes)
    const header = readAt(log, frameHeaderBytes, at)
    if (header.length < frameHeaderBytes || !header.subarray(8, 16).equals(salts)) return null
    places.set(header.readUInt32BE(0), at + frameHeaderBytes)
    pages = header.readUInt32BE(4)
  }
  return pages === 0 ? null : { pages, places }
}

/** Frames in the log that are committed, and how many of them are in the file too. */
type AskLog = () => { readonly log: number; readonly checkpointed: number }

/**
 * While a transaction reads, nothing that was committed after its beginning gets into the file, and
 * the log is begun anew only if all of it was in the file at that beginning. So the file, and over
 * it all frames of the log up to any later commit, are the state of that commit.
 */
const findLogged = (log: number, pageBytes: number, ask: AskLog): LoggedPages | null => {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const { log: count, checkpointed } = ask()
    // the file has all of it, and will have no more as long as the transaction lasts
    if (count === checkpointed) return null
    const found = readLog(log, count, pageBytes)
    if (found !== null && ask().log >= count) return found
  }
  throw new Error('the log of the database changes faster than it is read')
}

/** Pages of the free list that hold nothing any more. */
const freePages = (readPage: (number: number) => Buffer): ReadonlySet<number> => {
  const trunks = new Set<number>()
  const free = new Set<number>()
  for (let trunk = readPage(1).readUInt32BE(32); trunk !== 0; ) {
    if (trunks.has(trunk)) throw new Error('the free list of the database is damaged')
    trunks.add(trunk)
    const page = readPage(trunk)
    const leaves = page.readUInt32BE(4)
    for (let leaf = 0; leaf < leaves; leaf += 1) free.add(page.readUInt32BE(8 + leaf * 4))
    trunk = page.readUInt32BE(0)
  }
  return free
}

/**
 * Pieces of the state at which the first is asked for; of pages that are free there are zeros.
 *
 * @param path of a database that is open in this process, with a write-ahead log
 * @param file the same, opened by whoever will never close it: closing it would end all locks that
 *   SQLite has on the file in this process
 */
export function* snapshotPieces(path: string, file: number): Generator<Buffer> {
  const log = openSync(`${path}-wal`, 'r')
  const holding = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
  const asking = new DatabaseSync(path, { timeout: 5000 })
  try {
    holding.exec('BEGIN; SELECT count(*) FROM sqlite_schema')
    const standing = asking.prepare('PRAGMA wal_checkpoint(NOOP)')
    const pageBytes = pageBytesOf(file)
    const logged = findLogged(log, pageBytes, () => standing.get() as ReturnType<AskLog>)
    const readPage = (number: number): Buffer => {
      const place = logged?.places.get(number)
      const isLogged = place !== undefined
      const page = readAt(isLogged ? log : file, pageBytes, place ?? (number - 1) * pageBytes)
      if (page.length === pageBytes) return page
      throw new Error(`page ${number} of the database is missing`)
    }
    const pages = logged?.pages ?? readPage(1).readUInt32BE(28)
    const free = freePages(readPage)
    for (let first = 1; first <= pages; first += pagesAtOnce) {
      const count = Math.min(pagesAtOnce, pages - first + 1)
      const piece = Buffer.alloc(count * pageBytes)
      const read = readSync(file, piece, 0, piece.length, (first - 1) * pageBytes)
      for (let number = first; number < first + count; number += 1) {
        const at = (number - first) * pageBytes
        if (free.has(number)) piece.fill(0, at, at + pageBytes)
        else if (logged?.places.has(number) || at + pageBytes > read) {
          readPage(number).copy(piece, at)
        }
      }
      yield piece
    }
  } finally {
    asking.close()
    holding.close()
    closeSync(log)
  }
}
