/*
 * `node conformance/mutants.ts [ROW…]`: takes one check after the other out of a copy of the built
 * server and sees that a test of the named row turns red. Ends with 1 when one stays green: then
 * that row is not tested. Run `npm run build` first.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'node:test'
import { copyTree, mainOf } from './kit/copied-tree.ts'
import { type Mutant, mutants } from './mutant-table.ts'

const root = join(import.meta.dirname, '..')
const testFile = (name: string): string => join(import.meta.dirname, `${name}.test.ts`)

/** Names of the tests that failed; for one row, of those that a check failed in. */
const redTests = (files: readonly string[], row: string | null): Promise<readonly string[]> => {
  const red: string[] = []
  const testNamePatterns = row === null ? {} : { testNamePatterns: [new RegExp(`\\b${row}\\b`)] }
  const events = run({ files: [...files], cwd: root, concurrency: 2, ...testNamePatterns })
  events.on('test:fail', ({ name, details }) => {
    const cause = details.error.cause as { readonly code?: string } | undefined
    const isCheck = cause?.code === 'ERR_ASSERTION'
    // A server that does not start is not a check that failed.
    if (row === null || (isCheck && name.includes(row))) red.push(name)
  })
  events.resume()
  return new Promise((fulfil) => events.on('end', () => fulfil(red)))
}

/** Puts a mutant into the tree, runs its tests and takes it out again. */
const judge = async (tree: string, mutant: Mutant): Promise<readonly string[] | 'not there'> => {
  const file = join(tree, mutant.file)
  const text = readFileSync(file, 'utf8')
  if (text.split(mutant.find).length !== 2) return 'not there'
  writeFileSync(
    file,
    text.replace(mutant.find, () => mutant.replace),
  )
  try {
    return await redTests([testFile(mutant.test)], mutant.row)
  } finally {
    writeFileSync(file, text)
  }
}

const wanted = process.argv.slice(2)
const chosen = mutants.filter(({ row }) => wanted.length === 0 || wanted.includes(row))
const tree = copyTree()
process.on('exit', () => rmSync(tree, { recursive: true, force: true }))
process.env['MINTMARK_CONFORMANCE_MAIN'] = mainOf(tree)

const before = await redTests([...new Set(chosen.map(({ test }) => testFile(test)))], null)
if (before.length > 0) {
  console.error(`Red without any mutant:\n${before.join('\n')}`)
  process.exit(1)
}
let survivors = 0
for (const mutant of chosen) {
  const red = await judge(tree, mutant)
  const count = red === 'not there' ? 0 : red.length
  const verdict =
    red === 'not there' ? 'FIND TEXT IS GONE' : count > 0 ? `${count} red` : 'SURVIVED'
  if (count === 0) survivors += 1
  console.log(`${mutant.row}  without ${mutant.without}: ${verdict}`)
}
console.log(`${chosen.length} mutants, ${survivors} unnoticed`)
if (survivors > 0) process.exitCode = 1
