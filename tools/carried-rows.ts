import type { RepositoryTree } from './repository-tree.ts'
import { isTestFile } from './source-text.ts'
import { lineOfNode, type Node, SyntaxKind, visitNodes } from './syntax-tree.ts'

/** A test that says which row of the standards it is for. */
export interface CarriedRow {
  readonly id: string
  readonly file: string
  readonly line: number
}

const names: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.StringLiteral,
  SyntaxKind.NoSubstitutionTemplateLiteral,
  SyntaxKind.TemplateHead,
])

/** `TE-01 …` or `TE-13 TE-14 …`: the ids a name begins with. */
const leadingIds = /^[A-Z]{2}-\d{2}(?!\w)(?:(?:,| and)? [A-Z]{2}-\d{2}(?!\w))*/

const idsAtStartOf = (name: string): readonly string[] =>
  leadingIds.exec(name)?.[0].match(/[A-Z]{2}-\d{2}/g) ?? []

/**
 * Every row id at the start of a string in a conformance test. Strings, not only the first argument
 * of `test`: a table of cases keeps its names in the table.
 */
export const carriedRows = (tree: RepositoryTree): readonly CarriedRow[] => {
  const carried: CarriedRow[] = []
  for (const [file, source] of tree.sources) {
    if (!file.startsWith('conformance/') || !isTestFile(file)) continue
    visitNodes(source, (node) => {
      if (!names.has(node.kind)) return
      const { text } = node as Node & { readonly text: string }
      for (const id of idsAtStartOf(text)) {
        carried.push({ id, file, line: lineOfNode(source, node) })
      }
    })
  }
  return carried
}
