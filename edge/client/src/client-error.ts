/** Why the client could not do what it was asked; stable, so that programs may switch on it. */
export type FailureReason =
  /** Something is missing from the options or contradicts itself. */
  | 'not_configured'
  /** A file with a secret, key or certificate cannot be read. */
  | 'credential_unreadable'
  /** No connection, or it broke. */
  | 'unreachable'
  /** The TLS handshake failed: one of the two does not believe the other's certificate. */
  | 'tls_refused'
  | 'timed_out'
  /** 429: ask again after `retryAfterSeconds`. */
  | 'rate_limited'
  /** 5xx. */
  | 'server_unavailable'
  /** The server does not know this client by these credentials. */
  | 'client_refused'
  /** The client is known, and what it asks for is refused: see `error`. */
  | 'request_refused'
  /** What answered does not speak OAuth, or is not the issuer it should be. */
  | 'answer_unreadable'
  /** A redirect or a second try needs the body again, and it was a stream. */
  | 'body_not_replayable'
  | 'too_many_redirects'
  /** `close` was called. */
  | 'closed'

/** What is known beside the reason. */
export interface FailureDetails {
  readonly retryable?: boolean
  readonly retryAfterSeconds?: number | null
  readonly status?: number | null
  readonly error?: string | null
  readonly errorDescription?: string | null
  readonly ecid?: string | null
  readonly cause?: unknown
}

/**
 * Every failure of this package. No message, member or cause holds a secret, a key, an assertion or
 * a token.
 */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly reason: FailureReason
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean
  /** How long to wait before that, if it is known. */
  readonly retryAfterSeconds: number | null
  /** HTTP status of the answer that was refused; null: there was none. */
  readonly status: number | null
  /** The server's `error` (RFC 6749 §5.2). */
  readonly error: string | null
  readonly errorDescription: string | null
  /** Id under which the server's operator finds the true reason. */
  readonly ecid: string | null

  constructor(reason: FailureReason, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause })
    this.reason = reason
    this.retryable = details.retryable ?? false
    this.retryAfterSeconds = details.retryAfterSeconds ?? null
    this.status = details.status ?? null
    this.error = details.error ?? null
    this.errorDescription = details.errorDescription ?? null
    this.ecid = details.ecid ?? null
  }
}

/** The same failure for another caller: an error object belongs to whoever catches it. */
export const repeatFailure = (failure: ClientError, retryAfterSeconds: number): ClientError => {
  const { reason, message, retryable, status, error, errorDescription, ecid, cause } = failure
  const after = retryable ? retryAfterSeconds : failure.retryAfterSeconds
  const details = { retryable, retryAfterSeconds: after, status, error, errorDescription, ecid }
  return new ClientError(reason, message, { ...details, cause })
}
