import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { createMetrics } from './metrics.ts'
import { renderMetricsPage } from './metrics-page.ts'
import { renderMetrics } from './render-metrics.ts'

const file = new URL('../../../../docs/operating/metrics.md', import.meta.url)

// Elsewhere a process does not know how many files it has open.
const skip = process.platform !== 'linux' && 'the page names what Linux counts'

test('the page of metrics is what the definitions say', { skip }, () => {
  const written = readFileSync(file, 'utf8')
  assert.equal(written, renderMetricsPage(), 'run write-metrics-page.ts')
})

test('every metric that a scrape answers is on the page, with its type', async (t) => {
  const metrics = createMetrics('1.2.3')
  t.after(metrics.close)
  const text = await renderMetrics(metrics.snapshot())
  const page = renderMetricsPage()
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
  assert.ok(types.length > 10)
  for (const [, name = '', type = ''] of types)
    assert.ok(page.includes(`| \`${name}\` | ${type} |`), name)
})
