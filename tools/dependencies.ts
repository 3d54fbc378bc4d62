import { importTable } from './import-table.ts'
import { packageOf } from './layers.ts'
import { linesOf } from './source-text.ts'
import { importsOf } from './syntax-tree.ts'
import { broken, type Check } from './violation.ts'

const rule = 'dependencies'

/** A foreign package that nothing imports is weight, and something to keep safe for nothing. */
export const dependencies: Check = {
  name: rule,
  run: (tree) =>
    importTable.flatMap(({ folder }) => {
      const file = `${folder}/package.json`
      if (!tree.files.includes(file)) return []
      const used = new Set<string>()
      for (const [path, source] of tree.sources) {
        if (!path.startsWith(`${folder}/`)) continue
        for (const { specifier } of importsOf(source)) used.add(packageOf(specifier))
      }
      const manifest: { dependencies?: Record<string, string> } = JSON.parse(tree.read(file))
      return Object.keys(manifest.dependencies ?? {})
        .filter((name) => !name.startsWith('@mintmark/') && !used.has(name))
        .map((name) => {
          const line = linesOf(tree.read(file)).findIndex((text) => text.includes(`"${name}"`)) + 1
          return broken(rule, file, line, `${folder} depends on ${name} and does not import it`)
        })
    }),
}
