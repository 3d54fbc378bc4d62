import type { Metric, Registry } from 'prom-client'
import {
  bucketBounds,
  type CounterName,
  type CounterSeries,
  type GaugeName,
  type HistogramName,
  type HistogramSeries,
  labelNames,
  type MetricsSnapshot,
} from './metrics.ts'
import { mergeReadings, type ProcessReading } from './process-reading.ts'

/** The content type of what `renderMetrics` returns. */
export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * One snapshot for all workers.
 *
 * @param snapshots of the running processes, at least one
 */
export function mergeMetrics(snapshots: readonly MetricsSnapshot[]): MetricsSnapshot {
  const first = snapshots[0]
  if (first === undefined) throw new Error('mergeMetrics needs the snapshot of one process')
  if (snapshots.length === 1) return first
  const added = (all: readonly CounterSeries[]): CounterSeries[] =>
    mergeSeries(all, (a, b) => ({ labels: a.labels, value: a.value + b.value }))
  const counters = (name: CounterName) => added(snapshots.flatMap((one) => one.counters[name]))
  const gauges = (name: GaugeName) => added(snapshots.flatMap((one) => one.gauges[name]))
  const histograms = (name: HistogramName): HistogramSeries[] =>
    mergeSeries(
      snapshots.flatMap((one) => one.histograms[name]),
      (a, b) => ({
        labels: a.labels,
        buckets: a.buckets.map((count, bucket) => count + (b.buckets[bucket] ?? 0)),
        sum: a.sum + b.sum,
      }),
    )
  return {
    build: first.build,
    counters: {
      mintmark_tokens_issued_total: counters('mintmark_tokens_issued_total'),
      mintmark_tokens_reissued_total: counters('mintmark_tokens_reissued_total'),
      mintmark_budgets_spent_total: counters('mintmark_budgets_spent_total'),
      mintmark_token_requests_total: counters('mintmark_token_requests_total'),
      mintmark_audit_gap_total: counters('mintmark_audit_gap_total'),
      mintmark_audit_sink_failures_total: counters('mintmark_audit_sink_failures_total'),
    },
    histograms: {
      mintmark_http_request_duration_seconds: histograms('mintmark_http_request_duration_seconds'),
      mintmark_signing_duration_seconds: histograms('mintmark_signing_duration_seconds'),
      mintmark_store_query_duration_seconds: histograms('mintmark_store_query_duration_seconds'),
    },
    gauges: {
      mintmark_credentials_expiring: gauges('mintmark_credentials_expiring'),
      mintmark_audit_sink_waiting_seconds: gauges('mintmark_audit_sink_waiting_seconds'),
    },
    process: mergeReadings(snapshots.map((one) => one.process)),
  }
}

function mergeSeries<Series extends { readonly labels: readonly string[] }>(
  all: readonly Series[],
  add: (a: Series, b: Series) => Series,
): Series[] {
  const merged = new Map<string, Series>()
  for (const one of all) {
    const key = JSON.stringify(one.labels)
    const known = merged.get(key)
    merged.set(key, known === undefined ? one : add(known, one))
  }
  return [...merged.values()]
}

/**
 * The Prometheus text of a snapshot. prom-client is loaded by the first scrape: start-up does not
 * pay for it.
 */
export async function renderMetrics(snapshot: MetricsSnapshot): Promise<string> {
  const { Registry } = await import('prom-client')
  const registry = new Registry()
  for (const metric of describeMetrics(snapshot)) register(registry, metric)
  return await registry.metrics()
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  readonly metricName?: string
}

/** One metric as it is scraped. */
export interface Described {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly values: readonly Sample[]
}

/**
 * prom-client collects whatever has a name and `get()`: so its registry reads our numbers, which
 * no counter of its own holds. Its types name only its own classes.
 */
const register = (registry: Registry, described: Described): void =>
  registry.registerMetric({
    name: described.name,
    get: () => Promise.resolve(described),
  } as unknown as Metric)

