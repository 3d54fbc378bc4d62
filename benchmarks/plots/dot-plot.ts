/** One row for each name, a dot for its median, a line from the least round to the greatest. */
import type { Spread } from '../statistics.ts'
import { logScale, told, zeroScale } from './scale.ts'
import { dotAt, lineTo, picture, plotWidth, type Tone, textAt } from './svg.ts'

export interface DotRow {
  readonly label: string
  readonly tone: Tone
  /** One for each point; the first is filled, the others are hollow. */
  readonly spreads: readonly Spread[]
  /** What stands at the end of the row; the medians if left out. */
  readonly value?: string
}

export interface DotPlot {
  readonly title: string
  /** One line below the title: what is shown and which way is better. */
  readonly about: string
  readonly scale: 'log' | 'zero'
  readonly rows: readonly DotRow[]
  /** Room for labels, in user units. */
  readonly labelWidth?: number
  /** A line across all rows. */
  readonly mark?: { readonly at: number; readonly label: string }
}

const labelWidthUsual = 230
const valueWidth = 150
const rowHeight = 26
const firstRow = 84

const isShown = ({ median }: Spread): boolean => Number.isFinite(median) && median > 0

/** The plot, or undefined where nothing has been measured. */
export function dotPlot(plot: DotPlot): string | undefined {
  const { title, about, scale, rows, mark, labelWidth: labelEnd = labelWidthUsual } = plot
  const shown = rows.filter(({ spreads }) => spreads.some(isShown))
  const values = shown.flatMap(({ spreads }) =>
    spreads.filter(isShown).flatMap(({ min, median, max }) => [min, median, max]),
  )
  if (values.length === 0) return undefined
  if (mark !== undefined) values.push(mark.at)
  const makeScale = scale === 'log' ? logScale : zeroScale
  const { place, ticks } = makeScale(values, labelEnd + 20, plotWidth - valueWidth)
  const bottom = firstRow + shown.length * rowHeight - 8
  const parts = ticks.flatMap((tick) => [
    lineTo([place(tick), firstRow - 14], [place(tick), bottom], 'grid'),
    textAt(place(tick), bottom + 18, told(tick), 'soft middle'),
  ])
  if (mark !== undefined) {
    parts.push(lineTo([place(mark.at), firstRow - 14], [place(mark.at), bottom], 'mark'))
    parts.push(textAt(place(mark.at), firstRow - 18, mark.label, 'soft middle'))
  }
  shown.forEach(({ label, tone, spreads, value }, row) => {
    const y = firstRow + row * rowHeight
    const weight = tone === 'ours' && mark === undefined ? ' strong' : ''
    parts.push(textAt(labelEnd, y + 4, label, `ink end${weight}`))
    const points = spreads.filter(isShown)
    // Lines of several points would lie on each other: one joins their medians instead.
    const [from, to] =
      points.length > 1
        ? [points[0]!.median, points.at(-1)!.median]
        : [points[0]?.min ?? 0, points[0]?.max ?? 0]
    if (Math.abs(place(to) - place(from)) >= 1) {
      parts.push(lineTo([place(from), y], [place(to), y], `range ${tone}`))
    }
    points.forEach(({ median }, index) => {
      parts.push(dotAt(place(median), y, tone, index > 0 || tone === 'missed'))
    })
    const medians = points.map(({ median }) => told(median)).join(' · ')
    parts.push(textAt(plotWidth - 16, y + 4, value ?? medians, `ink end${weight}`))
  })
  return picture({ title, about }, bottom + 32, parts)
}
