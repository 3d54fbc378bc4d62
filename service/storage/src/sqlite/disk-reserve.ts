import { randomFillSync } from 'node:crypto'
import { closeSync, openSync, statfsSync, statSync, truncateSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Room on the disk that is taken in advance, to be let go when there is no other left. */
export interface DiskReserve {
  /** Lets some of it go; from then on it is in use, until it is whole again. */
  letGo(): void
  /** Takes what is missing, where that leaves room for others. @returns whether it is whole */
  fill(): boolean
  isInUse(): boolean
}

/** What is let go at a time: whoever else fills the disk gets no more of it than this. */
const pieceBytes = 1024 * 1024
/** What must stay free beside it: less would be full again at once. */
const sparePieces = 2

/** What a disk that is in trouble does not let us is left: nobody depends on it. */
const isDone = (act: () => void): boolean => {
  try {
    act()
    return true
  } catch {
    return false
  }
}

const sizeOf = (path: string): number => {
  let bytes = 0
  isDone(() => {
    bytes = statSync(path).size
  })
  return bytes
}

/** Not zeros, which some file systems store without taking room for them. */
const append = (path: string, bytes: number): void => {
  const piece = randomFillSync(Buffer.allocUnsafe(pieceBytes))
  const file = openSync(path, 'a', 0o600)
  try {
    for (let left = bytes; left > 0; ) left -= writeSync(file, piece, 0, Math.min(left, pieceBytes))
  } finally {
    closeSync(file)
  }
}

/**
 * A reserve in a file of its own, which holds nothing. It may be there already, in part.
 *
 * @param pieces of a mebibyte
 */
export const openDiskReserve = (path: string, pieces: number): DiskReserve => {
  const wholeBytes = pieces * pieceBytes
  let isInUse = false
  return {
    letGo: () => {
      const keptBytes = sizeOf(path)
      if (keptBytes === 0) return
      const isLetGo = isDone(() => truncateSync(path, Math.max(0, keptBytes - pieceBytes)))
      isInUse ||= isLetGo
    },
    fill: () => {
      const keptBytes = sizeOf(path)
      const missingBytes = wholeBytes - keptBytes
      const isFilled = isDone(() => {
        const { bavail, bsize } = statfsSync(dirname(path))
        const isRoom = bavail * bsize >= missingBytes + sparePieces * pieceBytes
        if (!isRoom) throw new Error('there is no room for it')
        if (missingBytes > 0) append(path, missingBytes)
      })
      if (isFilled) isInUse = false
      else if (sizeOf(path) > keptBytes) isDone(() => truncateSync(path, keptBytes))
      return isFilled
    },
    isInUse: () => isInUse,
  }
}
