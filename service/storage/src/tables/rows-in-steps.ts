/** Rows of one statement; a few sizes alone, so that each stays prepared. */
const rowsAtOnce = [64, 8, 1] as const

/** Items in as many statements as it takes, in order. */
export const inSteps = <Item>(items: readonly Item[]): readonly (readonly Item[])[] => {
  const steps: (readonly Item[])[] = []
  for (let at = 0; at < items.length; ) {
    const count = rowsAtOnce.find((size) => size <= items.length - at) ?? 1
    steps.push(items.slice(at, at + count))
    at += count
  }
  return steps
}
