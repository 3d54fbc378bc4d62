/**
 * The revocation feed as it is written on the wire: what a server signs and a guard reads. No
 * standard has one that is pushed and resumable; its messages are JWTs (RFC 7519) of a type of
 * their own (RFC 8725 §3.11), its stream is server-sent events.
 */

/** `typ` of every message, so that none passes for an access token, and no token for one. */
export const revocationFeedType = 'revocation-feed+jwt'
/** `aud` of every message: whoever follows the feed. */
export const revocationFeedAudience = 'urn:mintmark:revocation-feed'
/** Name of the events that carry a message. */
export const revocationFeedEvent = 'revocations'
/** Member of the server's metadata (RFC 8414 §2) that says where the feed is. */
export const revocationFeedMetadata = 'mintmark_revocation_feed_endpoint'

/** One thing that ends tokens before their time. */
export interface FeedEntry {
  readonly kind: 'token' | 'client' | 'key' | 'credential' | 'audience' | 'grant'
  /** For `token`. */
  readonly jti?: string
  /** For `client`, `credential` and `grant`: tokens of this client, or some of them. */
  readonly client_id?: string
  /** For `credential`: what `credentialOfTokenId` says of the tokens that it obtained. */
  readonly credential?: string
  /** For `audience` and `grant`: tokens that have it in `aud`. */
  readonly audience?: string
  /** For `key`: whatever is signed by the key of this name is dead, whenever it says it was. */
  readonly kid?: string
  /**
   * Milliseconds since the epoch: for all but `token` and `key`, tokens issued at or before this
   * instant are dead.
   */
  readonly issued_before_ms: number
  /** After this instant no token it speaks of can be alive. */
  readonly expires_at_ms: number
}

/** An entry in its place: numbers count from 1 without gaps, in the order of commits. */
export interface NumberedFeedEntry extends FeedEntry {
  readonly number: number
  /** The number before, 0 for the first. */
  readonly previous: number
}

/** Claims of a message; one without entries says that there is nothing new. */
export interface FeedMessage {
  readonly iss: string
  readonly aud: typeof revocationFeedAudience
  /** Seconds since the epoch with a fraction. */
  readonly iat: number
  /** Of this count of numbers; another one is another feed. */
  readonly epoch: string
  /** Where the message begins and ends; opaque but for equality. */
  readonly after: string
  readonly cursor: string
  /** Number of the last entry up to `cursor`. */
  readonly number: number
  /** More is known already than fitted. */
  readonly more: boolean
  readonly entries: readonly NumberedFeedEntry[]
}

/** Claims of one page of everything that is revoked and could still be alive. */
export interface FeedSnapshot {
  readonly iss: string
  readonly aud: typeof revocationFeedAudience
  readonly iat: number
  readonly epoch: string
  /** The feed goes on from here; the page is at least as new. */
  readonly cursor: string
  readonly number: number
  readonly snapshot: {
    /** What was asked for, and what to ask for next; null: the first page, the last page. */
    readonly after: string | null
    readonly next: string | null
  }
  readonly entries: readonly FeedEntry[]
}

/**
 * The milliseconds of its second in which a token was issued, which the first ten bits of a token's
 * id say; 0 for ids of another form.
 */
export const millisecondsOfTokenId = (jti: string): number => {
  const value = Number.parseInt(jti.slice(0, 4), 16) >> 6
  return value >= 0 && value < 1000 ? value : 0
}

/**
 * The mark of the credential that obtained a token: bits 16 to 47 of its id. It tells the tokens of
 * one client apart, and nothing else; ids of another form have one that no feed names.
 */
export const credentialOfTokenId = (jti: string): string => jti.slice(4, 12)
