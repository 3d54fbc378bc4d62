import { randomInt } from 'node:crypto'

/** Proofs by their digests of 16 bytes, each until it expires; 20 bytes a place and no objects. */
export interface ProofMemory {
  size(): number
  has(digest: Uint8Array): boolean
  /** `digest` must be new here. */
  add(digest: Uint8Array, expiresAtSeconds: number): void
  /** Forgets what expired before an instant. @returns how many went */
  dropExpired(beforeSeconds: number): number
  /** No proof here expires before this second; infinite: there is none. */
  earliestSeconds(): number
}

const digestWords = 4
/** The digest, then its expiry in seconds; 0 there: a free place. */
const placeWords = digestWords + 1
const placesMin = 1024
const secondsMax = 0xffff_ffff

const wordOf = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)) >>>
  0

/** Odd factors of this process: nobody outside can choose digests that crowd one place. */
const factors = Array.from({ length: digestWords }, () => randomInt(0x1_0000_0000) | 1)

/** Places at most half full, searched one after the other from where the digest belongs. */
export const createProofMemory = (): ProofMemory => {
  let places = placesMin
  let table = new Uint32Array(places * placeWords)
  let size = 0
  let earliest = Number.POSITIVE_INFINITY
  const words = new Uint32Array(digestWords)

  const read = (digest: Uint8Array): void => {
    for (let at = 0; at < digestWords; at += 1) words[at] = wordOf(digest, at * 4)
  }

  /** Where the digest in `words` is, or the free place where it belongs. */
  const find = (): number => {
    let mixed = 0
    for (let at = 0; at < digestWords; at += 1) {
      mixed ^= Math.imul(words[at] as number, factors[at] as number)
      mixed ^= mixed >>> 15
    }
    let place = (mixed >>> 0) & (places - 1)
    for (;;) {
      const at = place * placeWords
      if (table[at + digestWords] === 0) return at
      let same = true
      for (let word = 0; word < digestWords; word += 1) {
        if (table[at + word] !== words[word]) same = false
      }
      if (same) return at
      place = (place + 1) & (places - 1)
    }
  }

  const put = (expiresAtSeconds: number): void => {
    const at = find()
    table.set(words, at)
    table[at + digestWords] = expiresAtSeconds
    earliest = Math.min(earliest, expiresAtSeconds)
  }

  /** Moves what is still needed into a table of the right size. */
  const rebuild = (keptMax: number, keepFromSeconds: number): void => {
    const old = table
    places = placesMin
    while (places < keptMax * 2) places *= 2
    table = new Uint32Array(places * placeWords)
    size = 0
    earliest = Number.POSITIVE_INFINITY
    for (let at = 0; at < old.length; at += placeWords) {
      const expiresAt = old[at + digestWords] as number
      if (expiresAt === 0 || expiresAt < keepFromSeconds) continue
      for (let word = 0; word < digestWords; word += 1) words[word] = old[at + word] as number
      put(expiresAt)
      size += 1
    }
  }

  return {
    size: () => size,
    has: (digest) => {
      read(digest)
      return table[find() + digestWords] !== 0
    },
    add: (digest, expiresAtSeconds) => {
      if ((size + 1) * 2 > places) rebuild(places, 0)
      read(digest)
      put(Math.min(Math.max(1, Math.ceil(expiresAtSeconds)), secondsMax))
      size += 1
    },
    dropExpired: (beforeSeconds) => {
      if (earliest >= beforeSeconds) return 0
      const before = size
      rebuild(size, beforeSeconds)
      return before - size
    },
    earliestSeconds: () => earliest,
  }
}
