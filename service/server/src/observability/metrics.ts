import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { ExpiringCounts } from '@mintmark/decisions/upkeep/decide-expiry-notices'
import type { SinkStanding } from '../audit-shipping/audit-sink.ts'
import { type ProcessReading, readProcess } from './process-reading.ts'

/**
 * What one process counts. The hot path touches plain numbers only; text is made when someone
 * scrapes (`render-metrics.ts`), from a snapshot that other workers' snapshots can be added to.
 *
 * Labels are bounded: closed vocabularies, never a client id, and a metric that would grow beyond
 * `seriesMax` counts the rest under `other`, so that no stranger can fill the memory.
 */

const seriesMax = 256
const overflowLabel = 'other'

/** Upper bounds of histogram buckets, in seconds. */
export const bucketBounds = {
  mintmark_http_request_duration_seconds: [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ],
  mintmark_signing_duration_seconds: [
    0.00002, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05,
  ],
  mintmark_store_query_duration_seconds: [
    0.00001, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1,
  ],
} as const

export type HistogramName = keyof typeof bucketBounds
export type CounterName =
  | 'mintmark_tokens_issued_total'
  | 'mintmark_tokens_reissued_total'
  | 'mintmark_budgets_spent_total'
  | 'mintmark_token_requests_total'
  | 'mintmark_audit_gap_total'
  | 'mintmark_audit_sink_failures_total'

export type GaugeName = 'mintmark_credentials_expiring' | 'mintmark_audit_sink_waiting_seconds'

/** The names of the labels, in the order in which snapshots hold their values. */
export const labelNames: Readonly<
  Record<CounterName | HistogramName | GaugeName, readonly string[]>
> = {
  mintmark_credentials_expiring: ['kind', 'within'],
  mintmark_audit_sink_waiting_seconds: ['sink'],
  mintmark_audit_sink_failures_total: ['sink'],
  mintmark_tokens_issued_total: ['alg'],
  mintmark_tokens_reissued_total: [],
  mintmark_budgets_spent_total: ['side', 'mode'],
  mintmark_token_requests_total: ['result', 'reason'],
  mintmark_audit_gap_total: [],
  mintmark_http_request_duration_seconds: ['route', 'method', 'code'],
  mintmark_signing_duration_seconds: ['alg'],
  mintmark_store_query_duration_seconds: ['op'],
}

export interface CounterSeries {
  readonly labels: readonly string[]
  readonly value: number
}

export interface HistogramSeries {
  readonly labels: readonly string[]
  /** Observations a bucket, not cumulated; the last one is beyond every bound. */
  readonly buckets: readonly number[]
  readonly sum: number
}

/** Plain data: survives JSON and structured clone, so workers can send it. */
export interface MetricsSnapshot {
  readonly build: { readonly version: string; readonly node: string }
  readonly counters: Readonly<Record<CounterName, readonly CounterSeries[]>>
  readonly histograms: Readonly<Record<HistogramName, readonly HistogramSeries[]>>
  /** Set by the one process that knows; the others have none. */
  readonly gauges: Readonly<Record<GaugeName, readonly CounterSeries[]>>
  readonly process: ProcessReading
}

/** What the parts of the server report. Durations are in seconds. */
export interface Metrics {
  /** A token request was answered; `reason` is the operator's reason of a refusal. */
  readonly countTokenRequest: (result: 'issued' | 'refused', reason?: string) => void
  readonly countTokenIssued: (alg: string) => void
  /** The current token was given once more instead of a new one. */
  readonly countTokenReissued: () => void
  /** A request met a budget of which there was not enough left. */
  readonly countBudgetSpent: (side: string, mode: string) => void
  /** Audit records that could not be stored while answers went out (`available` mode). */
  readonly countAuditGap: (records?: number) => void
  /** `route` is the pattern of the door, never the path that was asked for. */
  readonly observeRequest: (route: string, method: string, code: number, seconds: number) => void
  readonly observeSigning: (alg: string, seconds: number) => void
  readonly observeStoreQuery: (op: string, seconds: number) => void
  /** How many credentials end within 7 and within 30 days. */
  readonly setExpiring: (counts: ExpiringCounts) => void
  readonly setSinkStanding: (standing: SinkStanding) => void
  readonly snapshot: () => MetricsSnapshot
  /** Stops the event-loop monitor. */
  readonly close: () => void
}

const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const eventLoopResolutionMilliseconds = 20

/**
 * Opens the counters of this process.
 *
 * @param version of mintmark, for `mintmark_build_info`
 */
