import { posix } from 'node:path'
import { anchorsOf, linksOf, sectionOf } from './markdown.ts'
import type { RepositoryTree } from './repository-tree.ts'
import { linesOf } from './source-text.ts'
import { broken, type Check, type Violation } from './violation.ts'

const rule = 'documents'
const readme = 'README.md'
const dependencyPage = 'docs/internals/dependencies.md'

const documentsOf = (tree: RepositoryTree): readonly string[] =>
  tree.files.filter((file) => file.endsWith('.md'))

const judgeLink = (tree: RepositoryTree, file: string, target: string): string | undefined => {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return undefined
  const [path = '', anchor] = target.split('#', 2)
  const linked =
    path === ''
      ? file
      : posix.join(posix.dirname(file), decodeURIComponent(path)).replace(/\/$/, '')
  if (linked.startsWith('..')) return `'${target}' leaves the repository`
  const isFolder = tree.files.some((each) => each.startsWith(`${linked}/`))
  if (!tree.files.includes(linked) && !isFolder) return `'${target}' names no file`
  if (anchor === undefined || anchor === '' || !linked.endsWith('.md')) return undefined
  return anchorsOf(tree.read(linked)).has(anchor) ? undefined : `'${target}' names no heading`
}

const checkLinks = (tree: RepositoryTree): readonly Violation[] =>
  documentsOf(tree).flatMap((file) =>
    linksOf(tree.read(file)).flatMap(({ target, line }) => {
      const message = judgeLink(tree, file, target)
      return message === undefined ? [] : [broken(rule, file, line, message)]
    }),
  )

/** Top folders that hold files; git's own folder is not one of them. */
const topFolders = (tree: RepositoryTree): ReadonlySet<string> =>
  new Set(
    tree.files.filter((file) => file.includes('/')).map((file) => file.split('/', 1)[0] ?? ''),
  )

const checkMap = (tree: RepositoryTree): readonly Violation[] => {
  if (!tree.files.includes(readme)) return [broken(rule, readme, 0, 'there is no README.md')]
  const section = sectionOf(tree.read(readme), 'Map of the tree')
  if (section === undefined) return [broken(rule, readme, 0, "no heading 'Map of the tree'")]
  const folders = topFolders(tree)
  const drawn = new Set<string>()
  const violations: Violation[] = []
  linesOf(section.text).forEach((text, index) => {
    const name = /^[├└]── ([\w.-]+)\//.exec(text)?.[1]
    if (name === undefined) return
    drawn.add(name)
    if (!folders.has(name)) {
      violations.push(
        broken(rule, readme, section.line + index, `the map shows ${name}/: not there`),
      )
    }
  })
  for (const name of folders) {
    if (drawn.has(name)) continue
    violations.push(broken(rule, readme, section.line, `the map does not show ${name}/`))
  }
  return violations
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

const checkNamed = (
  tree: RepositoryTree,
  heading: string,
  wanted: ReadonlySet<string>,
): readonly Violation[] => {
  const section = sectionOf(tree.read(dependencyPage), heading)
  if (section === undefined) return [broken(rule, dependencyPage, 0, `no heading '${heading}'`)]
  const named = new Map<string, number>()
  linesOf(section.text).forEach((text, index) => {
    const name = /^\| `([^`]+)`/.exec(text)?.[1]
    if (name !== undefined) named.set(name, section.line + index)
  })
  const missing = [...wanted].filter((name) => !named.has(name))
  const surplus = [...named].filter(([name]) => !wanted.has(name))
  return [
    ...missing.map((name) =>
      broken(rule, dependencyPage, section.line, `${name} is not named under '${heading}'`),
    ),
    ...surplus.map(([name, line]) =>
      broken(rule, dependencyPage, line, `${name} is in no package.json as '${heading}' says`),
    ),
  ]
}

const checkDependencies = (tree: RepositoryTree): readonly Violation[] => {
  if (!tree.files.includes(dependencyPage)) {
    return [broken(rule, dependencyPage, 0, 'there is no page of dependencies')]
  }
  const atRunTime = new Set<string>()
  const forDevelopment = new Set<string>()
  for (const file of tree.files) {
    if (posix.basename(file) !== 'package.json') continue
    const manifest: Manifest = JSON.parse(tree.read(file))
    const optional = Object.keys(manifest.optionalDependencies ?? {})
    // nobody installs the whole repository to run it: what is optional there is for its tests
    for (const name of optional) (file === 'package.json' ? forDevelopment : atRunTime).add(name)
    const running = [manifest.dependencies, manifest.peerDependencies]
    for (const name of running.flatMap((list) => Object.keys(list ?? {}))) atRunTime.add(name)
    for (const name of Object.keys(manifest.devDependencies ?? {})) forDevelopment.add(name)
  }
  const foreign = (names: ReadonlySet<string>): ReadonlySet<string> =>
    new Set([...names].filter((name) => !name.startsWith('@mintmark/')))
  return [
    ...checkNamed(tree, 'At run time', foreign(atRunTime)),
    ...checkNamed(tree, 'For development', foreign(forDevelopment)),
  ]
}

/** Documents that speak of what is no longer there are worse than none. */
export const documents: Check = {
  name: rule,
  run: (tree) => [...checkLinks(tree), ...checkMap(tree), ...checkDependencies(tree)],
}
