/** The parts of the page of plots: a picture, its figures as text, and where they come from. */
import type { Figure, ScenarioResult } from '../result.ts'
import type { BenchRun } from '../result-file.ts'
import { spreadOf } from '../statistics.ts'
import { type DotRow, dotPlot } from './dot-plot.ts'
import {
  type Finding,
  kept,
  type Measure,
  type PromiseFound,
  promisesIn,
  spreadIn,
  toneOf,
} from './findings.ts'
import { linePlot } from './line-plot.ts'
import { told } from './scale.ts'

type Found = ReadonlyMap<string, Finding>

/** A picture by its file name, without `.svg`. */
export interface Picture {
  readonly name: string
  readonly title: string
  readonly svg: string
}

export interface Section {
  readonly title: string
  readonly pictures: readonly Picture[]
  /** Lines of Markdown below the pictures. */
  readonly lines: readonly string[]
}

const isFigure = (cell: string): boolean => /^[≥≤]? ?[\d,.]+( \S+)*$|^–?$/.test(cell)

/** A table of Markdown; the first row is its head, and columns of figures end on the right. */
export const table = (rows: readonly (readonly string[])[]): readonly string[] => {
  const [head = [], ...body] = rows
  const aligned = head.map((_, at) =>
    body.every((each) => isFigure(each[at] ?? '')) ? '--:' : '---',
  )
  return [head, aligned, ...body].map((cells) => `| ${cells.join(' | ')} |`)
}

/** Machine, date and commit of a run, as a sentence. */
export const sourceOf = ({ date, commit, machine, options }: BenchRun): string =>
  `${date}, commit ${commit}: ${options.rounds} rounds of ${options.seconds} s, ` +
  `${options.connections} connections; ${machine.cpu}, ${machine.cores} cores, ` +
  `${told(machine.memoryMegabytes)} MB, ${machine.kernel}, Node ${machine.node}, ` +
  `OpenSSL ${machine.openssl}, ${machine.dataFileSystem}.`

const picture = (name: string, title: string, svg: string | undefined): readonly Picture[] =>
  svg === undefined ? [] : [{ name, title, svg }]

const measureTexts: Readonly<Record<Measure, readonly [title: string, about: string]>> = {
  requests: ['requests a second', 'More is better'],
  cpu: ['CPU a request', 'Microseconds of the server, user and system; less is better'],
}

/** Above this, what is near zero could not be told apart on a scale that begins there. */
const spanMax = 50

function measuredPicture(result: ScenarioResult, title: string, measure: Measure) {
  const rows = result.measurements.map(
    (one): DotRow => ({
      label: one.name,
      tone: toneOf(one.name),
      spreads: [spreadIn(one, measure)],
    }),
  )
  const medians = rows.flatMap(({ spreads }) => spreads.map(({ median }) => median))
  const isWide = Math.max(...medians) > spanMax * Math.min(...medians)
  const scale = measure === 'requests' || isWide ? 'log' : 'zero'
  const [what, better] = measureTexts[measure]
  const about = `${better}.${scale === 'log' ? ' Equal ratios are equal lengths.' : ''}`
  const full = `${title}: ${what}`
  const svg = dotPlot({ title: full, about, scale, rows })
  return picture(`${result.name}-${measure}`, full, svg)
}

