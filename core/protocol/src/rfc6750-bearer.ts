/**
 * Bearer tokens at a resource server (RFC 6750): reading the one header that may carry a token, and
 * writing the challenge that answers a wrong one. Tokens in a query or a body are never looked for
 * (RFC 9700 §4.3.2).
 */
import { fail, ok, type Result } from './result.ts'

export type BearerFault = 'NO_TOKEN' | 'SEVERAL_AUTHORIZATION_FIELDS' | 'AUTHORIZATION_MALFORMED'

// RFC 9110 §11.1: the scheme has no case; §11.4: spaces follow. RFC 6750 §2.1: b64token.
const bearerScheme = /^bearer(?: |$)/i
const bearerToken = /^bearer +([\w\-.~+/]+=*)$/i

/**
 * Reads the bearer token of a request.
 * @param values every `Authorization` field of the request, as sent
 * @returns NO_TOKEN also for another scheme: those credentials are not for us
 */
export const readBearerToken = (values: readonly string[]): Result<string, BearerFault> => {
  if (values.length > 1) return fail('SEVERAL_AUTHORIZATION_FIELDS') // RFC 9110 §5.3
  const value = values[0]?.trim()
  if (value === undefined) return fail('NO_TOKEN')
  // Two fields that something on the way has joined to one: a comma is in no token.
  if (/, *bearer /i.test(value)) return fail('SEVERAL_AUTHORIZATION_FIELDS')
  if (!bearerScheme.test(value)) return fail('NO_TOKEN')
  const token = bearerToken.exec(value)?.[1]
  return token === undefined ? fail('AUTHORIZATION_MALFORMED') : ok(token)
}

export type BearerError = 'invalid_request' | 'invalid_token' | 'insufficient_scope'

export interface BearerChallenge {
  readonly realm: string
  /** Absent where nothing was presented (§3.1). */
  readonly error?: BearerError
  readonly description?: string
  /** Scopes that would be enough. */
  readonly scope?: string
  /** Where RFC 9728 metadata lies (RFC 9728 §5.1). */
  readonly resourceMetadata?: string
}

const descriptionCharsMax = 300

/** §3: %x20-21 / %x23-5B / %x5D-7E, whatever a token tried to bring in. */
const inChallenge = (text: string): string =>
  text
    .slice(0, descriptionCharsMax)
    .replaceAll('"', "'")
    .replaceAll(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '?')

/** The value of `WWW-Authenticate` (RFC 6750 §3): each parameter at most once, all quoted. */
export const bearerChallenge = (challenge: BearerChallenge): string => {
  const { realm, error, description, scope, resourceMetadata } = challenge
  const parameters: readonly (readonly [string, string | undefined])[] = [
    ['realm', realm],
    ['error', error],
    ['error_description', description],
    ['scope', scope],
    ['resource_metadata', resourceMetadata],
  ]
  const written = parameters.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${inChallenge(value)}"`],
  )
  return `Bearer ${written.join(', ')}`
}
