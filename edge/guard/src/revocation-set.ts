import { type FeedEntry, millisecondsOfTokenId } from '@mintmark/protocol/revocation-feed'

/** What a token is looked up by. */
export interface RevocationQuestion {
  readonly jti: string
  readonly clientId: string
  readonly issuedAtSeconds: number
  /** `kid` of the key that signed it; null: the key has none. */
  readonly kid: string | null
}

/** Everything that is known to be revoked and could still be alive; bounded. */
export interface RevocationSet {
  /** @returns false: there are too many, and nothing is held any more */
  add(entries: readonly FeedEntry[]): boolean
  isRevoked(question: RevocationQuestion): boolean
  /** Whether the issuer has withdrawn this key: nothing that it signs counts. */
  isWithdrawn(kid: string): boolean
  clear(): void
  readonly size: number
}

interface Mark {
  readonly issuedBeforeMs: number
  readonly expiresAtMs: number
}

/** Kept for so long after no token can need it: clocks differ, and a guard grants some skew. */
const expiryMarginMs = 120_000
const sweepAfterMs = 60_000

/**
 * @param entriesMax tokens, clients and keys together
 * @param nowMs milliseconds since the epoch
 */
export const createRevocationSet = (entriesMax: number, nowMs: () => number): RevocationSet => {
  const tokens = new Map<string, number>()
  const clients = new Map<string, Mark>()
  const keys = new Map<string, number>()
  let sweptAtMs = nowMs()
  const size = (): number => tokens.size + clients.size + keys.size

  const sweep = (): void => {
    sweptAtMs = nowMs()
    const before = sweptAtMs - expiryMarginMs
    for (const ends of [tokens, keys]) {
      for (const [name, expiresAtMs] of ends) if (expiresAtMs < before) ends.delete(name)
    }
    for (const [id, { expiresAtMs }] of clients) if (expiresAtMs < before) clients.delete(id)
  }

  const clear = (): void => {
    tokens.clear()
    clients.clear()
    keys.clear()
  }

  /** A later word on the same subject never shortens an earlier one. */
  const keep = (entry: FeedEntry): void => {
    const { jti, client_id: clientId, kid, issued_before_ms: issuedBeforeMs } = entry
    const expiresAtMs = entry.expires_at_ms
    if (jti !== undefined) tokens.set(jti, Math.max(expiresAtMs, tokens.get(jti) ?? 0))
    if (kid !== undefined) keys.set(kid, Math.max(expiresAtMs, keys.get(kid) ?? 0))
    if (clientId === undefined) return
    const known = clients.get(clientId)
    clients.set(clientId, {
      issuedBeforeMs: Math.max(issuedBeforeMs, known?.issuedBeforeMs ?? 0),
      expiresAtMs: Math.max(expiresAtMs, known?.expiresAtMs ?? 0),
    })
  }

  return {
    add: (entries) => {
      for (const entry of entries) keep(entry)
      if (size() > entriesMax || nowMs() - sweptAtMs > sweepAfterMs) sweep()
      if (size() <= entriesMax) return true
      clear()
      return false
    },
    isRevoked: ({ jti, clientId, issuedAtSeconds, kid }) => {
      if (tokens.has(jti) || (kid !== null && keys.has(kid))) return true
      const mark = clients.get(clientId)
      if (mark === undefined) return false
      return issuedAtSeconds * 1000 + millisecondsOfTokenId(jti) <= mark.issuedBeforeMs
    },
    isWithdrawn: (kid) => keys.has(kid),
    clear,
    get size() {
      return size()
    },
  }
}
