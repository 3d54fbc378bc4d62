/** Chance from one number: the same number, the same chances. */
export interface Random {
  /** From 0 up to, but without, 1. */
  next(): number
  /** A whole number from 0 up to, but without, `count`. */
  below(count: number): number
  between(least: number, most: number): number
  chance(part: number): boolean
  pick<T>(list: readonly T[]): T
  fill(bytes: Uint8Array): void
}

/** Mulberry32: small, fast, and good enough to shuffle with. */
export const createRandom = (seed: number): Random => {
  let state = (seed ^ 0x9e3779b9) >>> 0
  const word = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const next = (): number => word() / 2 ** 32
  const below = (count: number): number => Math.floor(next() * count)
  return {
    next,
    below,
    between: (least, most) => least + next() * (most - least),
    chance: (part) => next() < part,
    pick: <T>(list: readonly T[]): T => list[below(list.length)] as T,
    fill: (bytes) => {
      for (let at = 0; at < bytes.length; at += 1) bytes[at] = word() & 0xff
    },
  }
}
