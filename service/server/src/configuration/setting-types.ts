import { resolve } from 'node:path'
import { fail, ok, type Result } from '@mintmark/protocol/result'
import { redact } from '../observability/secret-text.ts'

/** Why a text is not a value of a type, and what to write instead. */
export interface Misfit {
  readonly what: string
  readonly why?: string
  readonly fix: string
}

/** What a value may depend on besides its text. */
export interface Place {
  /** Relative paths start here: beside the file they are written in, else where we were started. */
  readonly directory: string
}

/** How one value is written. */
export interface ScalarType<Value> {
  readonly isList: false
  readonly name: string
  /** What may be written, as it completes "write …". */
  readonly forms: string
  readonly parse: (text: string, place: Place) => Result<Value, Misfit>
}

/** Several values: a YAML sequence, or one text with commas. */
export interface ListType<Value> {
  readonly isList: true
  readonly name: string
  readonly forms: string
  readonly item: ScalarType<Value>
}

export type SettingType<Value> = ScalarType<Value> | ListType<Value>

/** A wrong text as it may be shown again: short, and without what looks like a secret. */
export const shown = (text: string): string => {
  const clean = redact(text).replace(/[^\x20-\x7e\u00a1-\uffff]/g, '·')
  return JSON.stringify(clean.length > 60 ? `${clean.slice(0, 60)}…` : clean)
}

const scalar = <Value>(
  name: string,
  forms: string,
  read: (text: string, place: Place) => Value | Misfit | undefined,
): ScalarType<Value> => ({
  isList: false,
  name,
  forms,
  parse: (text, place) => {
    const value = read(text, place)
    if (value === undefined) {
      return fail({ what: `${shown(text)} is not ${name}`, fix: `write ${forms}` })
    }
    return isMisfit(value) ? fail(value) : ok(value)
  },
})

const isMisfit = (value: unknown): value is Misfit =>
  typeof value === 'object' && value !== null && 'what' in value && 'fix' in value

export const listOf = <Value>(name: string, item: ScalarType<Value>): ListType<Value> => ({
  isList: true,
  name,
  forms: `${item.forms}; several are separated by commas, in YAML they may be a list`,
  item,
})

/** One of a few words. */
export const choice = <const Words extends readonly string[]>(
  ...words: Words
): ScalarType<Words[number]> =>
  scalar<Words[number]>(`one of ${words.join(', ')}`, words.join(' or '), (text) =>
    words.find((word) => word === text),
  )

