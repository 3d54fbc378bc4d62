/**
 * How strongly a text demands something: M must · S should · Y may (tested because we advertise it)
 * · C our choice, where texts are silent or allow several answers · P a named profile demands it.
 */
export type Level = 'M' | 'S' | 'Y' | 'C' | 'P'

/** One demand of a standard, and what is done about it. */
export interface Row {
  /** Stable name; a test carries it at the start of its own name. */
  readonly id: string
  /** Where the demand stands, e.g. `RFC 6749 §3.2`. */
  readonly section: string
  readonly level: Level
  /** The demand in our own few words. */
  readonly title: string
  readonly status: 'test' | 'n/a'
  /** With `n/a`: the feature that is missing. */
  readonly reason?: string
}

/** Rows that one page section shows together. */
export interface RowGroup {
  readonly title: string
  readonly rows: readonly Row[]
}

/** A demand that at least one test must carry. */
export const tested = (id: string, section: string, level: Level, title: string): Row => ({
  id,
  section,
  level,
  title,
  status: 'test',
})

/** A demand on a feature that this server does not have; `missing` names the feature. */
export const missing = (
  [id, section, level, title]: readonly [string, string, Level, string],
  feature: string,
): Row => ({ id, section, level, title, status: 'n/a', reason: feature })
