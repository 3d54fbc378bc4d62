import type { RepositoryTree } from './repository-tree.ts'

/** One broken promise of the house, at the line where it is broken. */
export interface Violation {
  readonly rule: string
  /** Path from the root of the repository, with `/`. */
  readonly file: string
  /** Counted from 1; 0 speaks of the whole file. */
  readonly line: number
  readonly message: string
  /** A `warning` is printed and breaks nothing. */
  readonly severity: 'error' | 'warning'
}

/** A check by name: reads the tree, changes nothing. */
export interface Check {
  readonly name: string
  readonly run: (tree: RepositoryTree) => readonly Violation[]
}

/** A violation that fails the build. */
export const broken = (rule: string, file: string, line: number, message: string): Violation => ({
  rule,
  file,
  line,
  message,
  severity: 'error',
})

/** A violation that is printed and fails nothing. */
export const warned = (rule: string, file: string, line: number, message: string): Violation => ({
  ...broken(rule, file, line, message),
  severity: 'warning',
})

/** `file:line` first, so that terminals and editors can jump to it. */
export const formatViolation = (violation: Violation): string => {
  const mark = violation.severity === 'error' ? 'error' : 'warn '
  return `${violation.file}:${violation.line}  ${mark}  ${violation.rule}  ${violation.message}`
}
