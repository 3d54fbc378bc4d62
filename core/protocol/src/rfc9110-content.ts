/**
 * What the header fields say of a body: in which characters it is written (RFC 9110 §8.3), and
 * whether it has been compressed or coded in some other way (§8.4).
 */

/** `latin-1` is the same text as UTF-8 where a body keeps to ASCII, and only there. */
export type Charset = 'utf-8' | 'latin-1' | 'other'

/** `utf8` is no registered name, and much used; it leaves no doubt. */
const charsets: ReadonlyMap<string, Charset> = new Map([
  ['utf-8', 'utf-8'],
  ['utf8', 'utf-8'],
  ['us-ascii', 'utf-8'],
  ['iso-8859-1', 'latin-1'],
])

const mediaType = /^[ \t]*([\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+)[ \t]*(?=;|$)/
/** RFC 9110 §5.6.6, and forgiving: blanks around `=`, parameters without a value. */
const parameter = /;[ \t]*(?:([^\s;="]+)[ \t]*(?:=[ \t]*("(?:[^"\\]|\\.)*"|[^;"]*))?)?[ \t]*/y

const unquoted = (value: string): string =>
  value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value.trim()

/** Of two that differ, the one that says less. */
const stricter = (one: Charset, other: Charset): Charset => {
  if (one === 'other' || other === 'other') return 'other'
  return one === 'latin-1' ? one : other
}

const charsetOf = (text: string, from: number): Charset => {
  let charset: Charset = 'utf-8'
  let at = from
  while (at < text.length) {
    parameter.lastIndex = at
    const found = parameter.exec(text)
    // where one parameter cannot be told from the next, nor can what they say
    if (found === null) return 'other'
    const [, name, value = ''] = found
    if (name?.toLowerCase() === 'charset') {
      charset = stricter(charset, charsets.get(unquoted(value).toLowerCase()) ?? 'other')
    }
    at = parameter.lastIndex
  }
  return charset
}

export interface ContentType {
  /** In lower case, without parameters. */
  readonly mediaType: string
  /** UTF-8 where nothing is said. */
  readonly charset: Charset
}

/** Reads a `Content-Type`; null: it is none. */
export const readContentType = (text: string): ContentType | null => {
  const [whole, type] = mediaType.exec(text) ?? []
  if (whole === undefined || type === undefined) return null
  return { mediaType: type.toLowerCase(), charset: charsetOf(text, whole.length) }
}

/** Whether a `Content-Encoding` leaves a body as it is. `identity` is not sent, and harmless. */
export const isUncoded = (codings: string | undefined): boolean =>
  codings === undefined ||
  codings.split(',').every((each) => ['', 'identity'].includes(each.trim().toLowerCase()))

/** RFC 9110 §12.5.3: what an answer names as `Accept-Encoding` to a body that was coded. */
export const codingsRead = 'identity'
