/**
 * What of a noun can be searched and sorted by, as its administrators name it. A document of these
 * values is kept beside each record; databases compare what is in it byte by byte, so that both
 * give the same answer, whatever they know of languages.
 */

/** A value as a search document holds it. */
export type SearchValue =
  | string
  | number
  | boolean
  | readonly SearchValue[]
  | { readonly [field: string]: SearchValue }

/**
 * `folded`: a text whose case says nothing (RFC 7643 §2.2 `caseExact` false) · `exact`: one whose
 * case counts; times are exact texts in ISO 8601, UTC, milliseconds.
 */
export type SearchType = 'folded' | 'exact' | 'boolean' | 'number'

/** A field with one value, one with several plain ones, or a list of objects. */
export type SearchField =
  | { readonly kind: 'value'; readonly type: SearchType }
  | { readonly kind: 'values'; readonly type: SearchType }
  /** `related`: not in the document; the database looks its elements up in another table. */
  | {
      readonly kind: 'elements'
      readonly fields: Readonly<Record<string, SearchType>>
      readonly related: boolean
    }

/** The fields of one noun, and where a record has them. */
export interface SearchDefinition<Item> {
  readonly fields: Readonly<Record<string, SearchField>>
  /** Values by field, unfolded; what is missing, null or an empty list has no value. */
  read(item: Item): Readonly<Record<string, unknown>>
}

/** The form of every kept text: no database has a NUL or half a surrogate pair in its JSON. */
export const keepText = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd')

/** The form in which a text is kept whose case says nothing. */
export const foldText = (text: string): string => keepText(text).normalize('NFC').toLowerCase()

const keepValue = (value: unknown, type: SearchType): SearchValue | undefined => {
  if (type === 'boolean') return typeof value === 'boolean' ? value : undefined
  if (type === 'number') return typeof value === 'number' ? value : undefined
  if (typeof value !== 'string') return undefined
  return type === 'folded' ? foldText(value) : keepText(value)
}

const keepElement = (
  element: unknown,
  fields: Readonly<Record<string, SearchType>>,
): SearchValue | undefined => {
  if (typeof element !== 'object' || element === null) return undefined
  const kept: Record<string, SearchValue> = {}
  for (const [name, type] of Object.entries(fields)) {
    const value = keepValue((element as Readonly<Record<string, unknown>>)[name], type)
    if (value !== undefined) kept[name] = value
  }
  return Object.keys(kept).length === 0 ? undefined : kept
}

const keepField = (value: unknown, field: SearchField): SearchValue | undefined => {
  if (field.kind === 'value') return keepValue(value, field.type)
  if (!Array.isArray(value)) return undefined
  const kept = value.flatMap((each: unknown) => {
    const one =
      field.kind === 'values' ? keepValue(each, field.type) : keepElement(each, field.fields)
    return one === undefined ? [] : [one]
  })
  return kept.length === 0 ? undefined : kept
}

/** The search document of a record: every field that has a value and is not looked up elsewhere. */
export const searchDocument = <Item>(
  definition: SearchDefinition<Item>,
  item: Item,
): Readonly<Record<string, SearchValue>> => {
  const values = definition.read(item)
  const kept: Record<string, SearchValue> = {}
  for (const [name, field] of Object.entries(definition.fields)) {
    if (field.kind === 'elements' && field.related) continue
    const value = keepField(values[name], field)
    if (value !== undefined) kept[name] = value
  }
  return kept
}
