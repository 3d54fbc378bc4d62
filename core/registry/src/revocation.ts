/** What a revocation is about; each has the subject that `revocationSubject` or its name says. */
export const revocationKinds = [
  'token',
  'client',
  'key',
  'credential',
  'audience',
  'grant',
] as const
export type RevocationKind = (typeof revocationKinds)[number]

/**
 * What ends tokens before their time: one token by its `jti`, all tokens of a client that were
 * issued up to an instant (deactivation, deletion, revocation of everything), all that a signing
 * key has signed (its withdrawal), what one credential of a client has obtained, what is for one
 * API, or what one client has for one API.
 */
export interface Revocation {
  readonly domain: string
  readonly kind: RevocationKind
  /**
   * `jti`, the application's `id`, the key's `kid`, an audience; for `credential` and `grant` the
   * mark of the credential or the audience, and whose (`subjectOfClient`).
   */
  readonly subject: string
  /** For `client`: what its tokens call it, also when the application is deleted. */
  readonly clientId?: string
  /** For all but `token` and `key`: tokens issued at or before this instant are dead. */
  readonly issuedBeforeMs: number
  /** After this instant no token it speaks of can be alive, so the row may go. */
  readonly expiresAtMs: number
}

/** No token lives longer, whatever is asked: one year. */
export const tokenLifeSecondsMax = 31_536_000

/** How far apart the clocks of any two servers of one database may be, milliseconds. */
export const clocksApartMsMax = 10_000

/**
 * An instant of one clock, but not before what another has dated, as far as clocks may differ.
 * @param otherMs where its clock is further ahead than it may be, it counts for nothing
 */
export const notBefore = (atMs: number, otherMs: number): number =>
  otherMs > atMs && otherMs <= atMs + clocksApartMsMax ? otherMs : atMs

/** Where all that is on record ends, by the clocks of all servers. */
export interface RecordEnd {
  /** The latest instant on record; 0: nothing is. */
  readonly latestMs: number
  /** When the last token expires of all that were ever issued; null: nobody knows. */
  readonly tokensUntilMs: number | null
}

/** Who has a withdrawn key may have signed what is not on record, for as long as he likes. */
const neededUntil = ({ kind, issuedBeforeMs, expiresAtMs }: Revocation, end: RecordEnd): number =>
  kind === 'token' || kind === 'key' || end.tokensUntilMs === null
    ? expiresAtMs
    : Math.min(expiresAtMs, Math.max(end.tokensUntilMs, issuedBeforeMs))

/**
 * Makes a revocation speak of every token that was on record before it, and for no longer than the
 * last of them lives. A token has its instant from the server that issued it, whose clock may be
 * ahead of the one that revokes.
 *
 * @param clockMs of whoever stores it, now: one that has waited may be older than what was recorded
 *   meanwhile by more than clocks may differ
 */
export const coverRecorded = (
  revocation: Revocation,
  end: RecordEnd,
  clockMs: number,
): Revocation => {
  const storedMs = Math.max(revocation.issuedBeforeMs, clockMs)
  const covering = { ...revocation, issuedBeforeMs: notBefore(storedMs, end.latestMs) }
  return { ...covering, expiresAtMs: neededUntil(covering, end) }
}

/**
 * Clients whose requests in flight are decided again after these were stored: a token that was
 * decided before them is dated before them, but may outlive what was on record.
 */
export const clientsEnded = (revocations: readonly Revocation[]): readonly string[] =>
  revocations.flatMap(({ clientId }) => clientId ?? [])

/** What of a client is meant; audiences and marks have no space, client ids may have some. */
export const subjectOfClient = (what: string, clientId: string): string => `${what} ${clientId}`

/** The two parts of such a subject again. */
export const partsOfSubject = (subject: string): readonly [what: string, clientId: string] => {
  const at = subject.indexOf(' ')
  return [subject.slice(0, at), subject.slice(at + 1)]
}

/** What is asked about one token, as it says it itself. */
export interface RevocationQuestion {
  readonly jti: string
  /** `id` of the application the token was issued to. */
  readonly applicationId: string
  readonly clientId: string
  readonly audience: readonly string[]
  /** Mark of the credential that obtained it (`credentialOfTokenId`). */
  readonly credential: string
  /** The token's `iat` in milliseconds. */
  readonly issuedAtMs: number
}

/** A revocation that would end the token, if there is one as late as this. */
export interface RevocationMark {
  readonly kind: RevocationKind
  readonly subject: string
  /** Only one that speaks of this instant counts. */
  readonly issuedAtMs: number
}

/** All that could have ended a token; what a withdrawn key has signed is no token of ours. */
export const marksOf = (question: RevocationQuestion): readonly RevocationMark[] => {
  const { jti, applicationId, clientId, audience, credential, issuedAtMs } = question
  return [
    { kind: 'token', subject: jti, issuedAtMs: 0 },
    { kind: 'client', subject: applicationId, issuedAtMs },
    { kind: 'credential', subject: subjectOfClient(credential, clientId), issuedAtMs },
    ...audience.flatMap((each): readonly RevocationMark[] => [
      { kind: 'audience', subject: each, issuedAtMs },
      { kind: 'grant', subject: subjectOfClient(each, clientId), issuedAtMs },
    ]),
  ]
}
