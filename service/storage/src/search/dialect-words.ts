import type { SearchType } from '@mintmark/registry/search-definition'
import type { Dialect } from '../database.ts'

/** What the databases spell differently in a search. Booleans are 1 and 0 everywhere. */
export interface DialectWords {
  /** One value of a document, typed; NULL when it has none. */
  readonly scalar: (document: string, field: string, type: SearchType) => string
  /** A row for each entry of a list in a document; none when it is missing. */
  readonly each: (document: string, field: string) => string
  /** The entry of a row of `each`: a plain one, or a part of an object. */
  readonly entry: (type: SearchType) => string
  readonly part: (field: string, type: SearchType) => string
  /** A text compared and sorted byte by byte. */
  readonly bytewise: (text: string) => string
  /** Whether a text has another within it, or at its end; the other one is not empty. */
  readonly contains: (text: string, other: string) => string
  readonly endsWith: (text: string, other: string) => string
  /** A condition of which the planner is to think that few rows fulfil it. */
  readonly rare: (condition: string) => string
  /** The texts of a JSON array as rows with the column `value`. */
  readonly texts: (array: string) => string
}

const safe = /^[\w.$]+$/

/** Names are written into statements: only such as definitions have. */
const named = (field: string): string => {
  if (!safe.test(field)) throw new Error(`search: no field can be called ${field}`)
  return field
}

const sqlite: DialectWords = {
  // a JSON true is 1 to SQLite
  scalar: (document, field) => `${document} ->> '$."${named(field)}"'`,
  each: (document, field) => `json_each(${document}, '$."${named(field)}"') AS e`,
  entry: () => 'e.value',
  part: (field) => `e.value ->> '$."${named(field)}"'`,
  bytewise: (text) => text,
  contains: (text, other) => `instr(${text}, ${other}) > 0`,
  endsWith: (text, other) => `substr(${text}, -length(${other})) = ${other}`,
  rare: (condition) => `unlikely(${condition})`,
  texts: (array) => `json_each(${array}) AS t`,
}

const castPostgres = (text: string, type: SearchType): string => {
  if (type === 'boolean') return `(CASE ${text} WHEN 'true' THEN 1 WHEN 'false' THEN 0 END)`
  return type === 'number' ? `(${text})::double precision` : `(${text})`
}

const postgres: DialectWords = {
  scalar: (document, field, type) => castPostgres(`${document} ->> '${named(field)}'`, type),
  each: (document, field) =>
    `jsonb_array_elements(coalesce(${document} -> '${named(field)}', '[]')) AS e(value)`,
  entry: (type) => castPostgres("e.value #>> '{}'", type),
  part: (field, type) => castPostgres(`e.value ->> '${named(field)}'`, type),
  bytewise: (text) => `${text} COLLATE "C"`,
  contains: (text, other) => `strpos(${text}, ${other}) > 0`,
  endsWith: (text, other) => `right(${text}, length(${other})) = ${other}`,
  // it has statistics of its own
  rare: (condition) => condition,
  texts: (array) => `jsonb_array_elements_text(${array}::jsonb) AS t(value)`,
}

export const dialectWords: Readonly<Record<Dialect, DialectWords>> = { sqlite, postgres }