/** What each metric of ours counts. */
export const help: Readonly<Record<CounterName | HistogramName | GaugeName, string>> = {
  mintmark_credentials_expiring:
    'Client secrets and certificates that end within 7 and within 30 days, looked up hourly.',
  mintmark_audit_sink_waiting_seconds:
    'Age of the oldest event that an audit sink has not taken; 0: it has all.',
  mintmark_audit_sink_failures_total: 'Times that an audit sink did not take what it was sent.',
  mintmark_tokens_issued_total: 'Access tokens issued, by signing algorithm.',
  mintmark_tokens_reissued_total:
    'Times that the current token was given again: within a re-use window, or a budget is spent.',
  mintmark_budgets_spent_total:
    'Requests that met a spent budget, by whose budget it is and what it does.',
  mintmark_token_requests_total: 'Token requests answered, by result and reason of refusal.',
  mintmark_audit_gap_total: 'Audit records that could not be stored although answers went out.',
  mintmark_http_request_duration_seconds: 'Time from request to answer.',
  mintmark_signing_duration_seconds: 'Time of one signature.',
  mintmark_store_query_duration_seconds: 'Time of one query or transaction of the store.',
}

/** Every metric of a snapshot, with its numbers. */
export function describeMetrics(snapshot: MetricsSnapshot): Described[] {
  const { counters, histograms, build } = snapshot
  return [
    gauge('mintmark_build_info', 'Always 1; the labels name the running version.', 1, {
      version: build.version,
      node: build.node,
    }),
    ...(Object.keys(counters) as CounterName[]).map((name) => ({
      name,
      help: help[name],
      type: 'counter' as const,
      values: counters[name].map(({ labels, value }) => ({ labels: named(name, labels), value })),
    })),
    ...(Object.keys(histograms) as HistogramName[]).map((name) => ({
      name,
      help: help[name],
      type: 'histogram' as const,
      values: histograms[name].flatMap((series) => histogramSamples(name, series)),
    })),
    ...(Object.keys(snapshot.gauges) as GaugeName[])
      .filter((name) => snapshot.gauges[name].length > 0)
      .map((name) => ({
        name,
        help: help[name],
        type: 'gauge' as const,
        values: snapshot.gauges[name].map(({ labels, value }) => ({
          labels: named(name, labels),
          value,
        })),
      })),
    ...describeProcess(snapshot.process),
  ]
}

const named = (
  name: CounterName | HistogramName | GaugeName,
  values: readonly string[],
): Record<string, string> =>
  Object.fromEntries(labelNames[name].map((label, at) => [label, values[at] ?? '']))

function histogramSamples(name: HistogramName, series: HistogramSeries): Sample[] {
  const labels = named(name, series.labels)
  let count = 0
  const samples: Sample[] = series.buckets.map((observed, at) => {
    count += observed
    const bound = bucketBounds[name][at]
    const le = bound === undefined ? '+Inf' : String(bound)
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count }
  })
  samples.push({ metricName: `${name}_sum`, labels, value: series.sum })
  samples.push({ metricName: `${name}_count`, labels, value: count })
  return samples
}

const gauge = (
  name: string,
  helpText: string,
  value: number,
  labels: Readonly<Record<string, string>> = {},
): Described => ({ name, help: helpText, type: 'gauge', values: [{ labels, value }] })

const describeProcess = (one: ProcessReading): Described[] => [
  {
    ...gauge('process_cpu_seconds_total', 'CPU time used, all workers.', one.cpuSeconds),
    type: 'counter',
  },
  gauge(
    'process_start_time_seconds',
    'Start of the oldest process, Unix time.',
    one.startUnixSeconds,
  ),
  gauge('process_resident_memory_bytes', 'Resident memory, all workers.', one.residentBytes),
  ...(one.openFiles === null
    ? []
    : [gauge('process_open_fds', 'Open files and sockets, all workers.', one.openFiles)]),
  gauge('mintmark_processes', 'Processes whose numbers are in this answer.', one.processes),
  gauge('nodejs_heap_size_used_bytes', 'JavaScript heap in use, all workers.', one.heapUsedBytes),
  gauge(
    'nodejs_heap_size_total_bytes',
    'JavaScript heap reserved, all workers.',
    one.heapTotalBytes,
  ),
  gauge('nodejs_external_memory_bytes', 'Memory outside the heap, all workers.', one.externalBytes),
  gauge(
    'nodejs_eventloop_lag_seconds',
    'Mean lag of the event loop since the last scrape, worst worker.',
    one.eventLoopLagSeconds,
  ),
  gauge(
    'nodejs_eventloop_lag_p99_seconds',
    '99th percentile of the lag since the last scrape, worst worker.',
    one.eventLoopLagP99Seconds,
  ),
  gauge(
    'nodejs_eventloop_lag_max_seconds',
    'Longest lag since the last scrape, worst worker.',
    one.eventLoopLagMaxSeconds,
  ),
  gauge(
    'nodejs_eventloop_utilization',
    'Share of time since start in which the event loop was busy, worst worker.',
    one.eventLoopUtilization,
  ),
]
