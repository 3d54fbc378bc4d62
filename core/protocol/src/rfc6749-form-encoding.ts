/**
 * The form in which every OAuth request arrives: `application/x-www-form-urlencoded` in UTF-8
 * (RFC 6749 §3.2, §4.4.2, App. B). Strict where the usual parsers guess: a broken percent escape,
 * bytes that are not UTF-8 and NUL refuse the body instead of turning into other text.
 */
import { type Refusal, refuse } from './refusal.ts'
import { ok, type Result } from './result.ts'

/** A token request needs a dozen parameters; everything above this bound is not one. */
export const formParametersMax = 100

/** The decoded parameters of one request, in the order sent. */
export interface Form {
  /** Every name as sent, one entry a parameter, repeated names repeated. */
  readonly names: readonly string[]
  /**
   * The first value of this name that is not empty: a parameter without a value is omitted (§3.2).
   */
  get(name: string): string | undefined
  /** Every value of this name that is not empty, in the order sent. */
  all(name: string): string[]
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const decodeUtf8 = (bytes: Uint8Array): string | null => {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

/**
 * One name or value: `+` and `%20` are a space, `%XX` are UTF-8 bytes (App. B).
 * @returns null for a broken escape, for bytes that are not UTF-8 and for NUL
 */
export const decodeFormComponent = (text: string): string | null => {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  let decoded = spaced
  if (spaced.includes('%')) {
    try {
      // Refuses what RFC 3629 refuses: overlong forms, surrogates, truncated sequences.
      decoded = decodeURIComponent(spaced)
    } catch {
      return null
    }
  }
  return decoded.includes('\0') ? null : decoded
}

/**
 * Plain arrays, not a Map: requests hold a handful of names, and `__proto__` is a name like others.
 */
const formOf = (names: readonly string[], values: readonly string[]): Form => ({
  names,
  get: (name) => {
    for (let at = 0; at < names.length; at += 1) {
      if (names[at] === name && values[at] !== '') return values[at]
    }
    return undefined
  },
  all: (name) => values.filter((value, at) => value !== '' && names[at] === name),
})

/**
 * Reads a request body.
 * @param body the bytes as received; the caller bounds their number
 * @returns BODY_MALFORMED for what is not a form in UTF-8, or has more than 100 parameters
 */
export const parseForm = (body: Uint8Array): Result<Form, Refusal> => {
  const text = decodeUtf8(body)
  if (text === null) return refuse('BODY_MALFORMED', { detail: 'It is not UTF-8.' })
  if (text.includes('\0')) return refuse('BODY_MALFORMED', { detail: 'It holds a NUL.' })
  // Most bodies have neither escape nor plus: then a component is a slice and nothing else.
  const isEncoded = text.includes('%') || text.includes('+')
  const names: string[] = []
  const values: string[] = []
  for (let start = 0; start < text.length; ) {
    const ampersand = text.indexOf('&', start)
    const end = ampersand === -1 ? text.length : ampersand
    if (end > start) {
      if (names.length === formParametersMax) {
        return refuse('BODY_MALFORMED', { detail: `More than ${formParametersMax} parameters.` })
      }
      const equals = text.indexOf('=', start)
      const nameEnd = equals === -1 || equals > end ? end : equals
      const rawName = text.slice(start, nameEnd)
      const rawValue = nameEnd < end ? text.slice(nameEnd + 1, end) : ''
      const name = isEncoded ? decodeFormComponent(rawName) : rawName
      const value = isEncoded ? decodeFormComponent(rawValue) : rawValue
      if (name === null || value === null) {
        return refuse('BODY_MALFORMED', {
          detail: `Parameter ${names.length + 1} is not percent-encoded UTF-8.`,
        })
      }
      names.push(name)
      values.push(value)
    }
    start = end + 1
  }
  return ok(formOf(names, values))
}

/**
 * RFC 6749 §3.2: request parameters are not sent more than once. Empty ones count as sent here, so
 * that no intermediary that reads the first and none that reads the last sees another request.
 * @param singleNames the defined parameters that may appear once; all others may repeat (RFC 8707
 * §2 and RFC 8693 §2.1 allow it for `resource` and `audience`, unknown ones are ignored)
 */
export const checkRepeats = (form: Form, singleNames: ReadonlySet<string>): Refusal | null => {
  const { names } = form
  for (let at = 1; at < names.length; at += 1) {
    const name = names[at]!
    if (names.indexOf(name) < at && singleNames.has(name)) {
      return { reason: 'PARAMETER_REPEATED', detail: `Repeated: '${name}'.` }
    }
  }
  return null
}
