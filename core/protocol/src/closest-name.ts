const nameCharsMax = 80

/** Edits (insert, delete, replace, swap of neighbours) from one text to another. */
const editDistance = (left: string, right: string): number => {
  let beforeLast: number[] = []
  let last = Array.from({ length: right.length + 1 }, (_, at) => at)
  for (let i = 1; i <= left.length; i++) {
    const row = [i]
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1]
      let cost = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + (same ? 0 : 1),
      )
      const swapped = left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]
      if (i > 1 && j > 1 && swapped) cost = Math.min(cost, (beforeLast[j - 2] as number) + 1)
      row.push(cost)
    }
    beforeLast = last
    last = row
  }
  return last[right.length] as number
}

/**
 * The candidate that a mistyped name most likely meant, for "did you mean".
 * @returns null when nothing is near: a wrong guess is worse than none
 */
export const closestName = (name: string, candidates: Iterable<string>): string | null => {
  const wanted = name.slice(0, nameCharsMax).toLowerCase()
  let best: string | null = null
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    const other = candidate.slice(0, nameCharsMax).toLowerCase()
    if (Math.abs(other.length - wanted.length) >= bestDistance) continue
    const distance = editDistance(wanted, other)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** `Did you mean "x"?`, or nothing to add. */
export const didYouMean = (name: string, candidates: Iterable<string>): string | undefined => {
  const closest = closestName(name, candidates)
  return closest === null ? undefined : `Did you mean "${closest}"?`
}
