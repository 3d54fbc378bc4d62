import { isTestFile, isTypeScript, lineAt } from './source-text.ts'
import { lineOfNode, type Node, type Source, SyntaxKind, visitNodes } from './syntax-tree.ts'
import { broken, type Check, type Violation } from './violation.ts'

const rule = 'focus'

const switches = 'only|skip|todo'
const focusedCall = new RegExp(`^(?:test|it|describe|suite)(?:\\.\\w+)*\\.(?:${switches})$`)
const focusedOption = new RegExp(`^(?:'|")?(?:${switches})(?:'|")?\\s*:\\s*(?:true|'|"|\`)`)

// The brackets keep this file from finding itself.
const unfinished = /\b(?:TO[D]O|FIX[M]E)\b/g
const lookingAway = /@ts-(?:ignor[e]|nochec[k])\b/g

const textOf = (source: Source, node: Node): string =>
  source.text.slice(node.getStart(source), node.end)

/**
 * A test that is switched off for good. One that is left out for a reason found while running
 * (`skip: missing('nginx')`) is fine: the runner prints it by name.
 */
const isFocused = (source: Source, node: Node): boolean => {
  if (node.kind === SyntaxKind.CallExpression && 'expression' in node) {
    return focusedCall.test(textOf(source, node.expression as Node))
  }
  return node.kind === SyntaxKind.PropertyAssignment && focusedOption.test(textOf(source, node))
}

const judgeNodes = (file: string, source: Source): readonly Violation[] => {
  const violations: Violation[] = []
  visitNodes(source, (node) => {
    if (node.kind === SyntaxKind.AnyKeyword) {
      violations.push(broken(rule, file, lineOfNode(source, node), "the type 'any' looks away"))
    }
    if (isTestFile(file) && isFocused(source, node)) {
      violations.push(broken(rule, file, lineOfNode(source, node), 'a test that is switched off'))
    }
  })
  return violations
}

const judgeText = (file: string, text: string): readonly Violation[] => {
  const search = (pattern: RegExp, message: string): readonly Violation[] =>
    [...text.matchAll(pattern)].map((match) =>
      broken(rule, file, lineAt(text, match.index + 1), message),
    )
  return [
    ...search(unfinished, 'unfinished work; open an issue instead'),
    ...search(lookingAway, 'the compiler is told to look away'),
  ]
}

/** Nothing switched off, nothing left for later, nothing hidden from the compiler. */
export const focus: Check = {
  name: rule,
  run: (tree) => [
    ...tree.files
      .filter((file) => isTypeScript(file) || /\.(?:[cm]?js|sh|ya?ml)$|^\.ci\//.test(file))
      .flatMap((file) => judgeText(file, tree.read(file))),
    ...[...tree.sources].flatMap(([file, source]) => judgeNodes(file, source)),
  ],
}
