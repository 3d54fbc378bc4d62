/** The other end of the connection, which is a proxy where one stands before the API. */
export interface Connection {
  /** IP address. */
  readonly address: string
  /** DER of the certificate that it showed in the TLS handshake; null: none, or no TLS. */
  readonly certificate: Uint8Array | null
}

/** What a guard looks at in a request, whatever framework received it. */
export interface GuardRequest {
  readonly method: string
  /** Path and query, or a whole URL. Tokens in it are never read. */
  readonly url: string
  /** Every field of this name as it was sent, not joined; lower case. */
  fields(name: string): readonly string[]
  /** What the request came over; absent where a framework does not tell. */
  readonly connection?: () => Connection | null
  /** The framework's own request. */
  readonly raw: unknown
}
