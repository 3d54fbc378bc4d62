/** A JWT taken apart and not verified: what it says about itself. */
export interface DecodedToken {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

const charsMax = 65_536

const readPart = (part: string): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** RFC 7515 §3.1. @returns null for what is no JWT: three parts, the first two JSON objects */
export const decodeToken = (text: string): DecodedToken | null => {
  if (text.length > charsMax || !/^[\w-]+\.[\w-]+\.[\w-]*$/.test(text)) return null
  const [first = '', second = ''] = text.split('.')
  const header = readPart(first)
  const claims = readPart(second)
  return header === null || claims === null ? null : { header, claims }
}

/** The token in what people paste: with line feeds, with `Bearer`, or the whole token answer. */
export const findToken = (input: string): string => {
  const text = input.trim()
  if (!text.startsWith('{')) return text.replace(/^(?:authorization:\s*)?bearer\s+/i, '')
  try {
    const { access_token: token } = JSON.parse(text) as { readonly access_token?: unknown }
    return typeof token === 'string' ? token : text
  } catch {
    return text
  }
}
