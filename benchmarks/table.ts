import type { LoadReport } from './load-messages.ts'
import { isReached, isWithin } from './promises.ts'
import type { ScenarioResult } from './result.ts'
import type { Measurement, Ratio } from './rounds.ts'
import { type Spread, spreadOf } from './statistics.ts'

function digits(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (value >= 100) return value.toFixed(0)
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

/** `median (min–max)`. */
function spreadText(spread: Spread): string {
  if (spread.min === spread.max) return digits(spread.median)
  return `${digits(spread.median)} (${digits(spread.min)}–${digits(spread.max)})`
}

/** Lines up columns; the first to the left, the others to the right. */
function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  )
}

function measurementRow(measurement: Measurement): readonly string[] {
  const over = (pick: (report: Omit<LoadReport, 'kind' | 'kept'>) => number): string =>
    spreadText(spreadOf(measurement.rounds.map(pick)))
  const errors = measurement.rounds.reduce((sum, report) => sum + report.errors, 0)
  return [
    measurement.name,
    over((report) => report.requestsPerSecond),
    over((report) => report.p50Millis),
    over((report) => report.p99Millis),
    over((report) => report.serverCpuMicrosPerRequest),
    over((report) => report.bytesPerAnswer),
    String(errors),
  ]
}

function verdict(spread: Spread, target: number | undefined): string {
  if (target === undefined) return ''
  return ` [promised ≥ ${target}: ${isReached(spread, target) ? 'met' : 'NOT MET'}]`
}

function ratioRow(ratio: Ratio): readonly string[] {
  const requests = spreadText(ratio.requests) + verdict(ratio.requests, ratio.requestsTarget)
  const cpu = spreadText(ratio.cpu) + verdict(ratio.cpu, ratio.cpuTarget)
  return [`${ratio.of} / ${ratio.over}`, requests, cpu]
}

/** What went wrong inside the windows, so that no figure of refusals passes for one of answers. */
function errorLines(measurements: readonly Measurement[]): readonly string[] {
  return measurements.flatMap((measurement) =>
    measurement.rounds
      .flatMap((report) => report.errorSamples)
      .slice(0, 3)
      .map((sample) => `! ${measurement.name}: ${sample}`),
  )
}

/** One scenario as text: figures of each contender, ratios, plain figures, what was skipped. */
export function scenarioText(result: ScenarioResult): string {
  const lines = [`== ${result.name}: ${result.about}`, '']
  if (result.measurements.length > 0) {
    const head = [
      'median (min–max)',
      'requests/s',
      'p50 ms',
      'p99 ms',
      'CPU µs/request',
      'bytes',
      'errors',
    ]
    lines.push(...columns([head, ...result.measurements.map(measurementRow)]), '')
  }
  if (result.ratios.length > 0) {
    const head = ['ratio, round by round', 'requests', 'CPU per request']
    lines.push(...columns([head, ...result.ratios.map(ratioRow)]), '')
  }
  for (const { name, unit, spread, atMost } of result.figures) {
    const met = atMost === undefined || isWithin(spread, atMost) ? 'met' : 'NOT MET'
    const promise = atMost === undefined ? '' : ` [promised ≤ ${atMost}: ${met}]`
    lines.push(`${name}: ${spreadText(spread)} ${unit}${promise}`)
  }
  lines.push(...errorLines(result.measurements))
  if (result.failure !== undefined) lines.push(`! FAILED: ${result.failure}`)
  lines.push(...result.skipped.map((skipped) => `skipped ${skipped}`), '')
  return lines.join('\n')
}
