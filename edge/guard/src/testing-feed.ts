/** The revocation feed of the issuer for tests: everything once, then each as it is revoked. */
import { randomUUID } from 'node:crypto'
import {
  type FeedMessage,
  type FeedSnapshot,
  type NumberedFeedEntry,
  revocationFeedAudience,
  revocationFeedEvent,
  revocationFeedType,
} from '@mintmark/protocol/revocation-feed'

/** Whoever follows: gets events as text. */
export type TakeEvent = (text: string) => void

export interface TestFeed {
  /** Ends a token and tells whoever follows. */
  revoke(jti: string, expiresAtSeconds: number): void
  snapshot(): string
  /** Entries before a place; null: it is unknown, and everything must be read again. */
  placeOf(cursor: string): number | null
  /** Tells from a place on. @returns what ends it */
  follow(place: number, heartbeatSeconds: number, take: TakeEvent): () => void
  close(): void
}

/** @param sign makes a JWS of this `typ` */
export const createTestFeed = (
  issuer: () => string,
  sign: (typ: string, claims: object) => string,
): TestFeed => {
  const epoch = randomUUID()
  const entries: NumberedFeedEntry[] = []
  const followers = new Set<{ tell(): void; end(): void }>()
  const cursorOf = (number: number): string => `${epoch}.${number}`
  const head = () =>
    ({
      iss: issuer(),
      aud: revocationFeedAudience,
      iat: Date.now() / 1000,
      epoch,
      cursor: cursorOf(entries.length),
      number: entries.length,
    }) satisfies Partial<FeedMessage>

  const eventFrom = (number: number): string => {
    const news = { after: cursorOf(number), more: false, entries: entries.slice(number) }
    const message: FeedMessage = { ...head(), ...news }
    const data = sign(revocationFeedType, message)
    return `id: ${message.cursor}\nevent: ${revocationFeedEvent}\ndata: ${data}\n\n`
  }

  return {
    revoke: (jti, expiresAtSeconds) => {
      const number = entries.length + 1
      const times = { issued_before_ms: Date.now(), expires_at_ms: expiresAtSeconds * 1000 }
      entries.push({ number, previous: number - 1, kind: 'token', jti, ...times })
      for (const follower of followers) follower.tell()
    },
    snapshot: () => {
      const page: FeedSnapshot = { ...head(), snapshot: { after: null, next: null }, entries }
      return sign(revocationFeedType, page)
    },
    placeOf: (cursor) => {
      const place = Number(cursor.slice(epoch.length + 1))
      return place <= entries.length && cursor === cursorOf(place) ? place : null
    },
    follow: (place, heartbeatSeconds, take) => {
      let number = place
      const tell = (): void => {
        const text = eventFrom(number)
        number = entries.length
        take(text)
      }
      const timer = setInterval(tell, heartbeatSeconds * 1000)
      timer.unref()
      const end = (): void => {
        clearInterval(timer)
        followers.delete(follower)
      }
      const follower = { tell, end }
      followers.add(follower)
      tell()
      return end
    },
    close: () => {
      for (const follower of followers) follower.end()
    },
  }
}
