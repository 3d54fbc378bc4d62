import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isTypeScript } from './source-text.ts'
import { parseFiles, type Source } from './syntax-tree.ts'

/** The files a check may look at. */
export interface RepositoryTree {
  /** Absolute path. */
  readonly root: string
  /** Every file that is the repository's own, sorted, as paths from the root with `/`. */
  readonly files: readonly string[]
  /** Text of one of `files`, read once. */
  readonly read: (file: string) => string
  /** Every TypeScript file, parsed. */
  readonly sources: ReadonlyMap<string, Source>
}

/** What git ignores or owns; the same names as in `.gitignore`. In a worktree `.git` is a file. */
const foreign = new Set(['.git', 'node_modules', 'dist', '.mintmark', 'coverage'])

/** Reads the names of all files below `root`, without following links, and parses the sources. */
export const readTree = async (root: string): Promise<RepositoryTree> => {
  const files: string[] = []
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (foreign.has(entry.name)) continue
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) walk(path)
      if (entry.isFile() && !entry.name.endsWith('.log')) files.push(path)
    }
  }
  walk('')
  files.sort()
  const texts = new Map<string, string>()
  const read = (file: string): string => {
    const known = texts.get(file)
    if (known !== undefined) return known
    const text = readFileSync(join(root, file), 'utf8')
    texts.set(file, text)
    return text
  }
  return { root, files, read, sources: await parseFiles(root, files.filter(isTypeScript)) }
}
