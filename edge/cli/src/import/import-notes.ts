import { nameKey } from '../domain-file/name-key.ts'
import type { Json } from '../domain-file/present-state.ts'

/** Something of an export that the domain will not have, or not as it was. */
export interface NotCarried {
  /** E.g. `client billing`. */
  readonly about: string
  readonly field: string
  readonly why: string
  /** What the person can do about it; empty: nothing needs doing. */
  readonly fix: string
}

/** Why a field is left out, and what to do. */
export type Reasons = Readonly<Record<string, readonly [why: string, fix: string]>>

const isUnsaid = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === false ||
  value === 0 ||
  (typeof value === 'object' && Object.keys(value).length === 0)

/** What is not carried over, as it is found. */
export const createNotes = () => {
  const report: NotCarried[] = []
  const note = (about: string, field: string, why: string, fix = ''): void => {
    report.push({ about, field, why, fix })
  }
  /** Notes every field that says something and was not carried over. */
  const noteRest = (
    about: string,
    object: Json,
    carried: readonly string[],
    reasons: Reasons = {},
  ): void => {
    for (const [field, value] of Object.entries(object)) {
      if (carried.includes(field) || isUnsaid(value)) continue
      const [why, fix] = reasons[field] ?? ['There is nothing like it here.', '']
      note(about, field, why, fix)
    }
  }
  return { report, note, noteRest }
}

export type Note = ReturnType<typeof createNotes>['note']

const nameCharsMax = 125

/** Names of APIs and applications, which are unique together. */
export const createNameClaims = (note: Note) => {
  const names = new Set<string>()
  return (about: string, wanted: string): string => {
    const plain = wanted.replaceAll(/\p{Cc}/gu, ' ').trim()
    const readable = plain.slice(0, nameCharsMax - 6) || 'unnamed'
    let name = readable
    for (let at = 2; names.has(nameKey(name)); at++) name = `${readable} (${at})`
    names.add(nameKey(name))
    if (name !== wanted) note(about, 'name', `It is called "${name}" here: names are unique.`)
    return name
  }
}
