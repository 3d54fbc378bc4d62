import {
  clocksApartMsMax,
  type Revocation,
  type RevocationKind,
  type RevocationQuestion,
  subjectOfClient,
} from '@mintmark/registry/revocation'
import { createRevocationMarks, type RevocationMarks } from './revocation-marks.ts'

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

/** The same as `marksOf` asks; what there is none of costs nothing. */
const isEnded = (marks: RevocationMarks, question: RevocationQuestion): boolean => {
  const { jti, applicationId, clientId, audience, credential, issuedAtMs } = question
  const isDead = (kind: RevocationKind, subject: string): boolean =>
    marks.endedUntilMs(kind, subject) >= issuedAtMs
  return (
    (marks.hasAny('token') && marks.endedUntilMs('token', jti) >= 0) ||
    (marks.hasAny('client') && isDead('client', applicationId)) ||
    (marks.hasAny('credential') && isDead('credential', subjectOfClient(credential, clientId))) ||
    (marks.hasAny('audience') && audience.some((each) => isDead('audience', each))) ||
    (marks.hasAny('grant') &&
      audience.some((each) => isDead('grant', subjectOfClient(each, clientId))))
  )
}

/** Opens the memory; until it is loaded, and when it is full, the table is asked. */
export const createRevocationMemory = (options: RevocationMemoryOptions): RevocationMemory => {
  const { revocationsMax } = options
  const marks = createRevocationMarks()
  let whole = false
  let full = false
  let latestMarkMs = 0

  let droppedAtMs = 0
  const dropExpired = (): void => {
    droppedAtMs = options.now()
    marks.dropExpired(droppedAtMs - expiryMarginMs)
  }

  const note = (revocations: readonly Revocation[], latestMs = 0): void => {
    // a clock that is wrong by more than any may be dates nothing of this server
    const latestMax = options.now() + clocksApartMsMax
    for (const atMs of [latestMs, ...revocations.map(({ issuedBeforeMs }) => issuedBeforeMs)]) {
      if (atMs <= latestMax) latestMarkMs = Math.max(latestMarkMs, atMs)
    }
    if (full) return
    for (const revocation of revocations) marks.keep(revocation)
    const isCrowded = marks.size() > revocationsMax
    if (isCrowded || options.now() - droppedAtMs > dropAfterMs) dropExpired()
    if (!isCrowded) return
    // room for a tenth, or the next ones would look through all of them again
    if (marks.size() <= revocationsMax * 0.9) return
    full = true
    whole = false
    marks.clear()
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
      return isEnded(marks, question)
    },
  }
}
