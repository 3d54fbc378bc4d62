import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { type RepositoryTree, readTree } from './repository-tree.ts'
import type { Violation } from './violation.ts'

/**
 * A small repository in a temporary folder, for tests that plant a violation and want to see it
 * found. Removed when the test ends.
 *
 * @param files path from the root → text, or lines
 */
export const plantRepository = (
  test: TestContext,
  files: Readonly<Record<string, string | readonly string[]>>,
): Promise<RepositoryTree> => {
  const root = mkdtempSync(join(tmpdir(), 'mintmark-tools-'))
  test.after(() => rmSync(root, { recursive: true, force: true }))
  for (const [file, content] of Object.entries(files)) {
    const path = join(root, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, typeof content === 'string' ? content : `${content.join('\n')}\n`)
  }
  return readTree(root)
}

/** `file:line rule` of each violation: what most tests compare. */
export const places = (violations: readonly Violation[]): readonly string[] =>
  violations.map((violation) => `${violation.file}:${violation.line} ${violation.rule}`)
