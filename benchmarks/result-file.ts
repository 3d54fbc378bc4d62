/** The file that a full run leaves, and how it is read again. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from './machine.ts'
import type { BenchOptions, ScenarioResult } from './result.ts'

/** Everything of one run. */
export interface BenchRun {
  readonly date: string
  /** When the file was written, as ISO 8601. */
  readonly savedAt: string
  readonly commit: string
  readonly machine: Machine
  readonly options: BenchOptions
  readonly results: readonly ScenarioResult[]
}

export const resultFolder = join(import.meta.dirname, 'results')

/** More digits than this are noise. */
const significantDigits = 5

const rounded = (_name: string, value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toPrecision(significantDigits)) : value

/** A run as JSON: numbers without noise, and what holds no other object on one line. */
export function runText(run: BenchRun): string {
  const text = JSON.stringify(run, rounded, 1)
  const onOneLine = text.replace(/[{[]\n(?:[^{}[\]]|\[\])*?\n\s*[}\]]/g, (inner) =>
    inner.replace(/\n\s*/g, ' '),
  )
  return `${onOneLine}\n`
}

/** Every run that is kept, the oldest first. */
export function readRuns(folder: string = resultFolder): readonly BenchRun[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}-.*\.json$/.test(name))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as BenchRun)
    .sort((a, b) => (a.savedAt < b.savedAt ? -1 : 1))
}
