/** Texts that have been seen, by their hashes: 16 bytes each or less, where a `Set` takes 100. */
export interface HashSet {
  readonly size: number
  /** @returns whether it is new */
  add(hash: number): boolean
  clear(): void
}

const slotsMin = 1024

/** @param sizeMax what is added beyond forgets all that was there */
export const createHashSet = (sizeMax: number): HashSet => {
  // 0 is an empty slot
  let slots = new Float64Array(slotsMin)
  let size = 0
  const slotOf = (hash: number): number => {
    const mask = slots.length - 1
    let at = (hash % 0x100000000) & mask
    while (slots[at] !== 0 && slots[at] !== hash) at = (at + 1) & mask
    return at
  }
  const clear = (): void => {
    slots = new Float64Array(slotsMin)
    size = 0
  }
  const grow = (): void => {
    const before = slots
    slots = new Float64Array(before.length * 2)
    for (const hash of before) if (hash !== 0) slots[slotOf(hash)] = hash
  }
  return {
    get size() {
      return size
    },
    add: (given) => {
      const hash = given === 0 ? 1 : given
      if (slots[slotOf(hash)] === hash) return false
      if (size >= sizeMax) clear()
      if (size * 2 >= slots.length) grow()
      slots[slotOf(hash)] = hash
      size += 1
      return true
    },
    clear,
  }
}
