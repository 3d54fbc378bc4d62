import { resolveImport } from './layers.ts'
import { importsOf } from './syntax-tree.ts'
import { broken, type Check } from './violation.ts'

interface Edge {
  readonly to: string
  readonly line: number
}

/**
 * Every import that closes a circle, found by walking depth first; imports of types count as well,
 * because a reader cannot understand one of two such files without the other.
 */
export const cycles: Check = {
  name: 'cycles',
  run: (tree) => {
    const graph = new Map<string, readonly Edge[]>()
    for (const [file, source] of tree.sources) {
      const edges = importsOf(source).flatMap(({ specifier, line }) => {
        const to = resolveImport(file, specifier)
        return to === undefined ? [] : [{ to, line }]
      })
      graph.set(file, edges)
    }
    const done = new Set<string>()
    const path: string[] = []
    const violations: ReturnType<Check['run']>[number][] = []
    const walk = (file: string): void => {
      path.push(file)
      for (const { to, line } of graph.get(file) ?? []) {
        const start = path.indexOf(to)
        if (start !== -1) {
          const circle = [...path.slice(start), to].join(' → ')
          violations.push(broken('cycles', file, line, `import cycle: ${circle}`))
        } else if (!done.has(to)) {
          walk(to)
        }
      }
      path.pop()
      done.add(file)
    }
    for (const file of graph.keys()) if (!done.has(file)) walk(file)
    return violations
  },
}
