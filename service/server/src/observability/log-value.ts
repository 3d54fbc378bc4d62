import { isSecretName, redacted } from './secret-text.ts'

/**
 * Turns what a caller hands to the log into bounded plain data: no value of a name that holds
 * secrets, no bytes, no endless strings, no cycles. Secrets *inside* strings are the business of
 * `redact`, which sees the finished line.
 */

const stringCharactersMax = 2_048
const stackCharactersMax = 8_192
const membersMax = 64
const depthMax = 5

export type LogRecord = Record<string, unknown>

/** The members of one record, safe to write. */
export function plainRecord(record: object, depth = 0): LogRecord {
  const plain: LogRecord = {}
  let members = 0
  for (const name in record) {
    if (!Object.hasOwn(record, name)) continue
    members += 1
    if (members > membersMax) {
      plain['…'] = 'more members were left out'
      break
    }
    const value = (record as LogRecord)[name]
    plain[name] = isSecretName(name) && holdsSomething(value) ? redacted : plainValue(value, depth)
  }
  return plain
}

const holdsSomething = (value: unknown): boolean =>
  value !== null && value !== undefined && typeof value !== 'boolean'

function plainValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return shorten(value, stringCharactersMax)
    case 'bigint':
      return value.toString()
    case 'function':
    case 'symbol':
      return undefined
    case 'object':
      return value === null ? null : plainObject(value, depth + 1)
    default:
      return value
  }
}

function plainObject(value: object, depth: number): unknown {
  if (value instanceof Error) return plainError(value, depth)
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (depth > depthMax) return '[deeper]'
  if (Array.isArray(value)) {
    const items = value.slice(0, membersMax).map((item) => plainValue(item, depth))
    return value.length > membersMax ? [...items, '…'] : items
  }
  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON === 'function') return plainValue(toJSON.call(value), depth)
  return plainRecord(value, depth)
}

/**
 * An error by its four known members only: libraries hang whole requests on their errors.
 */
export function plainError(error: Error, depth = 0): LogRecord {
  const { code } = error as { code?: unknown }
  return {
    type: error.name,
    message: shorten(String(error.message), stringCharactersMax),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    stack: shorten(String(error.stack), stackCharactersMax),
    ...(error.cause === undefined || depth > depthMax
      ? {}
      : { cause: plainValue(error.cause, depth + 1) }),
  }
}

const shorten = (text: string, charactersMax: number): string =>
  text.length <= charactersMax ? text : `${text.slice(0, charactersMax)}…`
