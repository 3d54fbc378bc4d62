/*
 * The tables of docs/operating/sizing.md and internet-scale.md, computed from the kept runs of the
 * benchmarks and from what benchmarks/unit-costs.ts counted: `node benchmarks/sizing.ts` writes
 * them into the pages, and so does a whole run of the benchmarks.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newestFindings, spreadIn } from './plots/findings.ts'
import { type BenchRun, readRuns } from './result-file.ts'

/** Microseconds of one core, and the run of the benchmarks that says so. */
export interface CpuCost {
  readonly micros: number
  readonly scenario: string
  readonly commit: string
}

type CpuKind =
  | 'tokenRs256'
  | 'tokenEs256'
  | 'tokenEs256ManyClients'
  | 'tokenEs256Assertion'
  | 'introspection'

/** What `node benchmarks/unit-costs.ts` leaves. */
export interface CountedCosts {
  /** What was counted, and timed with PostgreSQL. */
  readonly commit: string
  /** In the database, indexes and all. */
  readonly diskBytes: Readonly<
    Record<
      'token' | 'tokenAlone' | 'assertion' | 'introspection' | 'revocation' | 'application',
      number
    >
  >
  /** Of the processor, for an ES256 token, where the data is in PostgreSQL. */
  readonly postgresMicros: Readonly<
    Record<'serverToken' | 'databaseToken' | 'serverAssertion' | 'databaseAssertion', number>
  >
}

/** What one thing costs. */
export interface UnitCosts extends CountedCosts {
  readonly cpu: Readonly<Record<CpuKind, CpuCost>>
}

/** Where the benchmarks tell each: the scenario, and the contender in it. */
const told: Readonly<Record<CpuKind, readonly [scenario: string, contender: string]>> = {
  tokenRs256: ['token-rs256-2workers', 'mintmark'],
  tokenEs256: ['token-es256-1process', 'mintmark'],
  tokenEs256ManyClients: ['many-applications', '100000 applications'],
  tokenEs256Assertion: ['assertion-es256', 'private_key_jwt'],
  introspection: ['introspection', 'mintmark ES256'],
}

/** The median of the newest kept run that tells it. @throws when none does */
const cpuIn = (runs: readonly BenchRun[], kind: CpuKind): CpuCost => {
  const [scenario, contender] = told[kind]
  const found = newestFindings(runs).get(scenario)
  const measured = found?.result.measurements.find(({ name }) => name === contender)
  if (found === undefined || measured === undefined) throw new Error(`no run tells ${scenario}`)
  const micros = Math.round(spreadIn(measured, 'cpu').median)
  return { micros, scenario, commit: found.run.commit.slice(0, 7) }
}

const cpuKinds = Object.keys(told) as readonly CpuKind[]

/** The kept runs and counts together. */
export const unitCosts = (runs: readonly BenchRun[], counted: CountedCosts): UnitCosts => ({
  ...counted,
  cpu: Object.fromEntries(cpuKinds.map((kind) => [kind, cpuIn(runs, kind)])) as UnitCosts['cpu'],
})

/** What was not measured here: a network. Whoever has one puts its figures in. */
const assumed = { roundTripMs: 0.5, commitMs: 1.5 }
/** Of the ledger: records of one commit, and statements around them. */
const batchMax = 512
const statements = { secret: 5, assertion: 22 }
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

const kindsOf = ({ cpu, diskBytes: disk }: UnitCosts) =>
  [
    ['token, secret, ES256', cpu.tokenEs256, disk.token],
    ['the same, 100,000 clients', cpu.tokenEs256ManyClients, disk.token],
    ['token, secret, RS256', cpu.tokenRs256, disk.token],
    ['token, assertion, ES256', cpu.tokenEs256Assertion, disk.assertion],
    ['introspection', cpu.introspection, disk.introspection],
  ] as const

const unitTable = (costs: UnitCosts): string =>
  table(
    ['one', 'CPU', 'a core, half busy', 'disk', 'CPU told by'],
    kindsOf(costs).map(([name, { micros, scenario, commit }, size]) => [
      name,
      `${micros} µs`,
      `${about((planned * 1e6) / micros)} /s`,
      `${size} B`,
      `\`${scenario}\`, ${commit}`,
    ]),
  )

