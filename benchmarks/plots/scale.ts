/** Axes: where a value lies, and which values are named. */

export interface Scale {
  readonly place: (value: number) => number
  readonly ticks: readonly number[]
}

const isShown = (value: number): boolean => Number.isFinite(value) && value > 0

/** Powers of ten, with 2 and 5 between them where there is room. */
function logTicks(low: number, high: number): readonly number[] {
  const first = Math.floor(Math.log10(low))
  const last = Math.ceil(Math.log10(high))
  const steps = last - first >= 3 ? [1] : [1, 2, 5]
  const all = Array.from({ length: last - first + 1 }, (_, at) =>
    steps.map((step) => Number((step * 10 ** (first + at)).toPrecision(1))),
  ).flat()
  const below = all.filter((tick) => tick <= low).at(-1) ?? low
  const above = all.find((tick) => tick >= high) ?? high
  return all.filter((tick) => tick >= below && tick <= above)
}

/** Equal ratios are equal lengths: for values far apart. Values must be above zero. */
export function logScale(values: readonly number[], from: number, to: number): Scale {
  const shown = values.filter(isShown)
  const ticks = logTicks(Math.min(...shown), Math.max(...shown))
  const low = Math.log10(ticks[0] ?? 1)
  const high = Math.log10(ticks.at(-1) ?? 10)
  const place = (value: number): number =>
    from + ((to - from) * (Math.log10(value) - low)) / (high - low || 1)
  return { place, ticks }
}

/** From zero, so that lengths may be compared. */
export function zeroScale(values: readonly number[], from: number, to: number): Scale {
  const most = Math.max(...values.filter(isShown))
  const raw = most / 4
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = power * ([1, 2, 2.5, 5, 10].find((each) => each * power >= raw) ?? 10)
  const count = Math.ceil(most / step)
  const ticks = Array.from({ length: count + 1 }, (_, at) => Number((at * step).toPrecision(6)))
  return { place: (value) => from + ((to - from) * value) / (count * step), ticks }
}

/** A figure as people read it: three digits that count, thousands set apart. */
export function told(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (value >= 1_000) return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ',')
  return String(Number(value.toPrecision(3)))
}
