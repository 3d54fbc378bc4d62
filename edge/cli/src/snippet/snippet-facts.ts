/** What `--lang` takes. */
export const snippetLanguages = ['node', 'python', 'java', 'curl', 'http', 'postman'] as const

/** What a program must know to call an API as an application; no secret among it. */
export interface SnippetFacts {
  readonly name: string
  readonly clientId: string
  readonly issuer: string
  /** Where the metadata is, when that is not the issuer. */
  readonly domainUrl: string | null
  readonly tokenEndpoint: string
  readonly apiName: string
  readonly audience: string
  /** In full, audience and scope in one; empty: what its roles confer. */
  readonly scopes: readonly string[]
  readonly proof: 'secret' | 'certificate' | 'key'
}

/** What is asked for: scopes in full say which API is meant, else it is named (RFC 8707 §2). */
export const askedFor = ({ scopes, audience }: SnippetFacts): readonly [string, string] =>
  scopes.length > 0 ? ['scope', scopes.join(' ')] : ['resource', audience]

/** A text between double quotes as JSON, JavaScript, Python and Java read it alike. */
export const literal = (text: string): string => JSON.stringify(text)

/** A word of a shell. */
export const shellWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
