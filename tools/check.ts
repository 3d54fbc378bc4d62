/*
 * `npm run check`: every promise of the house that a program can check. Prints each violation with
 * its file and line; exit code 1 when one is broken.
 */
import { join } from 'node:path'
import { cycles } from './cycles.ts'
import { dependencies } from './dependencies.ts'
import { documents } from './documents.ts'
import { endpoints } from './endpoints.ts'
import { focus } from './focus.ts'
import { layers } from './layers.ts'
import { purity } from './purity.ts'
import { reasons } from './reasons.ts'
import { readTree } from './repository-tree.ts'
import { secrets } from './secrets.ts'
import { sizes } from './sizes.ts'
import { standards } from './standards.ts'
import { types } from './types.ts'
import { type Check, formatViolation, type Violation } from './violation.ts'

const checks: readonly Check[] = [
  layers,
  dependencies,
  cycles,
  purity,
  sizes,
  focus,
  secrets,
  documents,
  standards,
  reasons,
  endpoints,
  types,
]

const root = process.argv[2] ?? join(import.meta.dirname, '..')
const tree = await readTree(root)
const violations: readonly Violation[] = checks.flatMap((check) => check.run(tree))
for (const violation of violations) console.log(formatViolation(violation))

const errors = violations.filter(({ severity }) => severity === 'error').length
const names = checks.map(({ name }) => name).join(', ')
console.log(`${errors === 0 ? 'ok' : `${errors} broken`}: ${names} over ${tree.files.length} files`)
process.exitCode = errors === 0 ? 0 : 1
