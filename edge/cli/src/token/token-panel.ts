import type { DecodedToken } from './decode-token.ts'
import type { TokenVerdict } from './judge-token.ts'

/** Claims in the order in which people ask for them; the others follow. */
const firstClaims = ['iss', 'sub', 'client_id', 'aud', 'scope', 'exp', 'iat', 'nbf', 'jti', 'cnf']
const timeClaims: ReadonlySet<string> = new Set(['exp', 'iat', 'nbf'])
const labelWidth = 10
const valueCharsMax = 300

/** Whoever made the token chose these texts; a terminal must not obey them. */
const shown = (value: unknown): string => {
  const isPlain = typeof value === 'string' && !/[\p{Cc}\p{Cf}]/u.test(value)
  const text = isPlain ? value : JSON.stringify(value)
  const safe = text.replace(/[\p{Cc}\p{Cf}]/gu, '\u{fffd}')
  return safe.length > valueCharsMax ? `${safe.slice(0, valueCharsMax)}…` : safe
}

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const

/** `59 min 59 s`: the two largest units that are not zero. */
const durationText = (seconds: number): string => {
  let left = Math.abs(Math.round(seconds))
  const parts: string[] = []
  for (const [name, size] of units) {
    const count = Math.floor(left / size)
    left -= count * size
    if (count > 0 && parts.length < 2) parts.push(`${count} ${name}`)
  }
  return parts.length === 0 ? '0 s' : parts.join(' ')
}

const timeText = (value: unknown, nowMs: number): string => {
  const isTime = typeof value === 'number' && Math.abs(value) < 8e12
  if (!isTime) return shown(value)
  const seconds = value - nowMs / 1000
  const when = seconds >= 0 ? `in ${durationText(seconds)}` : `${durationText(seconds)} ago`
  const date = new Date(value * 1000).toISOString().replace('T', ' ').slice(0, 19)
  return `${when}  (${date} UTC)`
}

const valueText = (name: string, value: unknown, nowMs: number): string => {
  if (timeClaims.has(name)) return timeText(value, nowMs)
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string')
  return isList ? value.map(shown).join('  ') : shown(value)
}

const line = (label: string, text: string): string => `  ${label.padEnd(labelWidth)} ${text}\n`

const verdictText = (verdict: TokenVerdict | null): string => {
  if (verdict === null) return line('Signature', 'not looked at: mintmark token verify does')
  if (!verdict.valid) return line('Signature', `✖ ${verdict.reason}: ${verdict.detail}`)
  const bound = verdict.bound ? '; bound to a key that its sender must prove' : ''
  return line('Signature', `✔ valid, by a key of ${shown(verdict.issuer)}${bound}`)
}

/** Claims, one a line: those that people ask for first. */
export const claimsPanel = (claims: Readonly<Record<string, unknown>>, nowMs: number): string => {
  const names = Object.keys(claims)
  const ordered = [
    ...firstClaims.filter((name) => names.includes(name)),
    ...names.filter((name) => !firstClaims.includes(name)),
  ]
  return ordered.map((name) => line(shown(name), valueText(name, claims[name], nowMs))).join('')
}

/** What a token says, for people. */
export const tokenPanel = (
  { header, claims }: DecodedToken,
  verdict: TokenVerdict | null,
  nowMs: number,
): string => {
  const headerText = Object.entries(header)
    .map(([name, value]) => `${shown(name)} ${shown(value)}`)
    .join('   ')
  return line('Header', headerText) + claimsPanel(claims, nowMs) + verdictText(verdict)
}
