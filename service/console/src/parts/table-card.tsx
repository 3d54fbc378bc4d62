import type { ReactNode } from 'react'

/** A table that scrolls by itself where there is too little room; so it takes keys. */
export const TableCard = ({
  label,
  tall = false,
  children,
}: {
  readonly label: string
  /** Scrolls down by itself as well. */
  readonly tall?: boolean
  readonly children: ReactNode
}) => (
  <section
    className={tall ? 'table-card tall' : 'table-card'}
    aria-label={label}
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls takes keys
    tabIndex={0}
  >
    {children}
  </section>
)
