import { keyOf } from './app-view.ts'
import type { Mistake, Position } from './mistake.ts'
import type { DiffKind, DiffLine, PlannedOperation } from './plan.ts'
import { isObject, type Json, textOf } from './present-state.ts'

/** What the server alone says of a resource; a replacement need not repeat it. */
export const serverAttributes = [
  'id',
  'meta',
  'ocid',
  'groups',
  'idcsLastModifiedBy',
  'idcsCreatedBy',
  'idcsPreventedOperations',
]

/** A resource as a domain file wants it. */
export interface WantedRecord {
  readonly kind: DiffKind
  readonly name: string
  readonly at: Position
  readonly path: string
  /** E.g. `/Users`. */
  readonly endpoint: string
  readonly schema: string
  readonly bulkId: string
  readonly present: Json | undefined
  /** The attributes that the file speaks of. */
  readonly said: Json
  /** How an attribute is compared, where it is not just by its value. */
  readonly forms?: Readonly<Record<string, (value: unknown) => unknown>>
  readonly immutable?: boolean
}

export interface RecordPlan {
  /** Its id, or the reference to what makes it. */
  readonly id: string
  readonly operations: readonly PlannedOperation[]
  readonly lines: readonly DiffLine[]
  readonly mistakes: readonly Mistake[]
}

const textMax = 60

const shown = (value: unknown): string => {
  const key = keyOf(value)
  const text = typeof value === 'string' ? value : key
  return text === '' ? '(none)' : text
}

const changeText = (name: string, before: unknown, after: unknown): string => {
  const [from, to] = [shown(before), shown(after)]
  const isShort = from.length <= textMax && to.length <= textMax
  return isShort ? `${name}  ${from} → ${to}` : `${name}  changed`
}

const versionOf = (resource: Json): { version: string } | object => {
  const meta = resource['meta']
  return isObject(meta) ? { version: textOf(meta, 'version') } : {}
}

/** What it takes to make one resource as the file says. */
export const planRecord = (wanted: WantedRecord): RecordPlan => {
  const { kind, name, at, endpoint, bulkId, present, said } = wanted
  const about = `${kind} ${name}`
  const line = (mark: DiffLine['mark'], text: string): DiffLine => ({ mark, kind, name, text })
  if (present === undefined) {
    const data = { schemas: [wanted.schema], ...said }
    const operations = [{ method: 'POST', path: endpoint, bulkId, data, at, about } as const]
    return { id: `bulkId:${bulkId}`, operations, lines: [line('+', '(new)')], mistakes: [] }
  }
  const id = textOf(present, 'id')
  const changed = Object.keys(said).filter((attribute) => {
    const form = wanted.forms?.[attribute] ?? ((value: unknown) => value)
    return keyOf(form(present[attribute])) !== keyOf(form(said[attribute]))
  })
  if (changed.length === 0) return { id, operations: [], lines: [line('=', '')], mistakes: [] }
  if (wanted.immutable === true) {
    const what = `${about} is another one on the server, and cannot be changed.`
    const mistake = { at, path: wanted.path, what, fix: 'Give this one another name.' }
    return { id, operations: [], lines: [], mistakes: [mistake] }
  }
  const kept = Object.entries(present).filter(([each]) => !serverAttributes.includes(each))
  const data = { ...Object.fromEntries(kept), ...said }
  const operation = { method: 'PUT', path: `${endpoint}/${id}`, data, at, about } as const
  return {
    id,
    operations: [{ ...operation, ...versionOf(present) }],
    lines: changed.map((each) => line('~', changeText(each, present[each], said[each]))),
    mistakes: [],
  }
}
