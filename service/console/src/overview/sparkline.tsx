import type { Minute } from './overview.ts'

const width = 120
const height = 28

/** Points of a line over the minutes; where nothing is known it is interrupted. */
const pathOf = (values: readonly (number | null)[]): string => {
  const most = Math.max(1, ...values.map((value) => value ?? 0))
  const step = width / Math.max(1, values.length - 1)
  let isDrawn = false
  return values
    .map((value, at) => {
      if (value === null) {
        isDrawn = false
        return ''
      }
      const letter = isDrawn ? 'L' : 'M'
      isDrawn = true
      const y = height - 2 - (value / most) * (height - 4)
      return `${letter}${(at * step).toFixed(1)} ${y.toFixed(1)}`
    })
    .join('')
}

/** An hour, minute by minute; the number beside it says how much it was. */
export const Sparkline = ({
  minutes,
  of,
}: {
  readonly minutes: readonly (Minute | null)[]
  readonly of: 'issued' | 'denied'
}) => {
  const values = minutes.map((minute) => minute?.[of] ?? null)
  const most = Math.max(0, ...values.map((value) => value ?? 0))
  const label = `Minute by minute; at most ${most} in one`
  return (
    <svg
      className={`sparkline ${of}`}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      <path d={pathOf(values)} fill="none" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
    </svg>
  )
}
