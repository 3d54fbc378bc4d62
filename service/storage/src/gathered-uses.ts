/** A secret by its id, and when it was used. */
export type SecretUse = readonly [id: string, atMs: number]

const idBytes = 16
const useBytes = idBytes + 6
const usesMin = 1024
const prefixes = 65_536

/** Uses of secrets that wait to be stored: 22 bytes each, outside of the heap. */
export interface GatheredUses {
  readonly size: number
  add(id: string, atMs: number): void
  /** All of them; none is gathered then. */
  take(): OrderedUses
}

/** In the order of their ids as far as two bytes tell, which is that of the pages they lie on. */
export interface OrderedUses {
  readonly left: number
  /** The next of them; the same again before `drop`. */
  next(usesMax: number): readonly SecretUse[]
  /** So many of them are done with. */
  drop(count: number): void
}

/** From so many on to count is cheaper than to compare, and would hold up others for long. */
const countedMin = 4096

/** Places of the uses, by the first two bytes of each. */
const orderOf = (bytes: Buffer, size: number): Uint32Array => {
  const prefixAt = (use: number): number => bytes.readUInt16BE(use * useBytes)
  if (size < countedMin) {
    return Uint32Array.from({ length: size }, (_, use) => use).sort(
      (one, other) => prefixAt(one) - prefixAt(other),
    )
  }
  // one pass to count, and one to place
  const starts = new Uint32Array(prefixes + 1)
  for (let use = 0; use < size; use += 1) starts[prefixAt(use) + 1]! += 1
  for (let at = 0; at < prefixes; at += 1) starts[at + 1]! += starts[at] as number
  const order = new Uint32Array(size)
  for (let use = 0; use < size; use += 1) {
    const prefix = prefixAt(use)
    order[starts[prefix] as number] = use
    starts[prefix]! += 1
  }
  return order
}

const ordered = (bytes: Buffer, size: number, others: readonly SecretUse[]): OrderedUses => {
  const order = orderOf(bytes, size)
  let done = 0
  const useAt = (at: number): SecretUse => {
    const other = others[at]
    if (other !== undefined) return other
    const place = (order[at - others.length] as number) * useBytes
    const idEnd = place + idBytes
    return [bytes.toString('hex', place, idEnd), bytes.readUIntBE(idEnd, 6)]
  }
  const countLeft = (): number => others.length + size - done
  return {
    get left() {
      return countLeft()
    },
    next: (usesMax) => {
      const length = Math.min(usesMax, countLeft())
      return Array.from({ length }, (_, index) => useAt(done + index))
    },
    drop: (count) => {
      done += count
    },
  }
}

export const noUses: OrderedUses = ordered(Buffer.alloc(0), 0, [])

export const createGatheredUses = (): GatheredUses => {
  let bytes = Buffer.allocUnsafeSlow(usesMin * useBytes)
  let size = 0
  /** Ids of another form than ours. */
  let others: SecretUse[] = []
  const makeRoom = (): void => {
    if ((size + 1) * useBytes <= bytes.length) return
    const before = bytes
    bytes = Buffer.allocUnsafeSlow(before.length * 2)
    before.copy(bytes)
  }
  return {
    get size() {
      return size + others.length
    },
    add: (id, atMs) => {
      if (!/^[0-9a-f]{32}$/.test(id)) {
        others.push([id, atMs])
        return
      }
      makeRoom()
      bytes.write(id, size * useBytes, 'hex')
      bytes.writeUIntBE(Math.max(0, atMs), size * useBytes + idBytes, 6)
      size += 1
    },
    take: () => {
      const taken = ordered(bytes, size, others)
      bytes = Buffer.allocUnsafeSlow(usesMin * useBytes)
      size = 0
      others = []
      return taken
    },
  }
}
