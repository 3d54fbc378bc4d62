import {
  credentialOfTokenId,
  type FeedEntry,
  millisecondsOfTokenId,
} from '@mintmark/protocol/revocation-feed'

/** What a token is looked up by. */
export interface RevocationQuestion {
  readonly jti: string
  readonly clientId: string
  /** What it is for: `aud`, and the names of this API where that is for all of them. */
  readonly audience: readonly string[]
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

type MarkKind = 'client' | 'credential' | 'audience' | 'grant'

const ofClient = (what: string, clientId: string): string => `${what} ${clientId}`

/** What an entry is about, as a token is looked up by it. */
const subjectOf = (entry: FeedEntry): string => {
  const { kind, client_id: clientId = '', audience = '', credential = '' } = entry
  if (kind === 'client') return clientId
  if (kind === 'audience') return audience
  return ofClient(kind === 'grant' ? audience : credential, clientId)
}

/**
 * @param entriesMax all together
 * @param nowMs milliseconds since the epoch
 */
export const createRevocationSet = (entriesMax: number, nowMs: () => number): RevocationSet => {
  const ends = { token: new Map<string, number>(), key: new Map<string, number>() }
  const marked = (): Map<string, Mark> => new Map()
  const marks: Readonly<Record<MarkKind, Map<string, Mark>>> = {
    client: marked(),
    credential: marked(),
    audience: marked(),
    grant: marked(),
  }
  const all = [...Object.values(ends), ...Object.values(marks)]
  let sweptAtMs = nowMs()
  const size = (): number => all.reduce((sum, each) => sum + each.size, 0)

  const sweep = (): void => {
    sweptAtMs = nowMs()
    const before = sweptAtMs - expiryMarginMs
    for (const named of Object.values(ends)) {
      for (const [name, expiresAtMs] of named) if (expiresAtMs < before) named.delete(name)
    }
    for (const named of Object.values(marks)) {
      for (const [name, { expiresAtMs }] of named) if (expiresAtMs < before) named.delete(name)
    }
  }

  const clear = (): void => {
    for (const each of all) each.clear()
  }

  /** A later word on the same subject never shortens an earlier one. */
  const keep = (entry: FeedEntry): void => {
    const { kind, issued_before_ms: issuedBeforeMs, expires_at_ms: expiresAtMs } = entry
    if (kind === 'token' || kind === 'key') {
      const name = (kind === 'token' ? entry.jti : entry.kid) ?? ''
      ends[kind].set(name, Math.max(expiresAtMs, ends[kind].get(name) ?? 0))
      return
    }
    const subject = subjectOf(entry)
    const known = marks[kind].get(subject)
    marks[kind].set(subject, {
      issuedBeforeMs: Math.max(issuedBeforeMs, known?.issuedBeforeMs ?? 0),
      expiresAtMs: Math.max(expiresAtMs, known?.expiresAtMs ?? 0),
    })
  }

  const isMarked = (kind: MarkKind, subject: string, issuedAtMs: number): boolean =>
    issuedAtMs <= (marks[kind].get(subject)?.issuedBeforeMs ?? Number.NEGATIVE_INFINITY)

  const isEndedWithOthers = (question: RevocationQuestion): boolean => {
    const { jti, clientId, audience, issuedAtSeconds } = question
    const issuedAtMs = issuedAtSeconds * 1000 + millisecondsOfTokenId(jti)
    if (isMarked('client', clientId, issuedAtMs)) return true
    if (marks.credential.size > 0) {
      const subject = ofClient(credentialOfTokenId(jti), clientId)
      if (isMarked('credential', subject, issuedAtMs)) return true
    }
    if (marks.audience.size + marks.grant.size === 0) return false
    return audience.some(
      (each) =>
        isMarked('audience', each, issuedAtMs) ||
        isMarked('grant', ofClient(each, clientId), issuedAtMs),
    )
  }

  return {
    add: (entries) => {
      for (const entry of entries) keep(entry)
      if (size() > entriesMax || nowMs() - sweptAtMs > sweepAfterMs) sweep()
      if (size() <= entriesMax) return true
      clear()
      return false
    },
    isRevoked: (question) =>
      ends.token.has(question.jti) ||
      (question.kid !== null && ends.key.has(question.kid)) ||
      isEndedWithOthers(question),
    isWithdrawn: (kid) => ends.key.has(kid),
    clear,
    get size() {
      return size()
    },
  }
}
