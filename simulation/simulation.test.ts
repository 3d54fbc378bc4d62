import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Report, runJob } from './job.ts'
import type { Plan } from './plan.ts'
import { plantedBugs } from './planted-bugs.ts'
import { mutate } from './prepare.ts'

const failures = join(import.meta.dirname, 'failures')

const brokenOf = (reports: readonly Report[]): readonly string[] =>
  reports.flatMap((report) =>
    report.kind === 'broken' ? [`${report.seed}: ${report.message}`] : [],
  )

/** Worlds that once broke a promise. */
const kept = (): readonly Plan[] =>
  (existsSync(failures) ? readdirSync(failures) : []).map(
    (name) => (JSON.parse(readFileSync(join(failures, name), 'utf8')) as { plan: Plan }).plan,
  )

test('every promise is kept in worlds with faults, and in those that once broke one', async () => {
  assert.deepEqual(brokenOf(await runJob({ count: 8, plans: kept() })), [])
})

test('the same seed gives the same history, whatever the process has run before', async () => {
  const historyOf = async (from: number, count: number): Promise<string> => {
    const told = (await runJob({ from, count, isTold: true })).filter(
      ({ kind }) => kind === 'whole',
    )
    const last = told.at(-1)
    return last?.kind === 'whole' ? last.history.join('\n') : ''
  }
  const alone = await historyOf(5, 1)
  assert.ok(alone.split('\n').length > 200)
  assert.equal(await historyOf(2, 4), alone)
})

test('planted bugs find their places in the product', () => {
  const root = join(import.meta.dirname, '..')
  for (const { name, mutations } of plantedBugs) {
    const texts = new Map<string, string>()
    for (const mutation of mutations) {
      const { file } = mutation
      const text = texts.get(file) ?? readFileSync(join(root, file), 'utf8')
      assert.doesNotThrow(() => texts.set(file, mutate(text, mutation)), name)
    }
  }
})

test('a server that does not hear what others have committed is noticed', async () => {
  const reports = await runJob({ plant: 'no-look-before', count: 40, until: 'INV-2' })
  assert.match(brokenOf(reports)[0] ?? '', /INV-\d+ /)
})
