import type { AuditEvent, TokenEventFacts } from '@mintmark/registry/audit-event'

/** How exactly it is kept when a secret was used: not a write for every token. */
export const secretUseMs = 3_600_000
const secretsMax = 100_000

/** When secrets were last used, as the one writer knows it. */
export interface SecretUses {
  /** Uses in an hour of which the disk knows nothing yet: milliseconds by the id of the secret. */
  unknown(events: readonly AuditEvent[]): ReadonlyMap<string, number>
  /** They are on the disk now. */
  stored(uses: ReadonlyMap<string, number>): void
}

/** The secret by which the client of this event has proven itself; null: by something else. */
const secretOf = ({ detail }: AuditEvent): string | null => {
  const { method, credential } = (detail ?? {}) as Partial<TokenEventFacts>
  const isSecret = typeof method === 'string' && method.startsWith('client_secret')
  return isSecret && typeof credential === 'string' ? credential : null
}

const hourOf = (ms: number): number => Math.floor(ms / secretUseMs)

export const createSecretUses = (): SecretUses => {
  const hours = new Map<string, number>()
  return {
    unknown: (events) => {
      const uses = new Map<string, number>()
      for (const event of events) {
        const id = secretOf(event)
        if (id === null || (hours.get(id) ?? -1) >= hourOf(event.at)) continue
        uses.set(id, Math.max(uses.get(id) ?? 0, Math.trunc(event.at)))
      }
      return uses
    },
    stored: (uses) => {
      // forgetting costs one more write for each secret that is still used
      if (hours.size + uses.size > secretsMax) hours.clear()
      for (const [id, atMs] of uses) hours.set(id, hourOf(atMs))
    },
  }
}
