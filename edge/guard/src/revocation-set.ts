import { type FeedEntry, millisecondsOfTokenId } from '@mintmark/protocol/revocation-feed'

/** What a token is looked up by. */
export interface RevocationQuestion {
  readonly jti: string
  readonly clientId: string
  readonly issuedAtSeconds: number
}

/** Everything that is known to be revoked and could still be alive; bounded. */
export interface RevocationSet {
  /** @returns false: there are too many, and nothing is held any more */
  add(entries: readonly FeedEntry[]): boolean
  isRevoked(question: RevocationQuestion): boolean
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
 * @param entriesMax tokens and clients together
 * @param nowMs milliseconds since the epoch
 */
export const createRevocationSet = (entriesMax: number, nowMs: () => number): RevocationSet => {
  const tokens = new Map<string, number>()
  const clients = new Map<string, Mark>()
  let sweptAtMs = nowMs()
  const size = (): number => tokens.size + clients.size

  const sweep = (): void => {
    sweptAtMs = nowMs()
    const before = sweptAtMs - expiryMarginMs
    for (const [jti, expiresAtMs] of tokens) if (expiresAtMs < before) tokens.delete(jti)
    for (const [id, { expiresAtMs }] of clients) if (expiresAtMs < before) clients.delete(id)
  }

  const clear = (): void => {
    tokens.clear()
    clients.clear()
  }

  /** A later word on the same subject never shortens an earlier one. */
  const keep = (entry: FeedEntry): void => {
    const { jti, client_id: clientId, issued_before_ms: issuedBeforeMs } = entry
    const expiresAtMs = entry.expires_at_ms
    if (jti !== undefined) tokens.set(jti, Math.max(expiresAtMs, tokens.get(jti) ?? 0))
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
    isRevoked: ({ jti, clientId, issuedAtSeconds }) => {
      if (tokens.has(jti)) return true
      const mark = clients.get(clientId)
      if (mark === undefined) return false
      return issuedAtSeconds * 1000 + millisecondsOfTokenId(jti) <= mark.issuedBeforeMs
    },
    clear,
    get size() {
      return size()
    },
  }
}
