/** The built server in a folder of its own, to be changed there. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const packages: Readonly<Record<string, string>> = {
  protocol: 'core/protocol',
  registry: 'core/registry',
  decisions: 'core/decisions',
  storage: 'service/storage',
  server: 'service/server',
  cli: 'edge/cli',
}

/** The command of a tree, its own or that of a checkout. */
export const mainOf = (tree: string): string => join(tree, 'edge/cli/dist/main.js')

/** The built packages in a folder of their own, with the installed ones behind links. */
export const copyTree = (): string => {
  const tree = mkdtempSync(join(tmpdir(), 'mintmark-tree-'))
  mkdirSync(join(tree, 'node_modules/@mintmark'), { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name.startsWith('.') || name === '@mintmark') continue
    symlinkSync(join(root, 'node_modules', name), join(tree, 'node_modules', name))
  }
  for (const [name, folder] of Object.entries(packages)) {
    for (const part of ['dist', 'package.json']) {
      cpSync(join(root, folder, part), join(tree, folder, part), { recursive: true })
    }
    symlinkSync(join(tree, folder), join(tree, 'node_modules/@mintmark', name))
  }
  return tree
}
