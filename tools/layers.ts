import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { importTable, openFolders, type Part, reservedNodeModules } from './import-table.ts'
import type { RepositoryTree } from './repository-tree.ts'
import { isTestFile } from './source-text.ts'
import { type ImportStatement, importsOf } from './syntax-tree.ts'
import { broken, type Check, type Violation } from './violation.ts'

const rule = 'layers'
const groups = /^(core|service|edge)\//

/** The part a file belongs to; files at the root and of the tooling may belong to none. */
export const partOf = (file: string): Part | undefined =>
  importTable.find((part) => file.startsWith(`${part.folder}/`))

/** The package a specifier names: `@scope/name/file` is of `@scope/name`. */
export const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/** What a part's `package.json` names; tests and tooling also have the root's development set. */
const declaredPackages = (tree: RepositoryTree, part: Part, test: boolean): Set<string> => {
  const names = new Set<string>()
  const add = (file: string, members: readonly string[]): void => {
    if (!tree.files.includes(file)) return
    const manifest: Record<string, unknown> = JSON.parse(tree.read(file))
    for (const member of members) {
      for (const name of Object.keys((manifest[member] ?? {}) as object)) names.add(name)
    }
  }
  add(`${part.folder}/package.json`, ['dependencies', 'optionalDependencies', 'peerDependencies'])
  if (test || part.package === undefined) add('package.json', ['devDependencies'])
  return names
}

/** Path of the file an import names inside the repository, or undefined for the outside world. */
export const resolveImport = (file: string, specifier: string): string | undefined => {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(file), specifier)
  const part = importTable.find((each) => each.package === packageOf(specifier))
  if (part?.package === undefined) return undefined
  // The bare name of a package is its index.
  const inside = specifier.slice(part.package.length) || '/index'
  return `${part.folder}/src${inside}.ts`
}

interface Place {
  readonly tree: RepositoryTree
  readonly file: string
  readonly part: Part
}

const judgeRelative = (place: Place, specifier: string): string | undefined => {
  const target = posix.join(posix.dirname(place.file), specifier)
  const open = openFolders.some(
    ({ from, to }) => place.part.folder === from && target.startsWith(to),
  )
  if (!target.startsWith(`${place.part.folder}/`) && !open) {
    return `'${specifier}' leaves ${place.part.folder}; other parts are imported by package name`
  }
  if (!place.tree.files.includes(target)) {
    return `'${specifier}' names no file; write the path with its .ts extension`
  }
  return undefined
}

const judgeOwnPackage = (place: Place, specifier: string): string | undefined => {
  const name = packageOf(specifier)
  if (name === place.part.package) return `'${specifier}' is this package; import it by path`
  if (!place.part.mayImport.includes(name)) {
    return `${place.part.folder} may not import ${name}`
  }
  const manifest = `${place.part.folder}/package.json`
  if (place.tree.files.includes(manifest) && !place.tree.read(manifest).includes(`"${name}"`)) {
    return `${name} is not among the dependencies of ${place.part.folder}`
  }
  const target = resolveImport(place.file, specifier)
  if (target === undefined || !place.tree.files.includes(target)) {
    return `'${specifier}' names no file of ${name}`
  }
  return undefined
}

const judgeNodeModule = (place: Place, statement: ImportStatement): string | undefined => {
  const { specifier, typeOnly } = statement
  if (!specifier.startsWith('node:')) return `write 'node:${specifier}'`
  const owner = reservedNodeModules.get(specifier)
  // Whoever looks at the product from outside may look into its files as well.
  const inside = place.part.package !== undefined
  if (inside && owner !== undefined && owner !== place.part.folder)
    return `'${specifier}' is for ${owner} only`
  const refused = place.part.node === 'none' && !typeOnly && !isTestFile(place.file)
  return refused ? `${place.part.folder} is pure and may not import '${specifier}'` : undefined
}

const judgeForeignPackage = (place: Place, statement: ImportStatement): string | undefined => {
  const name = packageOf(statement.specifier)
  if (place.part.node === 'none' && !isTestFile(place.file)) {
    // RFC 7517 and its siblings have their shapes there already; types vanish before running.
    if (name === 'jose' && statement.typeOnly) return undefined
    return `${place.part.folder} is pure and may not import '${name}'`
  }
  return declaredPackages(place.tree, place.part, isTestFile(place.file)).has(name)
    ? undefined
    : `'${name}' is not among the dependencies of ${place.part.folder}`
}

const judgeImport = (place: Place, statement: ImportStatement): string | undefined => {
  const { specifier } = statement
  if (specifier.startsWith('.')) return judgeRelative(place, specifier)
  if (specifier.startsWith('@mintmark/')) return judgeOwnPackage(place, specifier)
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) {
    return judgeNodeModule(place, statement)
  }
  return judgeForeignPackage(place, statement)
}

/** A package may not even depend on what the table keeps from it. */
const judgeManifest = (tree: RepositoryTree, part: Part): readonly Violation[] => {
  const file = `${part.folder}/package.json`
  if (!tree.files.includes(file)) return []
  const manifest: { dependencies?: Record<string, string> } = JSON.parse(tree.read(file))
  return Object.keys(manifest.dependencies ?? {}).flatMap((name) => {
    const allowed = name.startsWith('@mintmark/')
      ? part.mayImport.includes(name)
      : part.node === 'all'
    if (allowed) return []
    const line =
      tree
        .read(file)
        .split('\n')
        .findIndex((text) => text.includes(`"${name}"`)) + 1
    return [broken(rule, file, line, `${part.folder} may not depend on ${name}`)]
  })
}

export const layers: Check = {
  name: rule,
  run: (tree) => {
    const violations: Violation[] = importTable.flatMap((part) => judgeManifest(tree, part))
    for (const [file, source] of tree.sources) {
      const part = partOf(file)
      if (part === undefined) {
        if (groups.test(file)) violations.push(broken(rule, file, 1, 'no part of the import table'))
        continue
      }
      for (const statement of importsOf(source)) {
        const message = judgeImport({ tree, file, part }, statement)
        if (message !== undefined) violations.push(broken(rule, file, statement.line, message))
      }
    }
    return violations
  },
}
