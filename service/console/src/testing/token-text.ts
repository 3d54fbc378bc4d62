import type { Json } from '../server/request.ts'

export interface DecodedToken {
  readonly header: Json
  readonly claims: Json
}

const decodePart = (part: string): Json | null => {
  try {
    const base64 = part.replaceAll('-', '+').replaceAll('_', '/')
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof value === 'object' && value !== null ? (value as Json) : null
  } catch {
    return null
  }
}

/** Header and claims of a JWT, read here and sent nowhere; null: it is none. */
export const decodeToken = (text: string): DecodedToken | null => {
  const parts = text.split('.')
  if (parts.length !== 3) return null
  const header = decodePart(parts[0] ?? '')
  const claims = decodePart(parts[1] ?? '')
  return header === null || claims === null ? null : { header, claims }
}

/** The token in what people paste: `Bearer …`, a JSON answer, a whole curl with its addresses. */
export const findToken = (text: string): string => {
  const likely = text.match(/[\w-]{4,}\.[\w-]+\.[\w-]*/g) ?? []
  return likely.find((each) => decodeToken(each) !== null) ?? text.trim()
}

/** A secret pasted by mistake. */
export const looksLikeSecret = (text: string): boolean => /\bmms_[\w]{20,}/.test(text)

const notes: Readonly<Record<string, string>> = {
  iss: 'who issued it',
  sub: 'whom it speaks for: the application itself',
  aud: 'only this API may accept it',
  scope: 'what it allows there',
  exp: 'not valid from then on',
  nbf: 'not valid before',
  iat: 'when it was issued',
  jti: 'its own number, for revocation and audit',
  client_id: 'the application',
  cnf: 'bound to a key or certificate: useless to whoever only has the token',
}

/** A claim in plain words. */
export const noteOf = (claim: string, value: unknown): string => {
  const note = notes[claim] ?? ''
  if (['exp', 'iat', 'nbf'].includes(claim) && typeof value === 'number') {
    return `${note}: ${new Date(value * 1000).toLocaleString()}`
  }
  return note
}

/** Whether it still lives, by the clock of this computer. */
export const lifeOf = ({ claims }: DecodedToken, nowMs: number): string => {
  const expiry = claims['exp']
  if (typeof expiry !== 'number') return 'It says no end.'
  const minutes = Math.round((expiry * 1000 - nowMs) / 60_000)
  return minutes >= 0 ? `Ends in ${minutes} min.` : `Expired ${-minutes} min ago.`
}
