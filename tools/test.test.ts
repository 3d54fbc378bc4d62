import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { plantRepository } from './planted-repository.ts'

const passing = ["import { test } from 'node:test'", "test('a thing holds', () => {})"]
const failing = [
  "import { test } from 'node:test'",
  "test('a thing does not hold', () => { throw new Error('as planted') })",
]

/** Runs the runner over planted files, in an environment that does not look like a test's own. */
const runTests = async (
  t: TestContext,
  files: Readonly<Record<string, readonly string[]>>,
  ...filters: readonly string[]
): Promise<{ readonly status: number | null; readonly output: string }> => {
  const tree = await plantRepository(t, files)
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env
  const runner = join(import.meta.dirname, 'test.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [runner, ...filters], {
    env: { ...environment, MINTMARK_TEST_ROOT: tree.root },
    encoding: 'utf8',
  })
  return { status, output: stdout + stderr }
}

test('all tests pass: exit 0 and the counts at the end', async (t) => {
  const { status, output } = await runTests(t, {
    'core/a.test.ts': passing,
    'tools/b.test.ts': passing,
    'core/dist/c.test.ts': failing,
    'elsewhere/d.test.ts': failing,
  })
  assert.match(output, /tests 2\n.*suites 0\n.*pass 2\n.*fail 0/)
  assert.equal(status, 0)
})

test('the file that takes longest begins first', async (t) => {
  const named = (name: string) => [passing[0] ?? '', `test('${name}', () => {})`]
  const { output } = await runTests(t, {
    'core/a.test.ts': named('short'),
    'tools/pack.test.ts': named('long'),
  })
  assert.match(output, /long[\s\S]*short/)
})

test('one test fails: exit 1, named', async (t) => {
  const { status, output } = await runTests(t, {
    'core/a.test.ts': passing,
    'service/b.test.ts': failing,
  })
  assert.match(output, /a thing does not hold/)
  assert.match(output, /fail 1/)
  assert.equal(status, 1)
})

test('a file that cannot be loaded fails', async (t) => {
  const { status } = await runTests(t, { 'core/a.test.ts': ["import './gone.ts'"] })
  assert.equal(status, 1)
})

test('arguments choose files by a part of their path', async (t) => {
  const files = { 'core/a.test.ts': passing, 'service/b.test.ts': failing }
  const { status, output } = await runTests(t, files, 'core/')
  assert.match(output, /tests 1\n/)
  assert.equal(status, 0)
})

test('no file, or a file in which no test ran, is a failure', async (t) => {
  const none = await runTests(t, { 'core/a.test.ts': passing }, 'nothing-like-it')
  assert.match(none.output, /No test file has nothing-like-it in its path/)
  assert.equal(none.status, 1)
  const idle = await runTests(t, {
    'core/a.test.ts': passing,
    'core/b.test.ts': ['export const nothing = 1'],
  })
  assert.match(idle.output, /No test ran in .*b\.test\.ts/)
  assert.equal(idle.status, 1)
})