export const truth: ScalarType<boolean> = scalar<boolean>(
  'a truth value',
  '`true` or `false`',
  (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
)

export const integer = (min: number, max: number): ScalarType<number> => {
  const forms = `a whole number from ${min} to ${max}`
  return scalar<number>('a whole number', forms, (text) => {
    if (!/^-?\d{1,15}$/.test(text)) return undefined
    return (
      between(Number(text), min, max) ?? { what: `${text} is out of range`, fix: `write ${forms}` }
    )
  })
}

const between = (value: number, min: number, max: number): number | undefined =>
  value >= min && value <= max ? value : undefined

const durationUnits = { ms: 1, s: 1e3, m: 60e3, h: 3_600e3, d: 86_400e3, w: 604_800e3 } as const

const milliseconds = (text: string): number | undefined => {
  const parts = /^(\d{1,12})(ms|s|m|h|d|w)?$/.exec(text)
  if (parts === null) return undefined
  return Number(parts[1]) * durationUnits[(parts[2] ?? 's') as keyof typeof durationUnits]
}

/** A span of time; the value is in milliseconds, a bare number is seconds. */
export const duration = (min: string, max: string): ScalarType<number> => {
  const forms =
    `a duration from ${min} to ${max}: a number of seconds, or a number with ` +
    'ms, s, m, h, d or w (`90`, `250ms`, `15m`, `1h`)'
  return scalar<number>('a duration', forms, (text) => {
    const value = milliseconds(text)
    if (value === undefined) return undefined
    return (
      between(value, milliseconds(min) ?? 0, milliseconds(max) ?? 0) ?? {
        what: `${text} is out of range`,
        fix: `write ${forms}`,
      }
    )
  })
}

const sizeUnits = { '': 1, B: 1, KiB: 1_024, MiB: 1_048_576, GiB: 1_073_741_824 } as const

const bytes = (text: string): number | undefined => {
  const parts = /^(\d{1,15})(B|KiB|MiB|GiB)?$/.exec(text)
  return parts === null
    ? undefined
    : Number(parts[1]) * sizeUnits[(parts[2] ?? '') as keyof typeof sizeUnits]
}

/** An amount of memory; the value is in bytes. */
export const size = (min: string, max: string): ScalarType<number> => {
  const forms =
    `a size from ${min} to ${max}: a number of bytes, or a number with KiB, MiB or GiB ` +
    '(`65536`, `64KiB`)'
  return scalar<number>('a size', forms, (text) => {
    const value = bytes(text)
    const loose = /^(\d+) ?([KMG])i?b?$/i.exec(text)
    if (value === undefined && loose !== null) {
      const meant = `${loose[1]}${loose[2]?.toUpperCase()}iB`
      return { what: `${shown(text)} is not a size`, fix: `write ${meant}` }
    }
    if (value === undefined) return undefined
    return (
      between(value, bytes(min) ?? 0, bytes(max) ?? 0) ?? {
        what: `${text} is out of range`,
        fix: `write ${forms}`,
      }
    )
  })
}

/** A file or folder; the value is an absolute path. */
export const path: ScalarType<string> = scalar<string>(
  'a path',
  'a path; a relative one starts beside the file it stands in, else where the server is started',
  (text, place) => {
    if (text === '' || text.includes('\0')) return undefined
    if (/^~(?:\/|$)/.test(text)) {
      return {
        what: `${shown(text)} begins with ~`,
        why: 'only a shell knows your home directory by that sign',
        fix: 'write the whole path',
      }
    }
    return resolve(place.directory, text)
  },
)

/** An id that an operator chooses for a client. */
export const chosenClientId: ScalarType<string> = scalar<string>(
  'a client id',
  '1 to 255 of the characters A-Z a-z 0-9 _ . -',
  (text) => (/^[A-Za-z0-9_.-]{1,255}$/.test(text) ? text : undefined),
)

/** RFC 6749 appendix A.2: a client secret is made of VSCHAR. The misfit never shows the text. */
export const clientSecret: ScalarType<string> = scalar<string>(
  'a client secret',
  '1 to 1024 printable ASCII characters',
  (text) =>
    /^[\x20-\x7e]{1,1024}$/.test(text)
      ? text
      : {
          what: 'the secret is empty, too long, or has a character outside printable ASCII',
          fix: 'use 1 to 1024 printable ASCII characters (RFC 6749 appendix A.2)',
        },
)

const wordsOfCommand = (text: string): readonly string[] | undefined => {
  if (text.startsWith('[')) {
    try {
      const list: unknown = JSON.parse(text)
      return Array.isArray(list) && list.every((word) => typeof word === 'string')
        ? list
        : undefined
    } catch {
      return undefined
    }
  }
  const words = [...text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"']+)+/g)].map(([word]) => word)
  const isWhole = words.join('') === text.replace(/("[^"]*"|'[^']*')|\s+/g, '$1')
  return isWhole ? words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2')) : undefined
}

/** A program and its arguments; no shell reads them, so that `$`, `|` and `*` mean themselves. */
export const commandLine: ScalarType<readonly string[]> = scalar<readonly string[]>(
  'a command',
  'a program and its arguments with spaces between; what has spaces inside goes in quotes, or ' +
    'all in a JSON array of texts',
  (text) => {
    const words = wordsOfCommand(text.trim())
    const isCommand = words !== undefined && words.length > 0 && words[0] !== ''
    return isCommand && !words.some((word) => word.includes('\0')) ? words : undefined
  },
)
