/*
 * The tables of docs/operating/sizing.md and internet-scale.md, computed from
 * benchmarks/results/unit-costs.json: `node benchmarks/sizing.ts` writes them into the pages.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What one thing costs. */
export interface UnitCosts {
  /** Of one core, of a whole run of the benchmarks. */
  readonly cpuMicros: Readonly<Record<'tokenRs256' | 'tokenEs256' | 'introspection', number>> & {
    readonly tokenEs256ManyClients: number
    readonly tokenEs256Assertion: number
  }
  /** In the database, indexes and all. */
  readonly diskBytes: Readonly<
    Record<'token' | 'assertion' | 'introspection' | 'revocation' | 'application', number>
  >
}

/** What was not measured here: a database on the network. Whoever has one puts its figures in. */
const assumed = { roundTripMs: 0.5, commitMs: 1.5 }
/** Of the ledger: records of one commit, and statements around them. */
const batchMax = 512
const statements = { secret: 6, assertion: 22 }
/** Seconds that a used assertion is known: its life, and what clocks may disagree. */
const proofSeconds = 420
/** A row of PostgreSQL for a used assertion, its index with it. */
const proofBytes = 120
const daySeconds = 86_400
/** Share of a core, or of the one writer, that is planned with. */
const planned = 0.5

type Cells = readonly string[]

