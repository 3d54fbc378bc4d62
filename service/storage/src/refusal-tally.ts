import type { AuditEvent } from '@mintmark/registry/audit-event'

/** Refusals of strangers by source, reason and second: a flood leaves one event a second. */
export interface RefusalTally {
  add(event: AuditEvent): void
  /** Takes the events of seconds that are over; of all seconds when `everything`. */
  take(nowMs: number, everything?: boolean): readonly AuditEvent[]
  /** What was taken could not be stored. */
  giveBack(events: readonly AuditEvent[]): void
  /** Different events waiting. */
  size(): number
}

/** Of those counted with the first: its id, and whom it concerned where that is known. */
type Counted = readonly [ecid: string, object: string | null]

interface Sum {
  readonly first: AuditEvent
  readonly second: number
  count: number
  readonly of: Counted[]
}

/** Ids kept of one sum, so that people find what they were answered; a flood is cut off. */
const countedMax = 16

/** Stands for the sources for which there was no room of their own. */
const everyOther = '*'

const countOf = (event: AuditEvent): number => {
  const count = event.detail?.['count']
  return typeof count === 'number' ? count : 1
}

const countedOf = (event: AuditEvent): readonly Counted[] => {
  const { of } = event.detail ?? {}
  return Array.isArray(of) ? (of as readonly Counted[]) : []
}

/**
 * @param sumsMax different events kept; the sources of further ones are merged into one
 */
export const createRefusalTally = (sumsMax: number): RefusalTally => {
  const sums = new Map<string, Sum>()
  const add = (event: AuditEvent): void => {
    const second = Math.floor(event.at / 1000)
    const rest = `${second}\n${event.action}\n${event.reason ?? ''}`
    let name = `${rest}\n${event.source ?? ''}`
    let first = event
    if (!sums.has(name) && sums.size >= sumsMax) {
      name = `${rest}\n${everyOther}`
      first = { ...event, source: everyOther }
    }
    const sum = sums.get(name)
    if (sum !== undefined) {
      sum.count += countOf(event)
      const more: Counted[] = [[event.ecid, event.object ?? null], ...countedOf(event)]
      sum.of.push(...more.slice(0, countedMax - sum.of.length))
    } else if (sums.size < sumsMax * 2) {
      sums.set(name, { first, second, count: countOf(event), of: [...countedOf(event)] })
    }
  }
  return {
    add,
    take: (nowMs, everything = false) => {
      const thisSecond = Math.floor(nowMs / 1000)
      const taken: AuditEvent[] = []
      for (const [name, { first, second, count, of }] of sums) {
        // the clock may have been set back: an event of the future is not waited for
        if (second === thisSecond && !everything) continue
        const more = of.length > 0 ? { count, of } : { count }
        taken.push({ ...first, detail: { ...first.detail, ...more } })
        sums.delete(name)
      }
      return taken
    },
    giveBack: (events) => {
      for (const event of events) add(event)
    },
    size: () => sums.size,
  }
}
