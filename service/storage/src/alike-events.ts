import type { AuditEvent } from '@mintmark/registry/audit-event'

/** Events of one commit that say the same, as one event each. */
export interface AlikeEvents {
  /** @param alike what makes it the same as others, but for its source and its object */
  add(event: AuditEvent, alike: string): void
  /** In the order of the first of each. */
  events(): readonly AuditEvent[]
}

/** Ids of one event: readers and sinks take events one by one. */
const countedMax = 128

interface Group {
  readonly first: AuditEvent
  readonly of: (readonly [ecid: string, object: string | null])[]
}

/** Counts what is alike: a client that asks again and again costs the record an id a request. */
export const gatherAlikeEvents = (): AlikeEvents => {
  const all: Group[] = []
  const open = new Map<string, Map<string, Group>>()
  return {
    add: (event, alike) => {
      const source = event.source ?? ''
      let groups = open.get(alike)
      if (groups === undefined) {
        groups = new Map()
        open.set(alike, groups)
      }
      const group = groups.get(source)
      if (group !== undefined && group.of.length < countedMax - 1) {
        const { ecid, object } = event
        group.of.push([ecid, object === group.first.object ? null : (object ?? null)])
        return
      }
      const begun: Group = { first: event, of: [] }
      groups.set(source, begun)
      all.push(begun)
    },
    events: () =>
      all.map(({ first, of }) => {
        if (of.length === 0) return first
        return { ...first, detail: { ...first.detail, count: of.length + 1, of } }
      }),
  }
}
