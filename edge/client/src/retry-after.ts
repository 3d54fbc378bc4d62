/** Nobody is kept waiting for longer, whatever the server says. */
export const retryAfterSecondsMax = 300

/**
 * RFC 9110 §10.2.3: seconds, or a date.
 * @returns whole seconds from 0 to 300; null for an absent or unreadable field
 */
export const readRetryAfter = (field: string | undefined, nowMs: number): number | null => {
  if (field === undefined) return null
  const text = field.trim()
  const bounded = (seconds: number): number =>
    Math.min(Math.max(Math.ceil(seconds), 0), retryAfterSecondsMax)
  if (/^\d{1,12}$/.test(text)) return bounded(Number(text))
  // A date names its month; anything else that Date.parse would accept is a guess.
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return null
  const atMs = Date.parse(text)
  return Number.isNaN(atMs) ? null : bounded((atMs - nowMs) / 1000)
}

const baseMs = 200
const capMs = 5_000

/**
 * How long to wait before the next try: doubling, and anywhere in the upper half of it, so that
 * many clients do not come back together.
 * @param failures that went before, at least 1
 */
export const backOffMs = (failures: number, random: number): number =>
  Math.min(capMs, baseMs * 2 ** (failures - 1)) * (0.5 + random / 2)
