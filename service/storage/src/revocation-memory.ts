import {
  clocksApartMsMax,
  type Revocation,
  type RevocationKind,
  type RevocationQuestion,
  subjectOfClient,
} from '@mintmark/registry/revocation'

export interface RevocationMemoryOptions {
  /** Reads at most so many of the stored ones. */
  readonly load: (rowsMax: number) => Promise<readonly Revocation[]>
  /** The latest instant on record, by the clocks of all servers; 0: nothing is. */
  readonly latest: () => Promise<number>
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
  /** These are stored now. @param latestMs the latest instant on record with them */
  note(revocations: readonly Revocation[], latestMs?: number): void
  /**
   * The instant that a request is judged at, and a new token issued: by the clock of this server,
   * but after all that it has heard to be ended, which a clock that is ahead may have dated.
   */
  afterMarks(nowMs: number): number
  /** Whether a token was ended before its time; a promise where the table must be asked. */
  isRevoked(question: RevocationQuestion): boolean | Promise<boolean>
}

/** Kept for this long after no token can need it: clocks may disagree. */
const expiryMarginMs = 120_000
const dropAfterMs = 60_000

/** No more of a revocation: there may be tens of thousands. */
type Mark = Pick<Revocation, 'issuedBeforeMs' | 'expiresAtMs'>

type Named = Readonly<Record<RevocationKind, Map<string, Mark>>>

const named = (): Map<string, Mark> => new Map()

const noRevocations = (): Named => ({
  token: named(),
  client: named(),
  // what a withdrawn key has signed is no token of ours any more; it is kept to be whole
  key: named(),
  credential: named(),
  audience: named(),
  grant: named(),
})

const isEnded = (marks: Map<string, Mark>, subject: string, issuedAtMs: number): boolean => {
  const mark = marks.get(subject)
  return mark !== undefined && mark.issuedBeforeMs >= issuedAtMs
}

/** The same as `marksOf` asks; what there is none of costs nothing. */
const isEndedWithOthers = (kept: Named, question: RevocationQuestion): boolean => {
  const { applicationId, clientId, audience, credential, issuedAtMs } = question
  if (isEnded(kept.client, applicationId, issuedAtMs)) return true
  if (kept.credential.size > 0) {
    const subject = subjectOfClient(credential, clientId)
    if (isEnded(kept.credential, subject, issuedAtMs)) return true
  }
  if (kept.audience.size > 0) {
    if (audience.some((each) => isEnded(kept.audience, each, issuedAtMs))) return true
  }
  return (
    kept.grant.size > 0 &&
    audience.some((each) => isEnded(kept.grant, subjectOfClient(each, clientId), issuedAtMs))
  )
}

/** Opens the memory; until it is loaded, and when it is full, the table is asked. */
export const createRevocationMemory = (options: RevocationMemoryOptions): RevocationMemory => {
  const { revocationsMax } = options
  const kept = noRevocations()
  const size = (): number => Object.values(kept).reduce((sum, each) => sum + each.size, 0)
  let whole = false
  let full = false
  let latestMarkMs = 0

  let droppedAtMs = 0
  const dropExpired = (): void => {
    droppedAtMs = options.now()
    const before = droppedAtMs - expiryMarginMs
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
      issuedBeforeMs: Math.max(issuedBeforeMs, before?.issuedBeforeMs ?? 0),
      expiresAtMs: Math.max(expiresAtMs, before?.expiresAtMs ?? 0),
    })
  }

  const note = (revocations: readonly Revocation[], latestMs = 0): void => {
    // a clock that is wrong by more than any may be dates nothing of this server
    const latestMax = options.now() + clocksApartMsMax
    for (const atMs of [latestMs, ...revocations.map(({ issuedBeforeMs }) => issuedBeforeMs)]) {
      if (atMs <= latestMax) latestMarkMs = Math.max(latestMarkMs, atMs)
    }
    if (full) return
    for (const revocation of revocations) keep(revocation)
    const isCrowded = size() > revocationsMax
    if (isCrowded || options.now() - droppedAtMs > dropAfterMs) dropExpired()
    if (!isCrowded) return
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
    note(...(await Promise.all([options.load(revocationsMax + 1), options.latest()])))
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
    afterMarks: (nowMs) =>
      latestMarkMs >= nowMs && latestMarkMs <= nowMs + clocksApartMsMax ? latestMarkMs + 1 : nowMs,
    isRevoked: (question) => {
      if (!whole) return options.ask(question)
      return kept.token.has(question.jti) || isEndedWithOthers(kept, question)
    },
  }
}
