import type { ExpiringCounts } from '@mintmark/decisions/upkeep/decide-expiry-notices'
import type { SinkStanding } from '../audit-shipping/audit-sink.ts'
import { createLog, type LogFormat, type LogLevel, logRequest } from '../observability/log.ts'
import { createMetrics, type Metrics, type MetricsSnapshot } from '../observability/metrics.ts'
import { mergeReadings } from '../observability/process-reading.ts'
import { createShedLog } from '../observability/shed-log.ts'
import type { Observation, Services } from '../services.ts'
import { version } from '../version.ts'

/** What happens beside requests, for the operator. */
export interface ServerLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** How one process tells what it does: its log, its counters. */
export interface Observability {
  readonly log: ServerLog
  readonly observe: (observation: Observation) => void
  readonly fault: Services['fault']
  readonly countShed: Services['countShed']
  /** So many events could not be stored. */
  readonly auditGap: (events: number) => void
  /** How many credentials end soon. */
  readonly expiring: (counts: ExpiringCounts) => void
  /** How the places besides the database that keep the audit stand. */
  readonly auditSink: (standing: SinkStanding) => void
  /** This process's counters as plain data, to be merged with those of others. */
  snapshot(): unknown
  metrics(gather: () => Promise<readonly unknown[]>): Services['metrics']
  /** Writes what the log still holds back, within a second; for the moment before the end. */
  flush(): Promise<void>
}

export interface ObservabilityOptions {
  readonly level: LogLevel
  readonly format: LogFormat
}

/** The log and the counters of this process. */
export const createObservability = (options: ObservabilityOptions): Observability => {
  const log = createLog(options)
  const metrics = createMetrics(version)
  const logShed = createShedLog(log)
  const isWatched = log.isLevelEnabled('debug')
  return {
    log: {
      info: (fields, message) => log.info(fields, message),
      warn: (fields, message) => log.warn(fields, message),
      error: (fields, message) => log.error(fields, message),
    },
    observe: (observation) => {
      countRequest(metrics, observation)
      // Answers are on record in the audit; a line for each of them is for whoever watches.
      if (observation.status >= 400) logRequest(log, requestLine(observation))
      else if (isWatched) log.debug(requestLine(observation), 'request')
    },
    fault: (ecid, reason, error) => {
      if (reason === 'INTERNAL') log.error({ ecid, reason, err: error }, 'fault')
      else log.debug({ ecid, reason, detail: error.message }, 'refused before it was a request')
    },
    countShed: (endpoint) => {
      metrics.observeRequest(`/oauth2/v1/${endpoint}`, 'POST', 503, 0)
      if (endpoint === 'token') metrics.countTokenRequest('refused', 'OVERLOADED')
      logShed()
    },
    auditGap: (events) => {
      metrics.countAuditGap(events)
      log.error({ events }, 'audit events could not be stored')
    },
    expiring: metrics.setExpiring,
    auditSink: metrics.setSinkStanding,
    flush: () => new Promise((fulfil) => log.flush(() => fulfil())),
    snapshot: () => metrics.snapshot(),
    metrics: (gather) => ({
      tokenSigned: (algorithm, milliseconds) => {
        metrics.countTokenIssued(algorithm)
        metrics.observeSigning(algorithm, milliseconds / 1000)
      },
      tokenReissued: metrics.countTokenReissued,
      budgetSpent: metrics.countBudgetSpent,
      storeAsked: (operation, milliseconds) =>
        metrics.observeStoreQuery(operation, milliseconds / 1000),
      readProcesses: async () =>
        mergeReadings(((await gather()) as MetricsSnapshot[]).map((each) => each.process)),
      render: async () => {
        // Loaded at the first scrape: the library costs more than the rest of the start.
        const { mergeMetrics, renderMetrics } = await import('../observability/render-metrics.ts')
        return renderMetrics(mergeMetrics((await gather()) as MetricsSnapshot[]))
      },
    }),
  }
}

const countRequest = (metrics: Metrics, observation: Observation): void => {
  const { endpoint, status, milliseconds, spoken } = observation
  const { result } = spoken
  metrics.observeRequest(`/oauth2/v1/${endpoint}`, 'POST', status, milliseconds / 1000)
  if (endpoint !== 'token') return
  if (result.ok) metrics.countTokenRequest('issued')
  else metrics.countTokenRequest('refused', result.failure.reason)
}

const requestLine = (observation: Observation) => {
  const { result, detail, clientId, proven, isKnown } = observation.spoken
  // as in the audit: what is no name of ours may have been a secret
  const client = proven || isKnown === true ? clientId : null
  const api = detail?.['api']
  const scopes = detail?.['scope'] ?? detail?.['asked']
  const failure = result.ok ? null : result.failure
  return {
    ecid: observation.ecid,
    endpoint: observation.endpoint,
    status: observation.status,
    ms: Math.round(observation.milliseconds * 100) / 100,
    ...(client !== null && { client }),
    ...(Array.isArray(api) && { api: api.join(' ') }),
    ...(typeof scopes === 'string' && { scopes }),
    ...(failure !== null && { reason: failure.reason }),
    ...(failure !== null && { detail: failure.operator ?? failure.detail ?? '' }),
  }
}
