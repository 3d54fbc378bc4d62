const units = [
  { unit: 'year', seconds: 31_536_000, from: 63_072_000 },
  { unit: 'month', seconds: 2_592_000, from: 10_368_000 },
  { unit: 'day', seconds: 86_400, from: 86_400 },
  { unit: 'hour', seconds: 3600, from: 3600 },
  { unit: 'minute', seconds: 60, from: 60 },
] as const

const words = new Intl.RelativeTimeFormat('en', { numeric: 'always' })

/**
 * How far away a moment is, in a unit that leaves two figures or one.
 * @param at as RFC 3339
 */
export const relativeTime = (at: string, nowMs: number): string => {
  const away = Math.trunc((Date.parse(at) - nowMs) / 1000)
  const found = units.find(({ from }) => Math.abs(away) >= from)
  if (found === undefined) return away < 0 ? 'just now' : 'now'
  return words.format(Math.trunc(away / found.seconds), found.unit)
}

/** A length of time in the largest unit up to days that leaves nothing over. */
export const lengthOfTime = (seconds: number): string => {
  const found = units.slice(2).find((each) => seconds > 0 && seconds % each.seconds === 0)
  const count = seconds / (found?.seconds ?? 1)
  return `${count} ${found?.unit ?? 'second'}${count === 1 ? '' : 's'}`
}
