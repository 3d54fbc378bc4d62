import { join } from 'node:path'
import {
  isBindingElement,
  isCallExpression,
  isExportDeclaration,
  isImportDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isMethodDeclaration,
  isPropertyAssignment,
  isStringLiteral,
  isVariableDeclaration,
  type Node,
  type SourceFile,
  SyntaxKind,
} from 'typescript/unstable/ast'
import { API } from 'typescript/unstable/async'
import { lineAt } from './source-text.ts'

/*
 * The only file that touches the compiler's programming interface. It is marked unstable there and
 * pinned here; what the checks read is the small vocabulary below.
 */

export interface ImportStatement {
  readonly specifier: string
  readonly line: number
  /** Erased before the program runs. */
  readonly typeOnly: boolean
}

export interface FunctionExtent {
  readonly name: string
  readonly line: number
  readonly lines: number
}

export type Source = SourceFile
export { type Node, SyntaxKind } from 'typescript/unstable/ast'

/**
 * Parses files with the compiler's own parser; nothing is resolved or checked.
 *
 * @param root absolute path
 * @param files TypeScript files, as paths from the root
 */
export const parseFiles = async (
  root: string,
  files: readonly string[],
): Promise<ReadonlyMap<string, SourceFile>> => {
  const sources = new Map<string, SourceFile>()
  const project = join(root, 'tsconfig.of-the-checks.json')
  const text = JSON.stringify({
    compilerOptions: { noResolve: true, noLib: true, types: [], moduleDetection: 'force' },
    files: files.map((file) => join(root, file)),
  })
  const api = new API({
    cwd: root,
    fs: {
      readFile: (path) => (path === project ? text : undefined),
      fileExists: (path) => (path === project ? true : undefined),
    },
  })
  try {
    const snapshot = await api.updateSnapshot({ openProjects: [project] })
    const opened = snapshot.getProject(project)
    for (const file of files) {
      const source = await opened?.program.getSourceFile(join(root, file))
      if (source === undefined) throw new Error(`${file}: the compiler did not parse this file`)
      sources.set(file, source)
    }
  } finally {
    await api.close()
  }
  return sources
}

/** Calls `visit` for every node below `source`, parents first. */
export const visitNodes = (source: Node, visit: (node: Node) => void): void => {
  source.forEachChild((child) => {
    visit(child)
    visitNodes(child, visit)
  })
}

/** Line, from 1, where a node begins, without the comment before it. */
export const lineOfNode = (source: SourceFile, node: Node): number =>
  lineAt(source.text, node.getStart(source))

/** Every module a file names: import, export … from, import(), and import types. */
export const importsOf = (source: SourceFile): readonly ImportStatement[] => {
  const imports: ImportStatement[] = []
  visitNodes(source, (node) => {
    const specifier = moduleNamedBy(node)
    if (specifier === undefined || !isStringLiteral(specifier)) return
    const text = source.text.slice(node.getStart(source), node.end)
    const typeOnly = isImportTypeNode(node) || /^(import|export)\s+type\b/.test(text)
    imports.push({ specifier: specifier.text, line: lineOfNode(source, node), typeOnly })
  })
  return imports
}

const moduleNamedBy = (node: Node): Node | undefined => {
  if (isImportDeclaration(node) || isExportDeclaration(node)) return node.moduleSpecifier
  if (isImportTypeNode(node)) {
    return isLiteralTypeNode(node.argument) ? node.argument.literal : undefined
  }
  if (isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword) {
    return node.arguments[0]
  }
  return undefined
}

const functionKinds: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.ArrowFunction,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.Constructor,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
])

/** Every function with a body, from its first line to its last. */
export const functionsOf = (source: SourceFile): readonly FunctionExtent[] => {
  const functions: FunctionExtent[] = []
  visitNodes(source, (node) => {
    if (!functionKinds.has(node.kind)) return
    const line = lineOfNode(source, node)
    const lines = lineAt(source.text, node.end) - line + 1
    functions.push({ name: nameOfFunction(source, node), line, lines })
  })
  return functions
}

const nameOfFunction = (source: SourceFile, node: Node): string => {
  const own = 'name' in node ? (node.name as Node | undefined) : undefined
  const parent = node.parent
  const named =
    isVariableDeclaration(parent) || isPropertyAssignment(parent) || isBindingElement(parent)
      ? parent.name
      : undefined
  const name = own ?? named
  if (name !== undefined) return source.text.slice(name.getStart(source), name.end)
  return isMethodDeclaration(node) ? 'method' : 'a function without a name'
}
