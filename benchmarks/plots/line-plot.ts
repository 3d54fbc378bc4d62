/** A figure over a size that grows by powers of ten. */
import type { Spread } from '../statistics.ts'
import { logScale, told, zeroScale } from './scale.ts'
import { at, dotAt, lineTo, picture, type Tone, textAt } from './svg.ts'

export interface LinePlot {
  readonly title: string
  readonly about: string
  readonly tone: Tone
  readonly points: readonly { readonly size: number; readonly spread: Spread }[]
  /** Unit of the sizes. */
  readonly sizeUnit: string
}

const [left, right, top, bottom] = [80, 760, 76, 280]

/** The plot, or undefined where there are no two points to draw a line between. */
export function linePlot(plot: LinePlot): string | undefined {
  const points = plot.points.filter(({ spread }) => Number.isFinite(spread.median))
  if (points.length < 2) return undefined
  const across = logScale(
    points.map(({ size }) => size),
    left,
    right,
  )
  const up = zeroScale(
    points.map(({ spread }) => spread.max),
    bottom,
    top,
  )
  const parts = up.ticks.flatMap((tick) => [
    lineTo([left, up.place(tick)], [right, up.place(tick)], 'grid'),
    textAt(left - 10, up.place(tick) + 4, told(tick), 'soft end'),
  ])
  const path = points.map(({ size, spread }, index) => {
    const [x, y] = [across.place(size), up.place(spread.median)]
    return `${index === 0 ? 'M' : 'L'}${at(x)} ${at(y)}`
  })
  parts.push(`<path d="${path.join(' ')}" class="${plot.tone} line"/>`)
  for (const { size, spread } of points) {
    const x = across.place(size)
    parts.push(lineTo([x, up.place(spread.min)], [x, up.place(spread.max)], `range ${plot.tone}`))
    parts.push(dotAt(x, up.place(spread.median), plot.tone, false))
    parts.push(textAt(x, bottom + 20, told(size), 'soft middle'))
    parts.push(textAt(x, up.place(spread.max) - 10, told(spread.median), 'ink middle strong'))
  }
  parts.push(textAt((left + right) / 2, bottom + 42, plot.sizeUnit, 'soft middle'))
  return picture(plot, bottom + 58, parts)
}
