/**
 * The answer to a request that its sender may repeat without having it done twice
 * (`opc-retry-token`, 24 hours).
 */
export interface RetriedRequest {
  readonly domain: string
  /** SHA-256 of who asked and of the token, base64url. */
  readonly key: string
  /**
   * SHA-256 of method, path and body: the same token cannot mean something else. Sealed, because
   * from a digest alone a secret in the body could be guessed.
   */
  readonly fingerprint: string
  /** The answer, sealed under the master key: it may hold a secret that is shown once. */
  readonly sealedAnswer: string
  readonly expiresAtMs: number
}