const table = (head: Cells, rows: readonly Cells[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const

/** In the unit that fits. */
const bytes = (value: number): string => {
  let left = value
  let at = 0
  for (; left >= 1000 && at < units.length - 1; at += 1) left /= 1000
  return `${Number(left.toPrecision(2))} ${units[at]}`
}

const number = (value: number): string => Math.round(value).toLocaleString('en')

/** Two digits that count. */
const rough = (value: number): string => Number(value.toPrecision(2)).toLocaleString('en')

/** Rounded down to two digits. */
const about = (value: number): string => {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1)
  return (Math.floor(value / step) * step).toLocaleString('en')
}

const kindsOf = ({ cpuMicros: cpu, diskBytes: disk }: UnitCosts) =>
  [
    ['token, secret, ES256', cpu.tokenEs256, disk.token],
    ['the same, 100,000 clients', cpu.tokenEs256ManyClients, disk.token],
    ['token, secret, RS256', cpu.tokenRs256, disk.token],
    ['token, assertion, ES256', cpu.tokenEs256Assertion, disk.assertion],
    ['introspection', cpu.introspection, disk.introspection],
  ] as const

const unitTable = (costs: UnitCosts): string =>
  table(
    ['one', 'CPU', 'a core, half busy', 'disk'],
    kindsOf(costs).map(([name, micros, size]) => [
      name,
      `${micros} µs`,
      `${about((planned * 1e6) / micros)} /s`,
      `${size} B`,
    ]),
  )

const cores = (perSecond: number, micros: number): string =>
  number(Math.ceil((perSecond * micros) / 1e6 / planned))

const serverTable = ({ cpuMicros, diskBytes }: UnitCosts): string =>
  table(
    ['tokens/s', 'cores, ES256', 'cores, RS256', 'audit a day', 'in 400 days'],
    [10, 100, 1000, 5000].map((perSecond) => [
      number(perSecond),
      cores(perSecond, cpuMicros.tokenEs256ManyClients),
      cores(perSecond, cpuMicros.tokenRs256),
      bytes(perSecond * diskBytes.token * daySeconds),
      bytes(perSecond * diskBytes.token * daySeconds * 400),
    ]),
  )

const applicationTable = ({ diskBytes }: UnitCosts): string =>
  table(
    ['applications', 'on the disk'],
    [1000, 10_000, 100_000, 1_000_000].map((count) => [
      number(count),
      bytes(count * diskBytes.application),
    ]),
  )

const clientTable = (): string =>
  table(
    ['clients', 'tokens of 5 minutes', 'of an hour', 'of 12 hours'],
    [10_000, 1_000_000, 100_000_000].map((clients) => [
      number(clients),
      ...[300, 3600, 43_200].map((life) => `${rough(clients / life)} /s`),
    ]),
  )

const transactionMs = (count: number): number => count * assumed.roundTripMs + assumed.commitMs

/** Records a second that one database takes, when its writer never rests. */
const ceiling = (count: number): number => (batchMax * 1000) / transactionMs(count)

const writerTable = (): string =>
  table(
    ['tokens by', 'statements', 'a transaction', 'transactions/s', 'at most', 'planned with'],
    (['secret', 'assertion'] as const).map((by) => [
      by,
      `${statements[by]}`,
      `${transactionMs(statements[by])} ms`,
      number(1000 / transactionMs(statements[by])),
      `${about(ceiling(statements[by]))} /s`,
      `${about(planned * ceiling(statements[by]))} /s`,
    ]),
  )

const scaleTable = ({ cpuMicros, diskBytes }: UnitCosts): string => {
  const rates = [1e4, 1e5, 1e6]
  const row = (name: string, of: (perSecond: number) => string): Cells => [name, ...rates.map(of)]
  const databases = (perSecond: number, by: 'secret' | 'assertion'): string =>
    number(Math.ceil(perSecond / (planned * ceiling(statements[by]))))
  return table(
    ['', ...rates.map((rate) => `${number(rate)} tokens/s`)],
    [
      row('cores, secret, ES256', (rate) => cores(rate, cpuMicros.tokenEs256ManyClients)),
      row('cores, assertion, ES256', (rate) => cores(rate, cpuMicros.tokenEs256Assertion)),
      row('cores, secret, RS256', (rate) => cores(rate, cpuMicros.tokenRs256)),
      row('databases, secret', (rate) => databases(rate, 'secret')),
      row('databases, assertion', (rate) => databases(rate, 'assertion')),
      row('audit events a day', (rate) => `${rough((rate * daySeconds) / 1e9)} billion`),
      row('audit a day', (rate) => bytes(rate * diskBytes.token * daySeconds)),
      row('audit in 30 days', (rate) => bytes(rate * diskBytes.token * daySeconds * 30)),
      row('written to the database', (rate) => `${bytes(rate * diskBytes.token)}/s`),
      row('used assertions known', (rate) => `${rough((rate * proofSeconds) / 1e6)} million`),
      row('their room', (rate) => bytes(rate * proofSeconds * proofBytes)),
      row('clients, a token an hour each', (rate) => `${rough((rate * 3600) / 1e6)} million`),
    ],
  )
}

/** The computed tables by their names. */
export const sizingTables = (costs: UnitCosts): Readonly<Record<string, string>> => ({
  units: unitTable(costs),
  server: serverTable(costs),
  applications: applicationTable(costs),
  clients: clientTable(),
  writer: writerTable(),
  scale: scaleTable(costs),
})

const place = /(<!-- computed: (\w+) -->)[\s\S]*?(<!-- end -->)/g

/** A page with its tables computed anew. @throws when it asks for a table that there is not */
export const withTables = (page: string, costs: UnitCosts): string => {
  const tables = sizingTables(costs)
  return page.replaceAll(place, (_, begin: string, name: string, end: string) => {
    const made = tables[name]
    if (made === undefined) throw new Error(`no table is called ${name}`)
    return `${begin}\n\n${made}\n\n${end}`
  })
}

const root = join(import.meta.dirname, '..')

export const sizingPages = ['docs/operating/sizing.md', 'docs/operating/internet-scale.md'].map(
  (page) => join(root, page),
)

export const readUnitCosts = (): UnitCosts =>
  JSON.parse(readFileSync(join(root, 'benchmarks/results/unit-costs.json'), 'utf8')) as UnitCosts

if (import.meta.main) {
  for (const page of sizingPages) {
    writeFileSync(page, withTables(readFileSync(page, 'utf8'), readUnitCosts()))
  }
}
