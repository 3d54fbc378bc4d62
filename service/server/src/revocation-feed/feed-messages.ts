import {
  type FeedEntry,
  type FeedMessage,
  type FeedSnapshot,
  revocationFeedAudience,
  revocationFeedType,
} from '@mintmark/protocol/revocation-feed'
import {
  partsOfSubject,
  type Revocation,
  type RevocationKind,
  revocationKinds,
} from '@mintmark/registry/revocation'
import type { FeedStretch, RevocationPage } from '@mintmark/storage/revocation-feed'
import type { FeedPlace, RevocationEntry } from '@mintmark/storage/tables/revocation-entry'
import { signJws } from '../signing/sign-jws.ts'
import type { LoadedKey } from '../signing/signing-keys.ts'

/** A signed message and the place behind it. */
export interface SignedStretch {
  readonly jws: string
  readonly place: FeedPlace
  readonly more: boolean
}

/** A place as whoever follows the feed keeps it: text without a meaning of its own. */
export const cursorOf = ({ epoch, number, mark }: FeedPlace): string => `${epoch}.${number}.${mark}`

const cursorPattern = /^([\w-]{16})\.(\d{1,15})\.([\w-]{16,22})$/

/** null: no cursor of ours. */
export const readCursor = (text: string): FeedPlace | null => {
  const [, epoch, number, mark] = cursorPattern.exec(text) ?? []
  if (epoch === undefined || mark === undefined) return null
  return { epoch, number: Number(number), mark }
}

/** The same for a place in the snapshot. */
export const pageCursorOf = (next: RevocationPage['next']): string | null =>
  next === null ? null : Buffer.from(JSON.stringify(next)).toString('base64url')

export const readPageCursor = (text: string): RevocationPage['next'] => {
  try {
    const read = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    const isPlace = revocationKinds.includes(read.kind) && typeof read.subject === 'string'
    return isPlace ? { kind: read.kind, subject: read.subject } : null
  } catch {
    return null
  }
}

const subjectNames = {
  token: 'jti',
  client: 'client_id',
  key: 'kid',
  audience: 'audience',
  credential: 'credential',
  grant: 'audience',
} as const satisfies Readonly<Record<RevocationKind, keyof FeedEntry>>

const subjectOf = (kind: RevocationKind, subject: string): Partial<FeedEntry> => {
  if (kind !== 'credential' && kind !== 'grant') return { [subjectNames[kind]]: subject }
  const [what, clientId] = partsOfSubject(subject)
  return { [subjectNames[kind]]: what, client_id: clientId }
}

const entryOf = (
  kind: RevocationKind,
  subject: string,
  { issuedBeforeMs, expiresAtMs }: Pick<Revocation, 'issuedBeforeMs' | 'expiresAtMs'>,
): FeedEntry => ({
  kind,
  ...subjectOf(kind, subject),
  issued_before_ms: issuedBeforeMs,
  expires_at_ms: expiresAtMs,
})

/** What is said of the issuer and the instant in every message. */
export interface FeedHead {
  readonly issuer: string
  readonly nowMs: number
}

const headOf = ({ issuer, nowMs }: FeedHead): Pick<FeedMessage, 'iss' | 'aud' | 'iat'> => ({
  iss: issuer,
  aud: revocationFeedAudience,
  iat: nowMs / 1000,
})

/** What has come since a place. */
export const messageOf = (
  after: FeedPlace,
  { entries, place, more }: FeedStretch,
  head: FeedHead,
): FeedMessage => ({
  ...headOf(head),
  epoch: place.epoch,
  after: cursorOf(after),
  cursor: cursorOf(place),
  number: place.number,
  more,
  entries: entries.map((entry: RevocationEntry) => ({
    number: entry.number,
    previous: entry.number - 1,
    ...entryOf(entry.kind, entry.subject, entry),
  })),
})

/** One page of everything. Marks of clients whose name nobody knows any more are left out. */
export const snapshotOf = (
  after: string | null,
  { revocations, place, next }: RevocationPage,
  head: FeedHead,
): FeedSnapshot => ({
  ...headOf(head),
  epoch: place.epoch,
  cursor: cursorOf(place),
  number: place.number,
  snapshot: { after, next: pageCursorOf(next) },
  entries: revocations.flatMap((each) => {
    const subject = each.kind === 'client' ? each.clientId : each.subject
    return subject === undefined ? [] : [entryOf(each.kind, subject, each)]
  }),
})

/** RFC 7515 §7.1, by the key that signs tokens now. */
export const signMessage = (key: LoadedKey, claims: FeedMessage | FeedSnapshot): string =>
  signJws(key, revocationFeedType, JSON.stringify(claims))
