import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createMetrics, type Metrics } from './metrics.ts'
import { mergeMetrics, renderMetrics } from './render-metrics.ts'

function open(context: { after: (close: () => void) => void }): Metrics {
  const metrics = createMetrics('1.2.3')
  context.after(metrics.close)
  return metrics
}

/** One line of the text: the value of a series. */
const seriesValue = (text: string, series: string): number => {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  assert.ok(line, `no series ${series} in\n${text}`)
  return Number(line.slice(series.length + 1))
}

test('the names and labels are the agreed ones', async (context) => {
  const metrics = open(context)
  metrics.countTokenRequest('issued')
  metrics.countTokenRequest('refused', 'UNKNOWN_SECRET')
  metrics.countTokenRequest('refused', 'UNKNOWN_SECRET')
  metrics.countTokenIssued('ES256')
  metrics.observeRequest('/oauth2/v1/token', 'POST', 200, 0.0019)
  metrics.observeSigning('ES256', 0.00003)
  metrics.observeStoreQuery('record', 0.0002)
  const text = await renderMetrics(metrics.snapshot())
  const expected: readonly (readonly [string, number])[] = [
    [`mintmark_build_info{version="1.2.3",node="${process.version}"}`, 1],
    ['mintmark_tokens_issued_total{alg="ES256"}', 1],
    ['mintmark_token_requests_total{result="issued",reason=""}', 1],
    ['mintmark_token_requests_total{result="refused",reason="UNKNOWN_SECRET"}', 2],
    ['mintmark_audit_gap_total', 0],
    ['mintmark_signing_duration_seconds_count{alg="ES256"}', 1],
    ['mintmark_store_query_duration_seconds_sum{op="record"}', 0.0002],
    ['mintmark_processes', 1],
  ]
  for (const [series, value] of expected) assert.equal(seriesValue(text, series), value, series)
  const route = 'route="/oauth2/v1/token",method="POST",code="200"'
  const http = 'mintmark_http_request_duration_seconds'
  assert.equal(seriesValue(text, `${http}_bucket{${route},le="0.001"}`), 0)
  assert.equal(seriesValue(text, `${http}_bucket{${route},le="0.0025"}`), 1)
  assert.equal(seriesValue(text, `${http}_bucket{${route},le="10"}`), 1)
  assert.equal(seriesValue(text, `${http}_bucket{${route},le="+Inf"}`), 1)
  assert.match(text, /^# TYPE mintmark_http_request_duration_seconds histogram$/m)
  assert.match(text, /^# TYPE mintmark_tokens_issued_total counter$/m)
  for (const name of [
    'process_resident_memory_bytes',
    'process_cpu_seconds_total',
    'process_start_time_seconds',
    'nodejs_heap_size_used_bytes',
  ]) {
    assert.ok(seriesValue(text, name) > 0, name)
  }
  assert.ok(seriesValue(text, 'nodejs_eventloop_lag_p99_seconds') >= 0)
})

test('a value on a bound belongs to its bucket, one beyond all to +Inf', async (context) => {
  const metrics = open(context)
  metrics.observeRequest('/x', 'GET', 200, 0.001)
  metrics.observeRequest('/x', 'GET', 200, 99)
  const text = await renderMetrics(metrics.snapshot())
  const http = 'mintmark_http_request_duration_seconds'
  const route = 'route="/x",method="GET",code="200"'
  assert.equal(seriesValue(text, `${http}_bucket{${route},le="0.001"}`), 1)
  assert.equal(seriesValue(text, `${http}_bucket{${route},le="10"}`), 1)
  assert.equal(seriesValue(text, `${http}_bucket{${route},le="+Inf"}`), 2)
  assert.equal(seriesValue(text, `${http}_sum{${route}}`), 99.001)
})

test('labels are bounded: methods, codes and the number of series', async (context) => {
  const metrics = open(context)
  metrics.observeRequest('/x', 'BREW', 200, 1)
  metrics.observeRequest('/x', 'GET', 12345, 1)
  for (let n = 0; n < 5_000; n += 1) metrics.observeRequest(`/client/${n}`, 'GET', 200, 1)
  for (let n = 0; n < 5_000; n += 1) metrics.countTokenIssued(`alg${n}`)
  const { histograms, counters } = metrics.snapshot()
  const http = histograms.mintmark_http_request_duration_seconds
  assert.ok(http.length <= 257, String(http.length))
  assert.deepEqual(http[0]?.labels, ['/x', 'other', '200'])
  assert.deepEqual(http[1]?.labels, ['/x', 'GET', 'other'])
  assert.deepEqual(http.at(-1)?.labels, ['other', 'other', 'other'])
  const issued = counters.mintmark_tokens_issued_total
  assert.equal(
    issued.reduce((sum, one) => sum + one.value, 0),
    5_000,
  )
  assert.ok(issued.length <= 257)
})

test('snapshots of workers add up, also after JSON', async (context) => {
  const [one, two] = [open(context), open(context)]
  one.countTokenIssued('ES256')
  two.countTokenIssued('ES256')
  two.countTokenIssued('RS256')
  two.countAuditGap(3)
  one.observeSigning('ES256', 0.00004)
  two.observeSigning('ES256', 0.1)
  const list = [one, two].map((worker) => JSON.parse(JSON.stringify(worker.snapshot())))
  const text = await renderMetrics(mergeMetrics(list))
  assert.equal(seriesValue(text, 'mintmark_tokens_issued_total{alg="ES256"}'), 2)
  assert.equal(seriesValue(text, 'mintmark_tokens_issued_total{alg="RS256"}'), 1)
  assert.equal(seriesValue(text, 'mintmark_audit_gap_total'), 3)
  assert.equal(seriesValue(text, 'mintmark_processes'), 2)
  const signing = 'mintmark_signing_duration_seconds'
  assert.equal(seriesValue(text, `${signing}_bucket{alg="ES256",le="0.00005"}`), 1)
  assert.equal(seriesValue(text, `${signing}_count{alg="ES256"}`), 2)
  assert.throws(() => mergeMetrics([]))
})

test('label values cannot break out of their line', async (context) => {
  const metrics = open(context)
  metrics.observeStoreQuery('a"} 1\nforged_metric 7 \\', 1)
  const text = await renderMetrics(metrics.snapshot())
  assert.ok(!/^forged_metric/m.test(text), text)
})

test('event-loop lag is measured and starts anew with each reading', async (context) => {
  const metrics = open(context)
  await new Promise((resolve) => setTimeout(resolve, 60))
  const until = performance.now() + 150
  while (performance.now() < until);
  await new Promise((resolve) => setTimeout(resolve, 60))
  assert.ok(metrics.snapshot().process.eventLoopLagMaxSeconds > 0.05)
  assert.ok(metrics.snapshot().process.eventLoopLagMaxSeconds < 0.05)
})

test('prom-client is not loaded before the first scrape', () => {
  const here = (file: string): string =>
    JSON.stringify(fileURLToPath(new URL(file, import.meta.url)))
  const script = `
    import { createRequire } from 'node:module'
    import { createMetrics } from ${here('./metrics.ts')}
    import { renderMetrics } from ${here('./render-metrics.ts')}
    const { cache } = createRequire(${here('./metrics.ts')})
    const loaded = () => Object.keys(cache).some((file) => file.includes('prom-client'))
    const metrics = createMetrics('1')
    const before = loaded()
    await renderMetrics(metrics.snapshot())
    process.stdout.write(before + ' ' + loaded())
    metrics.close()`
  const output = execFileSync(
    process.execPath,
    ['--conditions=mintmark-source', '--input-type=module', '--eval', script],
    { encoding: 'utf8' },
  )
  assert.equal(output, 'false true')
})

test('credentials that expire are a gauge of the one process that knows', async () => {
  const [writer, worker] = [createMetrics('1'), createMetrics('1')]
  writer.setExpiring({
    secret: { within7Days: 1, within30Days: 4 },
    certificate: { within7Days: 0, within30Days: 2 },
  })
  const text = await renderMetrics(mergeMetrics([writer.snapshot(), worker.snapshot()]))
  assert.match(text, /^mintmark_credentials_expiring\{kind="secret",within="7d"\} 1$/m)
  assert.match(text, /^mintmark_credentials_expiring\{kind="secret",within="30d"\} 4$/m)
  assert.match(text, /^mintmark_credentials_expiring\{kind="certificate",within="30d"\} 2$/m)
  writer.close()
  worker.close()
})