/** Medians of everybody's rounds. */
const measuredTable = ({ measurements }: ScenarioResult): readonly string[] =>
  table([
    ['', 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs', 'bytes', 'errors'],
    ...measurements.map(({ name, rounds }) => {
      const median = (pick: (report: (typeof rounds)[number]) => number): string =>
        told(spreadOf(rounds.map(pick)).median)
      return [
        name,
        median((report) => report.requestsPerSecond),
        median((report) => report.p50Millis),
        median((report) => report.p99Millis),
        median((report) => report.serverCpuMicrosPerRequest),
        median((report) => report.bytesPerAnswer ?? Number.NaN),
        String(rounds.reduce((sum, report) => sum + report.errors, 0)),
      ]
    }),
  ])

/** A scenario in which contenders took turns. */
export function measuredSection(
  found: Found,
  scenario: string,
  title: string,
  measures: readonly Measure[],
): readonly Section[] {
  const finding = found.get(scenario)
  if (finding === undefined || finding.result.measurements.length === 0) return []
  const pictures = measures.flatMap((each) => measuredPicture(finding.result, title, each))
  const lines = [...measuredTable(finding.result), '', `\`${scenario}\`, ${sourceOf(finding.run)}`]
  return [{ title, pictures, lines }]
}

const figuresNamed = (figures: readonly Figure[], what: string) =>
  figures.flatMap((each) =>
    each.name.startsWith(`${what}, `) ? [{ ...each, who: each.name.slice(what.length + 2) }] : [],
  )

/** p50, p99 and p99.9 of everybody with half as much to do as they can. */
export function waitsSection(found: Found): readonly Section[] {
  const finding = found.get('token-es256-1process')
  if (finding === undefined) return []
  const { figures } = finding.result
  const [halves, fifties, nines, thousandths] = ['half load', 'p50 at half load']
    .map((what) => figuresNamed(figures, what))
    .concat(['p99 at half load', 'p99.9 at half load'].map((what) => figuresNamed(figures, what)))
  if (halves === undefined || halves.length === 0) return []
  const spreadsOf = (who: string) =>
    [fifties, nines, thousandths].flatMap(
      (list = []) => list.find((each) => each.who === who)?.spread ?? [],
    )
  const rows = halves.map(
    ({ who }): DotRow => ({ label: who, tone: toneOf(who), spreads: spreadsOf(who) }),
  )
  const title = 'Waits at half load: p50, p99 and p99.9'
  const about = 'Milliseconds from when a request is due, ES256, one process; less is better.'
  const lines = table([
    ['', 'requests/s', 'p50 ms', 'p99 ms', 'p99.9 ms'],
    ...halves.map(({ who, spread }) => {
      const [p50, p99, p999] = spreadsOf(who).map(({ median }) => told(median))
      return [who, told(spread.median), p50 ?? '–', p99 ?? '–', p999 ?? '–']
    }),
  ])
  const own = figures.find(({ name }) => name.includes("load's own lateness"))
  const lateness =
    own === undefined ? '' : ` The load's own lateness, p99: ${told(own.spread.median)} ms.`
  return [
    {
      title,
      pictures: picture('waits-at-half-load', title, dotPlot({ title, about, scale: 'log', rows })),
      lines: [...lines, '', `${sourceOf(finding.run)}${lateness}`],
    },
  ]
}

/** Memory and token length of everybody who hands out tokens. */
export function sizesSection(found: Found): readonly Section[] {
  const finding = found.get('token-es256-1process')
  if (finding === undefined) return []
  const pictures = (
    [
      [
        'PSS after the rounds',
        'memory',
        'Memory after the rounds',
        'MB of all processes, what they share counted once; less is better.',
      ],
      ['token', 'token-bytes', 'Length of a token', 'Bytes; the floors imitate ours.'],
    ] as const
  ).flatMap(([what, name, title, about]) => {
    const rows = figuresNamed(finding.result.figures, what).map(
      ({ who, spread }): DotRow => ({ label: who, tone: toneOf(who), spreads: [spread] }),
    )
    return picture(name, title, dotPlot({ title, about, scale: 'zero', rows }))
  })
  if (pictures.length === 0) return []
  return [{ title: 'Memory and bytes', pictures, lines: [sourceOf(finding.run)] }]
}

/** Figures as they are: no picture would say more. */
export function figuresSection(found: Found, scenario: string, title: string): readonly Section[] {
  const finding = found.get(scenario)
  if (finding === undefined || finding.result.figures.length === 0) return []
  const rows = finding.result.figures.map(({ name, unit, spread }) => [
    name,
    told(spread.median),
    unit,
  ])
  const lines = [
    ...table([['', 'median', ''], ...rows]),
    '',
    `\`${scenario}\`, ${sourceOf(finding.run)}`,
  ]
  return [{ title, pictures: [], lines }]
}

/** The ratio to a floor as one domain grows. */
export function growthSection(found: Found): readonly Section[] {
  const finding = found.get('many-applications')
  const points = (finding?.result.ratios ?? []).flatMap(({ of, over, requests, cpu }) => {
    const size = /^domain of (\d+)$/.exec(of)?.[1]
    return size === undefined || !over.startsWith('echo-and-sign')
      ? []
      : [{ size: Number(size), requests, spread: cpu }]
  })
  if (finding === undefined || points.length === 0) return []
  const title = 'A domain that grows'
  const about = 'Share of a bare signing echo, by CPU a request, beside it; higher is better.'
  const svg = linePlot({ title, about, tone: 'ours', points, sizeUnit: 'applications' })
  const lines = table([
    ['applications', 'by CPU', 'by requests'],
    ...points.map(({ size, requests, spread }) => [
      told(size),
      told(spread.median),
      told(requests.median),
    ]),
  ])
  return [
    {
      title,
      pictures: picture('domain-that-grows', title, svg),
      lines: [...lines, '', sourceOf(finding.run)],
    },
  ]
}

const lettersMax = 64
const shortened = (text: string): string =>
  text.length > lettersMax ? `${text.slice(0, lettersMax - 1)}…` : text

/** What is promised of a figure, as in `≤ 50 ms`. */
export const aimOf = ({ kind, aim, unit }: PromiseFound): string =>
  `${kind === 'at least' ? '≥' : '≤'} ${told(aim)} ${unit}`.trim()

/** Every promise beside its aim. */
export function promisesSection(found: Found): readonly Section[] {
  const all = promisesIn(found)
  const rows = all.map(
    (promised): DotRow => ({
      label: shortened(`${promised.scenario} · ${promised.what}`),
      tone: promised.isMet ? 'ours' : 'missed',
      spreads: [kept(promised)],
      value: promised.isMet ? 'met' : 'NOT MET',
    }),
  )
  const title = 'Promises: how far they are kept'
  const about = '1 is just kept, right of it is better; hollow and red: not met.'
  const mark = { at: 1, label: 'promised' }
  const labelWidth = 460
  const lines = table([
    ['promise', 'aim', 'found', '', 'scenario', 'commit'],
    ...all.map((promised) => [
      promised.what,
      aimOf(promised),
      told(promised.spread.median),
      promised.isMet ? 'met' : '**not met**',
      `\`${promised.scenario}\``,
      promised.run.commit,
    ]),
  ])
  const svg = dotPlot({ title, about, scale: 'log', rows, mark, labelWidth })
  return [{ title: 'Promises', pictures: picture('promises', title, svg), lines }]
}
