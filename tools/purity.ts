import { worldlyGlobals, worldlyMembers } from './import-table.ts'
import { partOf } from './layers.ts'
import { isTestFile } from './source-text.ts'
import { lineOfNode, type Node, type Source, SyntaxKind, visitNodes } from './syntax-tree.ts'
import { broken, type Check, type Violation } from './violation.ts'

const rule = 'purity'

const textOf = (source: Source, node: Node): string =>
  source.text.slice(node.getStart(source), node.end)

/** The expression that a call, a `new` or a member access starts from. */
const startOf = (node: Node): Node | undefined =>
  'expression' in node ? (node.expression as Node) : undefined

const worldlyUse = (source: Source, node: Node): string | undefined => {
  const start = startOf(node)
  if (start === undefined) return undefined
  const text = textOf(source, start)
  if (start.kind === SyntaxKind.Identifier && worldlyGlobals.has(text)) return text
  if (node.kind === SyntaxKind.CallExpression && worldlyMembers.has(text)) return `${text}()`
  const made = node.kind === SyntaxKind.NewExpression ? textOf(source, node) : ''
  return /^new Date(\(\s*\))?$/.test(made) ? 'new Date()' : undefined
}

const judge = (file: string, source: Source): readonly Violation[] => {
  const part = partOf(file)
  const violations: Violation[] = []
  if (part === undefined || isTestFile(file)) return violations
  visitNodes(source, (node) => {
    const worldly = part.pure ? worldlyUse(source, node) : undefined
    const line = (): number => lineOfNode(source, node)
    if (worldly !== undefined) {
      violations.push(
        broken(rule, file, line(), `${part.folder} is pure and may not use ${worldly}`),
      )
    }
    const waits =
      node.kind === SyntaxKind.AwaitExpression ||
      node.kind === SyntaxKind.AwaitKeyword ||
      node.kind === SyntaxKind.AsyncKeyword
    if (part.synchronous && waits) {
      violations.push(
        broken(rule, file, line(), `${part.folder} is synchronous: no async, no await`),
      )
    }
  })
  return violations
}

/** What is true does not depend on when, where or how often it is asked. */
export const purity: Check = {
  name: rule,
  run: (tree) => [...tree.sources].flatMap(([file, source]) => judge(file, source)),
}
