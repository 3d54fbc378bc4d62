import { didYouMean } from '@mintmark/protocol/closest-name'
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Mistake, Position, SourceFile } from './mistake.ts'

/** One file under reading: where its mistakes go, and how much of it has been looked at. */
export interface Reading {
  readonly file: string
  readonly document: Document
  readonly lines: LineCounter
  readonly mistakes: Mistake[]
  visitsLeft: number
}

/** A value in the file: any node of the YAML tree, its place and its path. */
export interface Value {
  readonly reading: Reading
  readonly node: unknown
  readonly at: Position
  readonly path: string
}

/** More values than any file of use has: stops what aliases of aliases can grow to. */
const visitsMax = 200_000
export const fileCharsMax = 4_000_000

const placeOf = (reading: Reading, offset: number): Position => {
  const { line, col } = reading.lines.linePos(offset)
  return { file: reading.file, line: Math.max(line, 1), column: Math.max(col, 1) }
}

const located = (reading: Reading, node: unknown, path: string, fallback: Position): Value => {
  const resolved = isAlias(node) ? node.resolve(reading.document) : node
  const range = (node as { range?: readonly number[] } | null)?.range
  const at = range?.[0] === undefined ? fallback : placeOf(reading, range[0])
  return { reading, node: resolved, at, path }
}

/** Notes a mistake at a value. */
export const report = (value: Value, what: string, fix?: string): null => {
  const { at, path } = value
  value.reading.mistakes.push({ at, path, what, ...(fix === undefined ? {} : { fix }) })
  return null
}

/** Parses one file; what YAML itself has against it is a mistake like any other. */
export const openFile = (source: SourceFile, mistakes: Mistake[]): Value | null => {
  const start: Position = { file: source.name, line: 1, column: 1 }
  if (source.text.length > fileCharsMax) {
    mistakes.push({ at: start, path: '', what: `The file has over ${fileCharsMax} characters.` })
    return null
  }
  const lines = new LineCounter()
  const document = parseDocument(source.text, { lineCounter: lines, prettyErrors: false })
  const reading: Reading = {
    file: source.name,
    document: document as Document,
    lines,
    mistakes,
    visitsLeft: visitsMax,
  }
  for (const error of document.errors) {
    mistakes.push({ at: placeOf(reading, error.pos[0]), path: '', what: `${error.message}.` })
  }
  if (document.errors.length > 0) return null
  return located(reading, document.contents, '', start)
}

const isEmpty = (value: Value): boolean =>
  value.node === null || (isScalar(value.node) && value.node.value === null)

/** The fields of a mapping by name; unknown ones are mistakes with the name that was meant. */
export const readFields = (
  value: Value,
  known: readonly string[],
): ReadonlyMap<string, Value> | null => {
  const { reading } = value
  if (!isMap(value.node)) return report(value, 'This must be a mapping with fields.')
  if (reading.visitsLeft-- <= 0) return report(value, 'The file holds too much.')
  const fields = new Map<string, Value>()
  for (const pair of value.node.items) {
    const key = located(reading, pair.key, value.path, value.at)
    const name = isScalar(key.node) ? String(key.node.value) : ''
    const path = value.path === '' ? name : `${value.path}.${name}`
    if (!known.includes(name)) {
      const fix = didYouMean(name, known) ?? `Known are: ${known.join(', ')}.`
      report({ ...key, path: value.path }, `There is no field "${name}".`, fix)
      continue
    }
    const field = located(reading, pair.value, path, key.at)
    if (!isEmpty(field)) fields.set(name, field)
  }
  return fields
}

/** The items of a list; nothing for a field that is not there. */
export const readItems = (value: Value | undefined): readonly Value[] => {
  if (value === undefined) return []
  const { reading, node, path, at } = value
  if (!isSeq(node)) {
    report(value, 'This must be a list.')
    return []
  }
  reading.visitsLeft -= node.items.length
  if (reading.visitsLeft <= 0) {
    report(value, 'The file holds too much.')
    return []
  }
  return node.items.map((item, index) => located(reading, item, `${path}[${index}]`, at))
}

/** A text; anything else is a mistake. */
export const readText = (value: Value | undefined): string | null => {
  if (value === undefined) return null
  const scalar = isScalar(value.node) ? value.node.value : undefined
  if (typeof scalar === 'string' && scalar !== '') return scalar
  const fix = scalar === undefined || scalar === '' ? undefined : 'Put it in quotation marks.'
  return report(value, 'This must be a text.', fix)
}

/** A text out of a list of words. */
export const readWord = <Word extends string>(
  value: Value | undefined,
  words: readonly Word[],
): Word | null => {
  const text = readText(value)
  if (text === null || value === undefined) return null
  const word = words.find((each) => each === text)
  if (word !== undefined) return word
  const fix = didYouMean(text, words) ?? `It can be: ${words.join(', ')}.`
  return report(value, `"${text}" is not known here.`, fix)
}

export const readFlag = (value: Value | undefined): boolean | null => {
  if (value === undefined) return null
  const scalar = isScalar(value.node) ? value.node.value : undefined
  return typeof scalar === 'boolean' ? scalar : report(value, 'This must be true or false.')
}

/** A whole number above 0. */
export const readWhole = (value: Value | undefined): number | null => {
  if (value === undefined) return null
  const scalar = isScalar(value.node) ? value.node.value : undefined
  const isWhole = typeof scalar === 'number' && Number.isSafeInteger(scalar) && scalar > 0
  return isWhole ? scalar : report(value, 'This must be a whole number above 0.')
}

const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** A duration in seconds: `900`, `15m`, `1h`, `30d`. */
export const readDuration = (value: Value | undefined): number | null => {
  if (value === undefined) return null
  const scalar = isScalar(value.node) ? value.node.value : undefined
  if (typeof scalar === 'number' && Number.isSafeInteger(scalar) && scalar > 0) return scalar
  const match = typeof scalar === 'string' ? /^([1-9]\d{0,8})([smhd]?)$/.exec(scalar) : null
  if (match === null) return report(value, 'This must be a duration.', 'E.g. 900, 15m or 1h.')
  return Number(match[1]) * (secondsPerUnit[match[2] || 's'] ?? 1)
}

/** Whether a value is a mapping, for fields that can be written in two ways. */
export const isMapping = (value: Value): boolean => isMap(value.node)
export const isText = (value: Value): boolean =>
  isScalar(value.node) && typeof value.node.value === 'string'

/** A value as plain JSON, for what is passed on as it is. */
export const plainValue = (value: Value): unknown => {
  const { node, reading } = value
  const convert = (node as { toJS?: (document: Document, options: object) => unknown }).toJS
  return convert?.call(node, reading.document, { maxAliasCount: 10 })
}
