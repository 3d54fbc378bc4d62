import type { Statements } from './database.ts'

/** What introspection asks about one token. */
export interface RevocationQuestion {
  readonly jti: string
  /** `id` of the application the token was issued to. */
  readonly applicationId: string
  /** The token's `iat` in milliseconds. */
  readonly issuedAtMs: number
}

const question = `
SELECT 1 AS revoked FROM revocation WHERE domain_id = $1 AND kind = 'token' AND subject = $2
UNION ALL
SELECT 1 AS revoked FROM revocation
WHERE domain_id = $1 AND kind = 'client' AND subject = $3 AND issued_before_ms >= $4
LIMIT 1`

/**
 * Whether a token was ended before its time, by itself or with all tokens of its client: one
 * statement, two looks at the primary key.
 */
export const isRevoked = async (
  statements: Statements,
  domainId: string,
  { jti, applicationId, issuedAtMs }: RevocationQuestion,
): Promise<boolean> =>
  (await statements.all(question, [domainId, jti, applicationId, issuedAtMs])).length > 0
