/** Letters that are the same to someone who mistypes: `tls_listen`, `tls-listen`, `tls.listen`. */
const plainLetters = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

/**
 * The name someone probably meant, or null when nothing is near.
 *
 * @param written the unknown name
 * @param names that exist
 */
export function nearestName(written: string, names: Iterable<string>): string | null {
  const plain = plainLetters(written).slice(0, 64)
  let best: string | null = null
  let least = Math.max(1, Math.floor(plain.length / 4)) + 1
  for (const name of names) {
    const distance = editDistance(plain, plainLetters(name))
    if (distance < least) {
      best = name
      least = distance
    }
  }
  return best
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const now = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1]
      let least = Math.min(
        (now[column - 1] ?? 0) + 1,
        (last[column] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      )
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        least = Math.min(least, (before[column - 2] ?? 0) + 1)
      }
      now.push(least)
    }
    before = last
    last = now
  }
  return last[b.length] ?? 0
}
