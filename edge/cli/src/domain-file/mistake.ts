/** Where something stands in a domain file; lines and columns count from 1. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Something in a domain file that cannot be. */
export interface Mistake {
  readonly at: Position
  /** Which field, e.g. `applications[0].access[1].api`. */
  readonly path: string
  readonly what: string
  readonly fix?: string
}

/** One file of a domain, as read. */
export interface SourceFile {
  readonly name: string
  readonly text: string
}

/** A domain file, or a folder of them, and what lies beside it. */
export interface DomainSource {
  readonly files: readonly SourceFile[]
  /**
   * Reads a file that a domain file names (a certificate, a key set, a secret).
   * @param path as written, relative to the domain file
   * @throws Error when it cannot be read
   */
  readBeside(file: string, path: string): string
}

const contextColumnsMax = 160

/** The line a mistake is in, with a caret under the place. */
const caret = (mistake: Mistake, files: readonly SourceFile[]): readonly string[] => {
  const source = files.find((each) => each.name === mistake.at.file)
  const line = source?.text.split(/\r?\n/)[mistake.at.line - 1]
  if (line === undefined || line.trim() === '' || line.length > contextColumnsMax) return []
  const shown = line.replaceAll('\t', ' ')
  return [`    ${shown}`, `    ${' '.repeat(mistake.at.column - 1)}^`]
}

const sortKey = ({ at }: Mistake): string =>
  [at.file, at.line, at.column].map((part) => String(part).padStart(8, '0')).join(':')

/** All mistakes as text, in the order of the files: place, field, what is wrong, what to do. */
export const formatMistakes = (
  mistakes: readonly Mistake[],
  files: readonly SourceFile[],
): string => {
  const inOrder = mistakes.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
  const texts = inOrder.map((mistake) => {
    const { file, line, column } = mistake.at
    const field = mistake.path === '' ? '' : `${mistake.path}: `
    const fix = mistake.fix === undefined ? '' : ` ${mistake.fix}`
    const first = `${file}:${line}:${column}  ${field}${mistake.what}${fix}`
    return [first, ...caret(mistake, files)].join('\n')
  })
  return texts.join('\n')
}
