import type { Position } from './mistake.ts'
import type { Json } from './present-state.ts'

/** One operation of the Bulk request, and the place in the file that asks for it. */
export interface PlannedOperation {
  readonly method: 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly bulkId?: string
  /** Version the plan was made on: a change in between refuses the whole. */
  readonly version?: string
  readonly data?: Json
  readonly at: Position
  /** E.g. `app nightly-billing`. */
  readonly about: string
}

export type DiffKind =
  | 'api'
  | 'app'
  | 'user'
  | 'group'
  | 'claim'
  | 'certificate'
  | 'authority'
  | 'settings'

/** One line of the diff. */
export interface DiffLine {
  readonly mark: '+' | '~' | '=' | '-'
  readonly kind: DiffKind
  readonly name: string
  /** Empty for what stays as it is. */
  readonly text: string
}

/** A secret that will be minted, and whose. */
export interface AwaitedSecret {
  readonly application: string
  /** Of the operation whose answer shows it. */
  readonly bulkId: string
  /** null: the answer tells it. */
  readonly clientId: string | null
  /** The operation whose answer tells the client id, when it is another one. */
  readonly namedBy?: string
}

export interface Plan {
  readonly operations: readonly PlannedOperation[]
  readonly lines: readonly DiffLine[]
  readonly secrets: readonly AwaitedSecret[]
  /** What pruning takes away, by kind and name, for whoever is asked. */
  readonly removed: readonly string[]
}

const nameColumnsMax = 32

/** `E.g. app nightly-billing`: what a line of the diff is about. */
const headOf = ({ mark, kind, name }: DiffLine): string => `${mark} ${kind} ${name}`.trimEnd()

/** The diff as text, its columns one below the other. */
export const formatPlan = (plan: Plan): string => {
  const widest = Math.max(0, ...plan.lines.map(({ name }) => name.length))
  const width = Math.min(widest, nameColumnsMax)
  const lines: string[] = []
  let before = ''
  for (const line of plan.lines) {
    const { kind, text } = line
    const head = headOf(line)
    const shown = head === before ? ' '.repeat(head.length) : head
    lines.push(`${shown.padEnd(width + kind.length + 3)}  ${text}`.trimEnd())
    before = head
  }
  const count = (mark: DiffLine['mark']): number =>
    new Set(
      plan.lines.filter((line) => line.mark === mark).map(({ kind, name }) => `${kind} ${name}`),
    ).size
  lines.push(`${count('+')} to add, ${count('~')} to change, ${plan.removed.length} to remove`)
  return lines.join('\n')
}
