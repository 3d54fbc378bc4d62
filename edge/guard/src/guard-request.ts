/** What a guard looks at in a request, whatever framework received it. */
export interface GuardRequest {
  readonly method: string
  /** Path and query, or a whole URL. Tokens in it are never read. */
  readonly url: string
  /** Every field of this name as it was sent, not joined; lower case. */
  fields(name: string): readonly string[]
  /** The framework's own request. */
  readonly raw: unknown
}
