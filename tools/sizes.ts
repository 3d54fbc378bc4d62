import type { RepositoryTree } from './repository-tree.ts'
import { isTestFile, linesOf } from './source-text.ts'
import { functionsOf } from './syntax-tree.ts'
import { broken, type Check, type Violation, warned } from './violation.ts'

/** A file that nobody reads whole is a file that nobody reviews. */
export const sizeLimits = {
  fileLinesMax: 400,
  fileLinesAim: 300,
  testFileLinesMax: 600,
  functionLinesMax: 90,
  functionLinesAim: 70,
  columnsMax: 100,
  /** A word this long cannot be broken: a test vector, a URL, a certificate. */
  unbreakableColumns: 80,
} as const

const checkFileLength = (file: string, lines: number): readonly Violation[] => {
  if (isTestFile(file)) {
    const max = sizeLimits.testFileLinesMax
    return lines > max ? [broken('sizes', file, max + 1, `${lines} lines, at most ${max}`)] : []
  }
  const { fileLinesMax, fileLinesAim } = sizeLimits
  if (lines > fileLinesMax) {
    return [broken('sizes', file, fileLinesMax + 1, `${lines} lines, at most ${fileLinesMax}`)]
  }
  if (lines > fileLinesAim) {
    return [warned('sizes', file, fileLinesAim + 1, `${lines} lines, the aim is ${fileLinesAim}`)]
  }
  return []
}

const checkColumns = (file: string, lines: readonly string[]): readonly Violation[] =>
  lines.flatMap((line, index) => {
    if (line.length <= sizeLimits.columnsMax) return []
    const longestWord = Math.max(...line.split(/\s+/).map((word) => word.length))
    if (longestWord >= sizeLimits.unbreakableColumns) return []
    // The formatter has no way to break the import of one name.
    if (/^import (?:type )?(?:\{ \S+ \}|\S+) from '\S+'$/.test(line)) return []
    const said = `${line.length} columns, at most ${sizeLimits.columnsMax}`
    return [broken('sizes', file, index + 1, said)]
  })

/**
 * Tests are lists, and the function around a list (`describe`) is as long as the list: only the
 * code under test has its functions measured.
 */
const checkFunctions = (tree: RepositoryTree): readonly Violation[] => {
  const violations: Violation[] = []
  const { functionLinesMax, functionLinesAim } = sizeLimits
  for (const [file, source] of tree.sources) {
    if (isTestFile(file)) continue
    for (const { name, line, lines } of functionsOf(source)) {
      const said = `${name} has ${lines} lines`
      if (lines > functionLinesMax) {
        violations.push(broken('sizes', file, line, `${said}, at most ${functionLinesMax}`))
      } else if (lines > functionLinesAim) {
        violations.push(warned('sizes', file, line, `${said}, the aim is ${functionLinesAim}`))
      }
    }
  }
  return violations
}

export const sizes: Check = {
  name: 'sizes',
  run: (tree) => [
    ...[...tree.sources.keys()].flatMap((file) => {
      const lines = linesOf(tree.read(file).replace(/\r?\n$/, ''))
      return [...checkFileLength(file, lines.length), ...checkColumns(file, lines)]
    }),
    ...checkFunctions(tree),
  ],
}
