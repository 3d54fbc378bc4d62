type Members = Readonly<Record<string, unknown>>

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export interface Merged<Draft> {
  readonly merged: Draft
  /** What both have changed, differently; the merged one has mine. */
  readonly clashes: readonly string[]
}

/**
 * Lays what I have changed over what somebody else has made of it meanwhile. Lists and texts are
 * taken as a whole, from who has changed them; mine, where both have.
 * @param base what both began with
 */
export const mergeEdits = <Draft extends object>(
  base: Draft,
  mine: Draft,
  theirs: Draft,
): Merged<Draft> => {
  const clashes: string[] = []
  const merge = (before: Members, ours: Members, others: Members, path: string): Members =>
    Object.fromEntries(
      Object.keys(ours).map((name) => {
        const [a, b, c] = [before[name], ours[name], others[name]]
        if (isMembers(a) && isMembers(b) && isMembers(c)) {
          return [name, merge(a, b, c, `${path}${name}.`)]
        }
        if (same(a, b)) return [name, c]
        if (!same(a, c) && !same(b, c)) clashes.push(path + name)
        return [name, b]
      }),
    )
  const all = (draft: Draft): Members => draft as unknown as Members
  const merged = merge(all(base), all(mine), all(theirs), '') as unknown as Draft
  return { merged, clashes }
}
