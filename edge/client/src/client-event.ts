import type { FailureReason } from './client-error.ts'

/** What happened, for metrics and logs. Nothing in it is secret. */
export type ClientEvent =
  | {
      readonly type: 'token_received'
      readonly issuer: string
      readonly audience: string | null
      readonly durationMs: number
      readonly lifetimeSeconds: number
      /** Requests it took. */
      readonly attempts: number
    }
  | {
      readonly type: 'token_failed'
      readonly reason: FailureReason
      readonly retryable: boolean
      readonly ecid: string | null
    }
  | { readonly type: 'token_retried'; readonly reason: FailureReason; readonly delayMs: number }
  /** A cached token was served; `renewing` while a newer one is fetched behind it. */
  | { readonly type: 'token_served'; readonly renewing: boolean }
  /** The server refused the credentials, their files had changed, and the new ones are tried. */
  | { readonly type: 'credentials_reread' }
  /** This machine's clock differs so far that assertions are dated by the server's. */
  | { readonly type: 'clock_corrected'; readonly offsetMs: number }
  /** An API refused a token, and the request is sent once more with another one. */
  | { readonly type: 'request_repeated'; readonly origin: string }
  /** A redirect led to an origin that gets no token. */
  | { readonly type: 'token_withheld'; readonly origin: string }

export type EventHook = (event: ClientEvent) => void

/** A hook that cannot hurt: what it throws is its own affair. */
export const harmless =
  (hook: EventHook | undefined): EventHook =>
  (event) => {
    try {
      hook?.(event)
    } catch {
      // Metrics must not decide whether a token arrives.
    }
  }