export function createMetrics(version: string): Metrics {
  const issued = openCounter(1)
  const reissued = openCounter(0)
  reissued.count(0)
  const budgets = openCounter(2)
  const requests = openCounter(2)
  const gap = openCounter(0)
  gap.count(0)
  const http = openHistogram('mintmark_http_request_duration_seconds')
  const signing = openHistogram('mintmark_signing_duration_seconds')
  const store = openHistogram('mintmark_store_query_duration_seconds')
  let expiring: readonly CounterSeries[] = []
  const sinks = new Map<string, SinkStanding>()
  const eventLoop = monitorEventLoopDelay({ resolution: eventLoopResolutionMilliseconds })
  eventLoop.enable()
  return {
    countTokenRequest: (result, reason = '') => requests.count(1, result, reason),
    countTokenIssued: (alg) => issued.count(1, alg),
    countTokenReissued: () => reissued.count(1),
    countBudgetSpent: (side, mode) => budgets.count(1, side, mode),
    countAuditGap: (records = 1) => gap.count(records),
    observeRequest: (route, method, code, seconds) =>
      http.observe(
        seconds,
        route,
        knownMethods.has(method) ? method : overflowLabel,
        codeLabel(code),
      ),
    observeSigning: (alg, seconds) => signing.observe(seconds, alg),
    observeStoreQuery: (op, seconds) => store.observe(seconds, op),
    setExpiring: (counts) => {
      expiring = expiringSeries(counts)
    },
    setSinkStanding: (standing) => sinks.set(standing.sink, standing),
    snapshot: () => ({
      build: { version, node: process.version },
      counters: {
        mintmark_tokens_issued_total: issued.read(),
        mintmark_tokens_reissued_total: reissued.read(),
        mintmark_budgets_spent_total: budgets.read(),
        mintmark_token_requests_total: requests.read(),
        mintmark_audit_gap_total: gap.read(),
        mintmark_audit_sink_failures_total: sinkSeries(sinks, 'failures'),
      },
      histograms: {
        mintmark_http_request_duration_seconds: http.read(),
        mintmark_signing_duration_seconds: signing.read(),
        mintmark_store_query_duration_seconds: store.read(),
      },
      gauges: {
        mintmark_credentials_expiring: expiring,
        mintmark_audit_sink_waiting_seconds: sinkSeries(sinks, 'waitingSeconds'),
      },
      process: readProcess(eventLoop, eventLoopResolutionMilliseconds),
    }),
    close: () => eventLoop.disable(),
  }
}

const expiringSeries = (counts: ExpiringCounts): readonly CounterSeries[] =>
  (['secret', 'certificate'] as const).flatMap((kind) => [
    { labels: [kind, '7d'], value: counts[kind].within7Days },
    { labels: [kind, '30d'], value: counts[kind].within30Days },
  ])

const sinkSeries = (
  sinks: ReadonlyMap<string, SinkStanding>,
  member: 'failures' | 'waitingSeconds',
): CounterSeries[] =>
  Array.from(sinks, ([sink, standing]) => ({ labels: [sink], value: standing[member] }))

const codeLabels: string[] = []
const codeLabel = (code: number): string => {
  if (!Number.isInteger(code) || code < 100 || code > 599) return overflowLabel
  codeLabels[code] ??= String(code)
  return codeLabels[code] ?? overflowLabel
}

/** Series by their label values: at most three levels of maps, so no key has to be glued. */
interface SeriesTree<Series> {
  readonly at: (a: string, b: string, c: string) => Series
  readonly all: () => IterableIterator<readonly [readonly string[], Series]>
}

function openSeries<Series>(labels: number, open: () => Series): SeriesTree<Series> {
  const tree = new Map<string, Map<string, Map<string, Series>>>()
  const list: (readonly [readonly string[], Series])[] = []
  let overflow: Series | undefined
  const add = (a: string, b: string, c: string): Series => {
    if (list.length >= seriesMax) {
      if (overflow === undefined) {
        overflow = open()
        list.push([new Array<string>(labels).fill(overflowLabel), overflow])
      }
      return overflow
    }
    const series = open()
    const second = tree.get(a) ?? new Map<string, Map<string, Series>>()
    const third = second.get(b) ?? new Map<string, Series>()
    tree.set(a, second)
    second.set(b, third)
    third.set(c, series)
    list.push([[a, b, c].slice(0, labels), series])
    return series
  }
  return {
    at: (a, b, c) => tree.get(a)?.get(b)?.get(c) ?? add(a, b, c),
    all: () => list.values(),
  }
}

function openCounter(labels: number): {
  readonly count: (by: number, a?: string, b?: string) => void
  readonly read: () => CounterSeries[]
} {
  const series = openSeries(labels, () => ({ value: 0 }))
  return {
    count: (by, a = '', b = '') => {
      series.at(a, b, '').value += by
    },
    read: () => Array.from(series.all(), ([names, { value }]) => ({ labels: names, value })),
  }
}

function openHistogram(name: HistogramName): {
  readonly observe: (seconds: number, a: string, b?: string, c?: string) => void
  readonly read: () => HistogramSeries[]
} {
  const bounds = Float64Array.from(bucketBounds[name])
  const series = openSeries(labelNames[name].length, () => ({
    buckets: new Float64Array(bounds.length + 1),
    sum: 0,
  }))
  return {
    observe: (seconds, a, b = '', c = '') => {
      const one = series.at(a, b, c)
      let bucket = 0
      while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket += 1
      one.buckets[bucket] = (one.buckets[bucket] ?? 0) + 1
      one.sum += seconds
    },
    read: () =>
      Array.from(series.all(), ([labels, { buckets, sum }]) => ({
        labels,
        buckets: Array.from(buckets),
        sum,
      })),
  }
}
