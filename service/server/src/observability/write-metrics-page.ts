/*
 * Writes docs/operating/metrics.md from the definitions of the metrics:
 * `node --conditions=mintmark-source service/server/src/observability/write-metrics-page.ts`
 */
import { writeFileSync } from 'node:fs'
import { renderMetricsPage } from './metrics-page.ts'

const page = new URL('../../../../docs/operating/metrics.md', import.meta.url)
writeFileSync(page, renderMetricsPage())
