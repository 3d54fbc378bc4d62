import { textHash } from './text-hash.ts'

/**
 * Short texts by name, as bytes outside of the heap: a hundred thousand of them cost the garbage
 * collector nothing, and a text is a string only while somebody uses it. What has not been asked
 * for since it was stored goes first. It may forget anything at any time, and never mixes up names.
 */
export interface TextMemory {
  get(name: string): string | undefined
  set(name: string, text: string): void
  delete(name: string): void
  clear(): void
}

export interface TextMemoryOptions {
  /** Bytes of all texts with their names; taken from the system as they are filled. */
  readonly bytesMax: number
  /** Bytes that are freed together; a text longer than an eighth of it is not kept. */
  readonly segmentBytes?: number
  /** Of a name, up to 53 bits; two names may have the same. */
  readonly hash?: (name: string) => number
}

/** What is assumed to size the index; when texts are shorter, some go early. */
const entryBytesAssumed = 256
/** Places where the entry of one hash may stand. */
const ways = 8
/** Of an entry: hash (8 bytes), bytes of name and text (4), length of the name and flags (4). */
const headBytes = 16
const unit = 8
const isWide = 1
const isUsed = 2
const flagBits = 2

/** Where entries are, by hash; full sets forget one. 0 is no entry. */
const createIndex = (entriesMax: number) => {
  const sets = 2 ** Math.ceil(Math.log2(Math.max(1, (entriesMax * 2) / ways)))
  const hashes = new Float64Array(sets * ways)
  const places = new Uint32Array(sets * ways)
  let turn = 0
  const slotOf = (hash: number): number => {
    const first = ((hash % 0x100000000) & (sets - 1)) * ways
    for (let slot = first; slot < first + ways; slot += 1) {
      if (places[slot] !== 0 && hashes[slot] === hash) return slot
    }
    return -1
  }
  return {
    find: (hash: number): number => {
      const slot = slotOf(hash)
      return slot < 0 ? 0 : (places[slot] as number)
    },
    put: (hash: number, place: number): void => {
      let slot = slotOf(hash)
      if (slot < 0) {
        const first = ((hash % 0x100000000) & (sets - 1)) * ways
        slot = first
        while (slot < first + ways && places[slot] !== 0) slot += 1
        if (slot === first + ways) {
          turn = (turn + 1) % ways
          slot = first + turn
        }
      }
      hashes[slot] = hash
      places[slot] = place
    },
    drop: (hash: number): void => {
      const slot = slotOf(hash)
      if (slot >= 0) places[slot] = 0
    },
    clear: (): void => void places.fill(0),
  }
}

/** Sets aside the room for texts. */
export const createTextMemory = (options: TextMemoryOptions): TextMemory => {
  const { segmentBytes = 65_536, hash: hashOf = textHash } = options
  const segments = Math.max(2, Math.floor(options.bytesMax / segmentBytes))
  // zeroed by the system, page by page as they are written
  const room = new ArrayBuffer(segments * segmentBytes)
  const bytes = Buffer.from(room)
  const hashes = new Float64Array(room)
  const numbers = new Uint32Array(room)
  const index = createIndex((segments * segmentBytes) / entryBytesAssumed)
  /** Of each segment, how far it is filled. */
  const filled = new Uint32Array(segments)
  let current = 0

  const sizeAt = (start: number): number =>
    Math.ceil((headBytes + (numbers[start / 4 + 2] as number)) / unit) * unit
  const placeOf = (start: number): number => start / unit + 1

  /** Keeps of a segment what was used, at most the half of it, and forgets the rest. */
  const sweep = (segment: number): void => {
    const base = segment * segmentBytes
    let kept = 0
    for (let at = 0; at < (filled[segment] as number); ) {
      const from = base + at
      const size = sizeAt(from)
      at += size
      const hash = hashes[from / 8] as number
      if (index.find(hash) !== placeOf(from)) continue
      const wasUsed = ((numbers[from / 4 + 3] as number) & isUsed) !== 0
      if (!wasUsed || kept + size > segmentBytes / 2) {
        index.drop(hash)
        continue
      }
      const to = base + kept
      bytes.copyWithin(to, from, from + size)
      numbers[to / 4 + 3] = (numbers[to / 4 + 3] as number) & ~isUsed
      index.put(hash, placeOf(to))
      kept += size
    }
    filled[segment] = kept
  }

  const makeRoom = (size: number): number => {
    if ((filled[current] as number) + size > segmentBytes) {
      current = (current + 1) % segments
      if ((filled[current] as number) + size > segmentBytes) sweep(current)
    }
    const start = current * segmentBytes + (filled[current] as number)
    filled[current] = (filled[current] as number) + size
    return start
  }

  return {
    get: (name) => {
      const place = index.find(hashOf(name))
      if (place === 0) return undefined
      const start = (place - 1) * unit
      const from = start + headBytes
      const end = from + (numbers[start / 4 + 2] as number)
      const flags = numbers[start / 4 + 3] as number
      if (flags >>> flagBits !== name.length) return undefined
      const both = bytes.toString((flags & isWide) === 0 ? 'latin1' : 'utf8', from, end)
      if (!both.startsWith(name)) return undefined
      numbers[start / 4 + 3] = flags | isUsed
      return both.slice(name.length)
    },
    set: (name, text) => {
      const hash = hashOf(name)
      const both = name + text
      const length = Buffer.byteLength(both)
      const size = Math.ceil((headBytes + length) / unit) * unit
      index.drop(hash)
      if (size > segmentBytes / 8) return
      const start = makeRoom(size)
      const isAscii = length === both.length
      hashes[start / 8] = hash
      numbers[start / 4 + 2] = length
      numbers[start / 4 + 3] = (name.length << flagBits) | (isAscii ? 0 : isWide)
      bytes.write(both, start + headBytes, length, isAscii ? 'latin1' : 'utf8')
      index.put(hash, placeOf(start))
    },
    delete: (name) => index.drop(hashOf(name)),
    clear: () => {
      index.clear()
      filled.fill(0)
    },
  }
}
