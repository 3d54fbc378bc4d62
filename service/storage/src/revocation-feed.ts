import type { Revocation } from '@mintmark/registry/revocation'
import type { Statements } from './database.ts'
import { listRevocationsAfter } from './tables/revocation.ts'
import {
  type FeedPlace,
  findFeedEnd,
  listRevocationEntries,
  type RevocationEntry,
} from './tables/revocation-entry.ts'

/** What has been revoked since a place, and the place behind it. */
export interface FeedStretch {
  readonly entries: readonly RevocationEntry[]
  readonly place: FeedPlace
  /** There are more than were asked for. */
  readonly more: boolean
}

/** A part of everything that is revoked, and a place in the feed that it is not older than. */
export interface RevocationPage {
  readonly revocations: readonly Revocation[]
  readonly place: FeedPlace
  /** Where the next part begins; null: this was the last. */
  readonly next: Pick<Revocation, 'kind' | 'subject'> | null
}

/** The revocations of one domain, as they are told to whoever follows them. */
export interface RevocationFeedReader {
  end(): Promise<FeedPlace>
  /** null: the place is of another history, or its entries are no longer kept. */
  after(place: FeedPlace, entriesMax: number): Promise<FeedStretch | null>
  page(after: RevocationPage['next'], rowsMax: number): Promise<RevocationPage>
}

/** @param read sees committed data only, so what was told is never taken back */
export const openRevocationFeed = (read: Statements, domainId: string): RevocationFeedReader => {
  const end = async (): Promise<FeedPlace> => {
    const found = await findFeedEnd(read, domainId)
    if (found === null) throw new Error('this domain has no revocation feed yet')
    return found
  }
  return {
    end,
    after: async (place, entriesMax) => {
      const { epoch, number, mark } = await end()
      if (place.epoch !== epoch || place.number > number) return null
      if (place.number === number) {
        return place.mark === mark ? { entries: [], place, more: false } : null
      }
      // The entry at the place itself shows that this history is the one it was in.
      const from = Math.max(1, place.number)
      const rows = await listRevocationEntries(read, domainId, from, entriesMax + 1)
      const [first, ...rest] = rows
      const isStart = place.number === 0 && place.mark === epoch && first?.number === 1
      const isSame = first?.number === place.number && first.mark === place.mark
      if (!isStart && !isSame) return null
      const entries = (isStart ? rows : rest).slice(0, entriesMax)
      const last = entries.at(-1)
      if (last === undefined) return { entries, place, more: false }
      const reached = { epoch, number: last.number, mark: last.mark }
      return { entries, place: reached, more: last.number < number }
    },
    page: async (after, rowsMax) => {
      // Before the rows: what is stored in between is told twice rather than never.
      const place = await end()
      const revocations = await listRevocationsAfter(read, domainId, after, rowsMax)
      const last = revocations.length < rowsMax ? undefined : revocations.at(-1)
      const next = last === undefined ? null : { kind: last.kind, subject: last.subject }
      return { revocations, place, next }
    },
  }
}
