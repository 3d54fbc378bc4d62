import { createMetrics, labelNames } from './metrics.ts'
import { type Described, describeMetrics, help } from './render-metrics.ts'

const ownLabels: Readonly<Record<string, readonly string[]>> = labelNames

const typeOf = (name: string): Described['type'] => {
  if (name.endsWith('_total')) return 'counter'
  return name.endsWith('_duration_seconds') ? 'histogram' : 'gauge'
}

const row = (name: string, type: string, labels: readonly string[], words: string): string =>
  `| \`${name}\` | ${type} | ${labels.map((each) => `\`${each}\``).join(', ')} | ${words} |`

const head = ['| metric | type | labels | what it says |', '|---|---|---|---|']

const ownRows = (): readonly string[] =>
  Object.entries(help).map(([name, words]) => row(name, typeOf(name), ownLabels[name] ?? [], words))

const processRows = (): readonly string[] => {
  const metrics = createMetrics('')
  const all = describeMetrics(metrics.snapshot())
  metrics.close()
  return all
    .filter(({ name }) => !Object.hasOwn(help, name))
    .map(({ name, type, values, help: words }) =>
      row(name, type, Object.keys(values[0]?.labels ?? {}), words),
    )
}

/** The page of metrics, from their definitions. */
export const renderMetricsPage = (): string =>
  [
    '# Metrics',
    '',
    '<!-- Made by write-metrics-page.ts beside the definitions; change those. -->',
    '',
    '`GET /metrics` answers in the text format of Prometheus, for all worker processes together.',
    '[Running a server](server.md#watching) says what is worth an alarm. Labels have bounded',
    'values: a client id is never among them, and what would be more than 256 series of one metric',
    'is counted under `other`. `reason` is one of [these](../errors/oauth.md).',
    '',
    '## Of the server',
    '',
    ...head,
    ...ownRows(),
    '',
    '## Of its processes',
    '',
    ...head,
    ...processRows(),
    '',
  ].join('\n')
