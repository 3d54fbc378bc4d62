/** A version of our server that is to come: this one, and a step of the schema that only adds. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { copyTree, mainOf } from './copied-tree.ts'

const lastStep = /\{\s*number: (\d+),[^{}]*\},\n\]/

export interface NextVersion {
  /** Its command. */
  readonly main: string
  remove(): void
}

export const makeNextVersion = (): NextVersion => {
  const tree = copyTree()
  const file = join(tree, 'service/storage/dist/migrations/migrate.js')
  const text = readFileSync(file, 'utf8')
  const [found, number] = lastStep.exec(text) ?? []
  if (found === undefined) throw new Error('the list of migrations looks different')
  const sql = `CREATE TABLE later (a integer NOT NULL PRIMARY KEY);
    ALTER TABLE application ADD COLUMN later text`
  const next = { number: Number(number) + 1, name: 'later', sql, worksFrom: Number(number) }
  writeFileSync(file, text.replace(found, `${found.slice(0, -1)}${JSON.stringify(next)}]`))
  return { main: mainOf(tree), remove: () => rmSync(tree, { recursive: true, force: true }) }
}
