import { Readable } from 'node:stream'
import { revocationFeedEvent } from '@mintmark/protocol/revocation-feed'
import type { FeedPlace } from '@mintmark/storage/tables/revocation-entry'
import { cursorOf, type SignedStretch } from './feed-messages.ts'

/** One connection that is told of revocations as they are committed. */
export interface FeedStream {
  readonly readable: Readable
  /** There is news. */
  wake(): void
  end(): void
}

export interface FeedStreamParts {
  readonly from: FeedPlace
  readonly after: (place: FeedPlace) => Promise<SignedStretch | null>
  readonly heartbeatMs: number
  readonly mayGoOn: () => Promise<boolean>
  /** The connection is over, whoever ended it. */
  readonly closed: () => void
}

/** A reader that takes nothing for so long is let go: it resumes from where it was. */
const stuckMsMax = 30_000

/** Server-sent events (HTML Standard §9.2): `id` is the place to resume from. */
const eventOf = ({ jws, place }: SignedStretch): string =>
  `id: ${cursorOf(place)}\nevent: ${revocationFeedEvent}\ndata: ${jws}\n\n`

/**
 * Tells by pull: a message is made when the reader has taken the one before, so a slow one costs no
 * memory, and what it has not heard of waits in the store.
 */
export const openFeedStream = (parts: FeedStreamParts): FeedStream => {
  let place = parts.from
  let due = true
  let wanted = true
  let telling = false
  let over = false
  let takenAtMs = Date.now()

  const finish = (): void => {
    if (over || readable.destroyed) return
    over = true
    readable.push(null)
  }

  const tell = async (): Promise<void> => {
    if (telling) return
    telling = true
    try {
      while (due && wanted && !over && !readable.destroyed) {
        due = false
        const message = await parts.after(place)
        if (over || readable.destroyed) return
        // Its entries are gone, or the history is another: it must read everything again.
        if (message === null) return finish()
        place = message.place
        if (message.more) due = true
        wanted = readable.push(eventOf(message))
      }
    } catch {
      finish()
    } finally {
      telling = false
    }
  }

  const beat = async (): Promise<void> => {
    if (!wanted && Date.now() - takenAtMs > stuckMsMax) return void readable.destroy()
    const goesOn = await parts.mayGoOn().catch(() => false)
    if (!goesOn) return finish()
    due = true
    await tell()
  }

  const timer = setInterval(() => void beat(), parts.heartbeatMs)
  const readable = new Readable({
    read: () => {
      wanted = true
      takenAtMs = Date.now()
      void tell()
    },
    destroy: (error, done) => {
      clearInterval(timer)
      parts.closed()
      done(error)
    },
  })
  return {
    readable,
    wake: () => {
      due = true
      void tell()
    },
    end: finish,
  }
}
