/** One challenge of `WWW-Authenticate` (RFC 9110 §11.6.1). */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string
  /** Names in lower case; the first of a name counts. */
  readonly parameters: ReadonlyMap<string, string>
}

const charsMax = 8192
const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
/** A scheme, or a parameter whose value is a token or a quoted string (§11.2). */
const piece = new RegExp(
  `(${token})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))|(${token})(?=[ \\t,]|$)`,
  'y',
)
const gap = /[ \t,]*/y

/**
 * Reads the field of a 401 as far as it can be read: what follows a fault is left out, because a
 * server that cannot write its field must not decide what a client does.
 * @param field all values of the field, joined with commas
 */
export const readChallenges = (field: string): readonly Challenge[] => {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = []
  const text = field.slice(0, charsMax)
  for (let at = 0; at < text.length; ) {
    gap.lastIndex = at
    at += gap.exec(text)?.[0].length ?? 0
    piece.lastIndex = at
    const match = piece.exec(text)
    if (match === null) break
    at += match[0].length
    const [, name, quoted, plain, scheme] = match
    if (scheme !== undefined)
      challenges.push({ scheme: scheme.toLowerCase(), parameters: new Map() })
    if (name === undefined) continue
    const value = quoted === undefined ? (plain ?? '') : quoted.replace(/\\(.)/g, '$1')
    const { parameters } = challenges.at(-1) ?? { parameters: new Map<string, string>() }
    const key = name.toLowerCase()
    if (!parameters.has(key)) parameters.set(key, value)
  }
  return challenges
}

const tokenSchemes = ['bearer', 'dpop']

/**
 * The challenge for access tokens (RFC 6750 §3, RFC 9449 §7.1), if there is one: that of the scheme
 * that was used, which says what was wrong, else the first.
 */
export const tokenChallenge = (field: string | null): Challenge | null => {
  const all = (field === null ? [] : readChallenges(field)).filter(({ scheme }) =>
    tokenSchemes.includes(scheme),
  )
  return all.find(({ parameters }) => parameters.has('error')) ?? all[0] ?? null
}
