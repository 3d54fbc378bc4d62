import type { Revocation } from '@mintmark/registry/revocation'
import type { RevocationQuestion } from './revocations.ts'

export interface RevocationMemoryOptions {
  /** Reads at most so many of the stored ones. */
  readonly load: (rowsMax: number) => Promise<readonly Revocation[]>
  /** Asks the table about one token. */
  readonly ask: (question: RevocationQuestion) => Promise<boolean>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Revocations kept; with more than these, the table is asked each time. */
  readonly revocationsMax: number
}

/** Every living revocation of a domain, as long as they are few: then introspection runs no SQL. */
export interface RevocationMemory {
  /** Reads what is stored. Whoever announces new ones must do so already, or one may be missed. */
  load(): Promise<void>
  /** Some may have been missed: the table is asked until everything is loaded anew. */
  distrust(): Promise<void>
  /** These are stored now. */
  note(revocations: readonly Revocation[]): void
  /** Whether a token was ended before its time; a promise where the table must be asked. */
  isRevoked(question: RevocationQuestion): boolean | Promise<boolean>
}

/** Kept for this long after no token can need it: clocks may disagree. */
const expiryMarginMs = 120_000

/** Opens the memory; until it is loaded, and when it is full, the table is asked. */
export const createRevocationMemory = (options: RevocationMemoryOptions): RevocationMemory => {
  const { revocationsMax } = options
  // what a withdrawn key has signed is no token of ours any more; it is kept to be whole
  const kept = {
    token: new Map<string, Revocation>(),
    client: new Map<string, Revocation>(),
    key: new Map<string, Revocation>(),
  }
  const size = (): number => kept.token.size + kept.client.size + kept.key.size
  let whole = false
  let full = false

  const dropExpired = (): void => {
    const before = options.now() - expiryMarginMs
    for (const revocations of Object.values(kept)) {
      for (const [subject, { expiresAtMs }] of revocations) {
        if (expiresAtMs < before) revocations.delete(subject)
      }
    }
  }

  /** A later word on the same subject never shortens an earlier one. */
  const keep = (revocation: Revocation): void => {
    const { kind, subject, issuedBeforeMs, expiresAtMs } = revocation
    const before = kept[kind].get(subject)
    kept[kind].set(subject, {
      ...revocation,
      issuedBeforeMs: Math.max(issuedBeforeMs, before?.issuedBeforeMs ?? 0),
      expiresAtMs: Math.max(expiresAtMs, before?.expiresAtMs ?? 0),
    })
  }

  const note = (revocations: readonly Revocation[]): void => {
    if (full) return
    for (const revocation of revocations) keep(revocation)
    if (size() <= revocationsMax) return
    dropExpired()
    // room for a tenth, or the next ones would look through all of them again
    if (size() <= revocationsMax * 0.9) return
    full = true
    whole = false
    for (const revocations of Object.values(kept)) revocations.clear()
  }

  let loads = 0
  const load = async (): Promise<void> => {
    loads += 1
    const mine = loads
    note(await options.load(revocationsMax + 1))
    // what was distrusted meanwhile is for a later load to make whole
    if (mine === loads) whole = !full
  }

  return {
    load,
    distrust: () => {
      whole = false
      return load()
    },
    note,
    isRevoked: (question) => {
      if (!whole) return options.ask(question)
      if (size() === 0) return false
      if (kept.token.has(question.jti)) return true
      const client = kept.client.get(question.applicationId)
      return client !== undefined && client.issuedBeforeMs >= question.issuedAtMs
    },
  }
}
