import type { MetricsSnapshot } from './metrics.ts'
import { mergeMetrics } from './render-metrics.ts'

/** What workers have counted that are no more: a sum that shrinks would look like a new start. */
export const createEndedWorkers = () => {
  let kept: MetricsSnapshot | null = null
  return {
    add: (last: MetricsSnapshot): void => {
      kept = kept === null ? last : mergeMetrics([kept, last])
    },
    /** The counters of a process that goes on, and theirs. */
    addTo: (own: MetricsSnapshot): MetricsSnapshot => {
      if (kept === null) return own
      const cpuSeconds = own.process.cpuSeconds + kept.process.cpuSeconds
      return { ...mergeMetrics([own, kept]), process: { ...own.process, cpuSeconds } }
    },
  }
}
