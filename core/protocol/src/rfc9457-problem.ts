/** Every no of `/api/v1`, and the only map from it to a status (RFC 9457). */
const shapes = {
  TOKEN_MISSING: [401, 'An access token is needed'],
  TOKEN_REFUSED: [401, 'This access token is not accepted'],
  ACCESS_DENIED: [403, 'Access denied'],
  PATH_UNKNOWN: [404, 'There is nothing at this path'],
  DECISION_UNKNOWN: [404, 'No decision with this id is on record'],
  CLIENT_UNKNOWN: [404, 'No application has this name'],
  SIGNING_KEY_UNKNOWN: [404, 'No signing key has this name'],
  SIGNING_KEYS_FULL: [409, 'The key set has no room for another key'],
  METHOD_NOT_ALLOWED: [405, 'This path does not take this method'],
  BODY_NOT_AN_OBJECT: [400, 'The body is not one JSON object'],
  BODY_CHARSET_UNSUPPORTED: [400, 'The body is in another charset than UTF-8'],
  BODY_CODING_UNSUPPORTED: [415, 'The body is compressed or coded'], // RFC 9110 §12.5.3
  MEMBER_UNKNOWN: [400, 'The body has a member that is not read'],
  MEMBER_INVALID: [400, 'A member of the body cannot be read'],
  QUERY_UNKNOWN: [400, 'The query has a parameter that is not read'],
  QUERY_INVALID: [400, 'A parameter of the query cannot be read'],
  BODY_TOO_LARGE: [413, 'The body is larger than this path reads'],
  CURSOR_GONE: [410, 'The feed cannot be resumed from here'],
  FEED_FULL: [503, 'Too many connections follow the feed'],
  SESSION_MISSING: [401, 'Nobody is signed in'],
  SIGN_IN_REFUSED: [401, 'This signs nobody in'],
  SECOND_FACTOR_MISSING: [403, 'The password alone signs nobody in'],
  PROOF_REFUSED: [403, 'This proves nothing'],
  PROOF_TOO_OLD: [403, 'The session has to prove itself again'],
  SESSION_UNKNOWN: [404, 'No session has this id'],
  ACCOUNT_POWERLESS: [403, 'This account administers nothing'],
  SITE_FOREIGN: [403, 'The request comes from another site'],
  CSRF_TOKEN_WRONG: [403, 'The request does not show that the console sent it'],
  CONSOLE_NOT_BUILT: [404, 'The console is not installed'],
  TOO_MANY_ATTEMPTS: [429, 'Too many attempts'],
  BACKUP_UNDER_WAY: [409, 'A backup is under way'],
  NOT_RECORDED: [503, 'The record cannot be written'],
  RECORD_UNAVAILABLE: [503, 'The database cannot be asked'],
  INTERNAL: [500, 'The server failed'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>

export type ProblemReason = keyof typeof shapes

export const problemReasons = Object.keys(shapes) as readonly ProblemReason[]

/** One no, in words: what is wrong and what to do about it. Holds no secret. */
export interface ProblemWords {
  readonly detail: string
  readonly fix?: string
}

/** RFC 9457 §3.1, with members of our own: the reason, what to do, and the id of the answer. */
export interface Problem extends ProblemWords {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly reason: ProblemReason
  readonly ecid: string
}

export const problemMediaType = 'application/problem+json'

/** The body of a refused request; `type` names the reason and leads nowhere. */
export const problemOf = (reason: ProblemReason, words: ProblemWords, ecid: string): Problem => {
  const [status, title] = shapes[reason]
  const type = `urn:mintmark:problem:${reason.toLowerCase().replaceAll('_', '-')}`
  return { type, title, status, reason, ...words, ecid }
}
