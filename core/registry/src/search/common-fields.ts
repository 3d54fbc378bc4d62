import type { SearchField, SearchType } from '../search-definition.ts'

/** Fields with one value each, all of one type. */
export const valueFields = (
  names: string,
  type: SearchType,
): Readonly<Record<string, SearchField>> =>
  Object.fromEntries(names.split(' ').map((name) => [name, { kind: 'value', type }]))

/** A list of objects that the record itself holds. */
export const elements = (fields: Readonly<Record<string, SearchType>>): SearchField => ({
  kind: 'elements',
  fields,
  related: false,
})

/** A list of objects that the database looks up in other tables. */
export const related = (fields: Readonly<Record<string, SearchType>>): SearchField => ({
  kind: 'elements',
  fields,
  related: true,
})

/** What every noun has. */
export const frameFields: Readonly<Record<string, SearchField>> = {
  ...valueFields('id', 'folded'),
  ...valueFields('meta.created meta.lastModified', 'exact'),
  ...valueFields('deleteInProgress', 'boolean'),
}

/** Who made and changed a record, where it was kept. */
export const authorFields: Readonly<Record<string, SearchField>> = {
  ...valueFields('idcsCreatedBy.value idcsCreatedBy.type', 'exact'),
  ...valueFields('idcsLastModifiedBy.value idcsLastModifiedBy.type', 'exact'),
  ...valueFields('idcsCreatedBy.display idcsLastModifiedBy.display', 'folded'),
}

type Values = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The parts of an attribute that is kept as an object, by their dotted names. */
export const partsOf = (attributes: Values, name: string, parts: string): Values => {
  const whole = attributes[name]
  if (!isObject(whole)) return {}
  return Object.fromEntries(parts.split(' ').map((part) => [`${name}.${part}`, whole[part]]))
}

/** Values of `authorFields`; whoever is not said to be something else is an application. */
export const readAuthors = (attributes: Values): Values =>
  Object.fromEntries(
    ['idcsCreatedBy', 'idcsLastModifiedBy'].flatMap((name) => {
      const whole = attributes[name]
      if (!isObject(whole)) return []
      return Object.entries({
        [`${name}.type`]: 'App',
        ...partsOf({ [name]: { type: 'App', ...whole } }, name, 'value type display'),
      })
    }),
  )

/** Values of `frameFields`. */
export const readFrame = (item: {
  readonly id: string
  readonly createdAtMs: number
  readonly modifiedAtMs?: number
}): Values => ({
  id: item.id,
  deleteInProgress: false,
  'meta.created': new Date(item.createdAtMs).toISOString(),
  'meta.lastModified': new Date(item.modifiedAtMs ?? item.createdAtMs).toISOString(),
})
