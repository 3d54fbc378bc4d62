import type { AuditEvent, TokenEventFacts } from '@mintmark/registry/audit-event'
import { createGatheredUses, noUses, type SecretUse } from './gathered-uses.ts'
import { createHashSet } from './hash-set.ts'
import { textHash } from './text-hash.ts'

/** How exactly it is kept when a secret was used: not a write for every token. */
export const secretUseMs = 3_600_000
/** Secrets remembered in an hour; above, all are noted once more. 16 MB when full. */
const secretsMax = 1_000_000
/** So few are stored with the commit that they came with. */
const fewUses = 8
/**
 * More are gathered, so that those which are neighbours on the disk are written together: of a
 * million, twenty thousand lie on nearly as many pages, and ten times as many on twice those.
 */
const gatheredMax = 200_000
const gatherMs = 10_000
/** So many within that time will be more. */
const manyUses = 5000
const gatherManyMs = 300_000
/** Stored with one commit, unless more than that came with it. */
const usesAtOnce = 64

/**
 * When secrets were last used, as the one writer knows it. It is told by the audit too, so that
 * what is gathered and not yet stored may be lost with the process.
 */
export interface SecretUses {
  note(events: readonly AuditEvent[]): void
  /** What to store with a commit now; the same again unless `stored` is called. */
  due(nowMs: number): readonly SecretUse[]
  /** What is not yet stored, so many at most; the same again unless `stored` is called. */
  rest(usesMax: number): readonly SecretUse[]
  /** How many are not yet stored. */
  readonly left: number
  /** What `due` or `rest` gave last is on the disk. */
  stored(): void
}

/** The secret by which the client of this event has proven itself; null: by something else. */
const secretOf = ({ detail }: AuditEvent): string | null => {
  const { method, credential } = (detail ?? {}) as Partial<TokenEventFacts>
  const isSecret = typeof method === 'string' && method.startsWith('client_secret')
  return isSecret && typeof credential === 'string' ? credential : null
}

export const createSecretUses = (): SecretUses => {
  const known = createHashSet(secretsMax)
  let hour = 0
  const gathered = createGatheredUses()
  let gatheredSinceMs = Number.NEGATIVE_INFINITY
  let ordered = noUses
  let cameLast = 0
  let given = 0

  const isTime = (nowMs: number): boolean => {
    const { size } = gathered
    if (size <= fewUses || size >= gatheredMax) return true
    return nowMs - gatheredSinceMs >= (size < manyUses ? gatherMs : gatherManyMs)
  }
  const give = (usesMax: number): readonly SecretUse[] => {
    const uses = ordered.next(usesMax)
    given = uses.length
    return uses
  }

  return {
    get left() {
      return ordered.left + gathered.size
    },
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
        if (known.add(textHash(id))) gathered.add(id, Math.trunc(event.at))
      }
    },
    due: (nowMs) => {
      if (ordered.left === 0 && gathered.size > 0 && isTime(nowMs)) {
        ordered = gathered.take()
        gatheredSinceMs = nowMs
      }
      return give(Math.max(usesAtOnce, cameLast))
    },
    rest: (usesMax) => {
      if (ordered.left === 0) ordered = gathered.take()
      return give(usesMax)
    },
    stored: () => {
      ordered.drop(given)
      given = 0
    },
  }
}
