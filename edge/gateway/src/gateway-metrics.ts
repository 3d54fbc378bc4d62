/**
 * What a gateway counts, as Prometheus reads it. Labels are words of closed lists and the origins
 * of the file, never anything a caller wrote.
 */
import type { GuardStatus } from '@mintmark/guard/guard'

export interface GatewayMetrics {
  /** A request that was not passed on, or whose API failed. */
  refused(reason: string): void
  /** @param status of the API's answer */
  answered(upstream: string, status: number): void
  /** Something under way was ended: its token was no longer good. */
  ended(reason: string): void
  reloaded(isGood: boolean): void
  /** The text of a scrape. */
  render(reading: GatewayReading): string
}

/** What is looked up at the moment of a scrape. */
export interface GatewayReading {
  readonly connections: number
  readonly watched: number
  readonly guard: GuardStatus
}

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8'

/** Series of one metric; further ones are counted under `other`. */
const seriesMax = 200
const overflow = 'other'

type Labels = Readonly<Record<string, string>>

const escapeValue = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

const labelsText = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const createCounter = () => {
  const values = new Map<string, number>()
  return {
    add: (labels: Labels): void => {
      const key = labelsText(labels)
      const isNew = !values.has(key)
      const rest = Object.fromEntries(Object.keys(labels).map((name) => [name, overflow]))
      const series = isNew && values.size >= seriesMax ? labelsText(rest) : key
      values.set(series, (values.get(series) ?? 0) + 1)
    },
    lines: (name: string): readonly string[] =>
      [...values].map(([labels, value]) => `${name}${labels} ${value}`),
  }
}

const states = ['starting', 'following', 'stale', 'full', 'closed'] as const

const guardGauges = ({ revocations }: GuardStatus): readonly Metric[] => {
  if (revocations === null) return []
  const { state, staleForMs, number, entries } = revocations
  const staleSeconds = Number.isFinite(staleForMs) ? staleForMs / 1000 : '+Inf'
  return [
    gauge('revocations_stale_seconds', 'since the issuer was last heard', staleSeconds),
    gauge('revocations_number', 'the last revocation heard of', number),
    gauge('revocations_entries', 'revocations held', entries),
    {
      name: 'mintmark_gateway_revocations_state',
      kind: 'gauge',
      help: 'how well revocations are known: 1 for the state that is',
      lines: states.map(
        (each) => `mintmark_gateway_revocations_state{state="${each}"} ${each === state ? 1 : 0}`,
      ),
    },
  ]
}

interface Metric {
  readonly name: string
  readonly kind: 'counter' | 'gauge'
  readonly help: string
  readonly lines: readonly string[]
}

const gauge = (short: string, help: string, value: number | string): Metric => {
  const name = `mintmark_gateway_${short}`
  return { name, kind: 'gauge', help, lines: [`${name} ${value}`] }
}

export const createGatewayMetrics = (): GatewayMetrics => {
  const refusals = createCounter()
  const answers = createCounter()
  const endings = createCounter()
  const reloads = createCounter()
  const counters = [
    ['refusals_total', 'requests answered by the gateway itself, by reason', refusals],
    ['upstream_answers_total', 'answers of the APIs, by the class of their status', answers],
    ['ended_total', 'streams and requests under way that were ended with their token', endings],
    ['reloads_total', 'readings of the file after the first', reloads],
  ] as const
  const startedSeconds = Date.now() / 1000
  return {
    refused: (reason) => refusals.add({ reason }),
    answered: (upstream, status) =>
      answers.add({ upstream, code: `${Math.floor(status / 100)}xx` }),
    ended: (reason) => endings.add({ reason }),
    reloaded: (isGood) => reloads.add({ result: isGood ? 'ok' : 'kept_old' }),
    render: ({ connections, watched, guard }) => {
      const metrics: readonly Metric[] = [
        ...counters.map(([short, help, counter]): Metric => {
          const name = `mintmark_gateway_${short}`
          return { name, kind: 'counter', help, lines: counter.lines(name) }
        }),
        gauge('connections', 'connections of callers now', connections),
        gauge('watched', 'requests under way whose tokens are looked at again', watched),
        ...guardGauges(guard),
        gauge('start_time_seconds', 'when the process began to count', startedSeconds),
        gauge('resident_memory_bytes', 'memory of the process', process.memoryUsage.rss()),
        gauge('cpu_seconds', 'processor time so far', process.cpuUsage().user / 1e6),
      ]
      return metrics
        .map(({ name, kind, help, lines }) =>
          [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...lines, ''].join('\n'),
        )
        .join('')
    },
  }
}
