/** Filters as text (RFC 7644 §3.4.2.2), in one form: as few parentheses as the tree needs. */
import { writeAttributePath } from './rfc7644-attribute-path.ts'
import type { Filter } from './rfc7644-filter.ts'

const writeOperand = (filter: Filter): string =>
  filter.kind === 'and' || filter.kind === 'or' ? `(${writeFilter(filter)})` : writeFilter(filter)

/** The filter as `readFilter` reads it back, but for columns. */
export const writeFilter = (filter: Filter): string => {
  switch (filter.kind) {
    case 'and':
      return filter.filters.map(writeOperand).join(' and ')
    case 'or':
      return filter.filters
        .map((each) => (each.kind === 'or' ? writeOperand(each) : writeFilter(each)))
        .join(' or ')
    case 'not':
      return `not (${writeFilter(filter.filter)})`
    case 'present':
      return `${writeAttributePath(filter.path)} pr`
    case 'compare':
      return `${writeAttributePath(filter.path)} ${filter.operator} ${JSON.stringify(filter.value)}`
    case 'valuePath':
      return `${writeAttributePath(filter.path)}[${writeFilter(filter.filter)}]`
  }
}