const postgresTable = ({ postgresMicros: micros }: UnitCosts): string =>
  table(
    ['one, with PostgreSQL', 'CPU of the server', 'CPU of the database'],
    [
      ['token, secret, ES256', `${micros.serverToken} µs`, `${micros.databaseToken} µs`],
      ['token, assertion, ES256', `${micros.serverAssertion} µs`, `${micros.databaseAssertion} µs`],
    ],
  )

const cores = (perSecond: number, micros: number): string =>
  number(Math.ceil((perSecond * micros) / 1e6 / planned))

const serverTable = ({ cpu, diskBytes }: UnitCosts): string =>
  table(
    ['tokens/s', 'cores, ES256', 'cores, RS256', 'audit a day, shared', 'alone', 'in 400 days'],
    [10, 100, 1000, 5000].map((perSecond) => [
      number(perSecond),
      cores(perSecond, cpu.tokenEs256ManyClients.micros),
      cores(perSecond, cpu.tokenRs256.micros),
      bytes(perSecond * diskBytes.token * daySeconds),
      bytes(perSecond * diskBytes.tokenAlone * daySeconds),
      [diskBytes.token, diskBytes.tokenAlone]
        .map((each) => bytes(perSecond * each * daySeconds * 400))
        .join(' to '),
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

type By = 'secret' | 'assertion'

/** A transaction with as many records as it takes: the way there and back, the work, the commit. */
const transactionMs = ({ postgresMicros: micros }: UnitCosts, by: By): number => {
  const each = by === 'secret' ? micros.databaseToken : micros.databaseAssertion
  return statements[by] * assumed.roundTripMs + (batchMax * each) / 1000 + assumed.commitMs
}

/** Records a second that one database takes, when its writer never rests. */
const ceiling = (costs: UnitCosts, by: By): number => (batchMax * 1000) / transactionMs(costs, by)

const writerTable = (costs: UnitCosts): string =>
  table(
    ['tokens by', 'statements', 'a transaction', 'transactions/s', 'at most', 'planned with'],
    (['secret', 'assertion'] as const).map((by) => [
      by,
      `${statements[by]}`,
      `${rough(transactionMs(costs, by))} ms`,
      number(1000 / transactionMs(costs, by)),
      `${about(ceiling(costs, by))} /s`,
      `${about(planned * ceiling(costs, by))} /s`,
    ]),
  )

const scaleTable = (costs: UnitCosts): string => {
  const { cpu, diskBytes, postgresMicros: micros } = costs
  const rates = [1e4, 1e5, 1e6]
  const row = (name: string, of: (perSecond: number) => string): Cells => [name, ...rates.map(of)]
  const databases = (perSecond: number, by: By): string =>
    number(Math.ceil(perSecond / (planned * ceiling(costs, by))))
  const moreForRs256 = cpu.tokenRs256.micros - cpu.tokenEs256.micros
  return table(
    ['', ...rates.map((rate) => `${number(rate)} tokens/s`)],
    [
      row('cores of servers, secret, ES256', (rate) => cores(rate, micros.serverToken)),
      row('cores of servers, assertion, ES256', (rate) => cores(rate, micros.serverAssertion)),
      row('cores of servers, secret, RS256', (rate) =>
        cores(rate, micros.serverToken + moreForRs256),
      ),
      row('databases, secret', (rate) => databases(rate, 'secret')),
      row('databases, assertion', (rate) => databases(rate, 'assertion')),
      row('cores of databases, secret', (rate) => cores(rate, micros.databaseToken)),
      row('cores of databases, assertion', (rate) => cores(rate, micros.databaseAssertion)),
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
  postgres: postgresTable(costs),
  writer: writerTable(costs),
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

export const unitCostFile = join(root, 'benchmarks/results/unit-costs.json')

export const sizingPages = ['docs/operating/sizing.md', 'docs/operating/internet-scale.md'].map(
  (page) => join(root, page),
)

export const readUnitCosts = (): UnitCosts =>
  unitCosts(readRuns(), JSON.parse(readFileSync(unitCostFile, 'utf8')) as CountedCosts)

/** Writes the tables of all pages anew. */
export const writeSizing = (): void => {
  const costs = readUnitCosts()
  for (const page of sizingPages) {
    writeFileSync(page, withTables(readFileSync(page, 'utf8'), costs))
  }
}

if (import.meta.main) writeSizing()
