import type { AuditEvent, TokenEventFacts } from '@mintmark/registry/audit-event'
import { createHashSet } from './hash-set.ts'
import { textHash } from './text-hash.ts'

/** How exactly it is kept when a secret was used: not a write for every token. */
export const secretUseMs = 3_600_000
/** Secrets remembered in an hour; above, all are noted once more. 16 MB when full. */
const secretsMax = 1_000_000
/** So few are stored with the commit that they came with. */
const fewUses = 8
/** More are gathered, so that those which are neighbours on the disk are written together. */
const gatheredMax = 20_000
const gatherMs = 10_000
/** Stored with one commit, unless more than that came with it. */
const usesAtOnce = 64

/** A secret by its id, and when it was used. */
export type SecretUse = readonly [id: string, atMs: number]

/**
 * When secrets were last used, as the one writer knows it. It is told by the audit too, so that
 * what is gathered and not yet stored may be lost with the process.
 */
export interface SecretUses {
  note(events: readonly AuditEvent[]): void
  /** What to store with a commit now; the same again unless `stored` is called. */
  due(nowMs: number): readonly SecretUse[]
  /** All that is not yet stored, so many at most; the same again unless `stored` is called. */
  rest(usesMax: number): readonly SecretUse[]
  /** What `due` or `rest` gave last is on the disk. */
  stored(): void
}

/** The secret by which the client of this event has proven itself; null: by something else. */
const secretOf = ({ detail }: AuditEvent): string | null => {
  const { method, credential } = (detail ?? {}) as Partial<TokenEventFacts>
  const isSecret = typeof method === 'string' && method.startsWith('client_secret')
  return isSecret && typeof credential === 'string' ? credential : null
}

const inOrder = (uses: ReadonlyMap<string, number>): SecretUse[] =>
  [...uses].sort(([a], [b]) => (a < b ? 1 : -1))

export const createSecretUses = (): SecretUses => {
  const known = createHashSet(secretsMax)
  let hour = 0
  let gathered = new Map<string, number>()
  let gatheredSinceMs = Number.NEGATIVE_INFINITY
  /** Being stored, the last one first. */
  let ordered: SecretUse[] = []
  let cameLast = 0
  let given = 0

  const begin = (nowMs: number): void => {
    ordered = [...inOrder(gathered), ...ordered]
    gathered = new Map()
    gatheredSinceMs = nowMs
  }
  const give = (usesMax: number): readonly SecretUse[] => {
    given = Math.min(usesMax, ordered.length)
    return given === 0 ? [] : ordered.slice(-given).reverse()
  }

  return {
    note: (events) => {
      cameLast = events.length
      for (const event of events) {
        const id = secretOf(event)
        if (id === null) continue
        const eventHour = Math.floor(event.at / secretUseMs)
        if (eventHour > hour) {
          known.clear()
          hour = eventHour
        }
        if (known.add(textHash(id))) gathered.set(id, Math.trunc(event.at))
      }
    },
    due: (nowMs) => {
      const isTime =
        gathered.size <= fewUses ||
        gathered.size >= gatheredMax ||
        nowMs - gatheredSinceMs >= gatherMs
      if (ordered.length === 0 && gathered.size > 0 && isTime) begin(nowMs)
      return give(Math.max(usesAtOnce, cameLast))
    },
    rest: (usesMax) => {
      if (ordered.length < usesMax && gathered.size > 0) begin(gatheredSinceMs)
      return give(usesMax)
    },
    stored: () => {
      ordered.length -= given
      given = 0
    },
  }
}
