/**
 * Asking the issuer about a token (RFC 7662), as Siebel does: with the resource server's own
 * credentials, remembering an answer for a stated time at most, and failing closed.
 */
import { fail, ok, type Result } from '@mintmark/protocol/result'
import { readNumericDate } from '@mintmark/protocol/rfc7519-json-web-token'
import type { JsonObject, JsonValue } from '@mintmark/protocol/rfc8259-strict-json'
import { createBoundedMemory } from './bounded-memory.ts'
import {
  judgeToken,
  type ReadToken,
  readAudience,
  readRoles,
  readScopes,
  type TokenRules,
} from './check-token.ts'
import { type FetchFault, type FetchOptions, fetchDocument } from './fetch-document.ts'
import { type GuardRefusal, refuse } from './guard-refusal.ts'
import { tokenDigest } from './token-digest.ts'
import type { ValidateToken } from './validate-offline.ts'
import type { ValidatedToken } from './validated-token.ts'

export interface IntrospectionOptions {
  /** The resource server's own client id and secret; a function is asked again for each request. */
  readonly clientId: string
  readonly clientSecret: string | (() => string | Promise<string>)
  /** Found by discovery unless stated. */
  readonly endpoint?: string
  /**
   * How long an answer is believed, in seconds: 10 unless stated, 0 asks each time. A revoked token
   * is accepted for so long at most.
   */
  readonly maxAgeSeconds?: number
  /** Answers remembered: 10000 unless stated. */
  readonly answersMax?: number
  /** Member that names the subject: `sub` unless stated; a custom subject field. */
  readonly subjectField?: string
  /** What a caller gets while the issuer cannot be asked: 503 unless stated; Siebel says 401. */
  readonly statusWhenUnreachable?: 401 | 503
}

export interface IntrospectionParts {
  readonly options: IntrospectionOptions
  readonly rules: TokenRules
  readonly fetching: FetchOptions
  /** Where to ask; the operator's message when that cannot be found out. */
  endpoint(): Promise<Result<string, string>>
  readonly tokenCharsMax: number
  readonly nowMs: () => number
  /** Milliseconds since any moment, never set back: a changed clock must not lengthen an age. */
  readonly steadyMs: () => number
  readonly report: (message: string) => void
}

type Verdict = Result<ReadToken, GuardRefusal>

interface Remembered {
  readonly verdict: Verdict
  readonly askedAtMs: number
}

const maxAgeSecondsDefault = 10
const answersMaxDefault = 10_000
/** Questions under way; more at one time mean that the issuer hangs, or that somebody guesses. */
const flightsMax = 1000

/** RFC 6749 §2.3.1: both parts form-encoded before they are joined. */
export const basicOf = (clientId: string, secret: string): string => {
  const encode = (part: string) => new URLSearchParams([['', part]]).toString().slice(1)
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(secret)}`).toString('base64')}`
}

const inactive = () => refuse('TOKEN_INACTIVE', 'The issuer says that this token is not active.')
const odd = (what: string) =>
  refuse('TOKEN_INACTIVE', `The issuer's answer is not usable: ${what}.`)

const isText = (value: JsonValue | undefined): value is string =>
  typeof value === 'string' && value !== ''

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `JWT` is what an Oracle domain says where RFC 7662 §2.2 has the type of RFC 6749 §7.1. */
const tokenTypes = new Set(['bearer', 'jwt', 'dpop'])

const isAccessToken = (answer: JsonObject): boolean => {
  const { token_type: type, tok_type: kind } = answer
  const isType = type === undefined || (isText(type) && tokenTypes.has(type.toLowerCase()))
  return isType && (kind === undefined || kind === 'AT')
}

/**
 * What an answer tells of a token. Members that RFC 7662 leaves optional may be missing, those that
 * are there must be right. Without `aud` only the profile allows it: an Oracle domain's documented
 * answer has none, and answers for this very caller; elsewhere nothing says for whom the token is.
 */
export const readIntrospection = (
  answer: JsonObject,
  rules: TokenRules,
  subjectField: string,
): Verdict => {
  if (typeof answer['active'] !== 'boolean') return odd('active is no boolean')
  if (!answer['active']) return inactive()
  const { client_id: clientId, iss, aud, cnf } = answer
  const subject = answer[subjectField]
  const dates = ['exp', 'iat', 'nbf'].map((name) => readNumericDate(answer[name]))
  const [exp = null, iat = null, nbf = null] = dates
  if (exp === 'malformed' || iat === 'malformed' || nbf === 'malformed') return odd('a date')
  if (!isAccessToken(answer)) return odd('it is about another kind of token')
  if (!isText(clientId)) return odd('client_id is missing')
  if (!isText(subject)) return odd(`${subjectField} is missing`)
  if (iss !== undefined && !isText(iss)) return odd('iss')
  const isAudienceImplied = aud === undefined && !rules.profile.needsIntrospectedAudience
  const audience = isAudienceImplied ? rules.audience : readAudience(aud)
  const scopes = readScopes(answer['scope'])
  if (audience === null || scopes === null) return odd('aud or scope')
  if (cnf !== undefined && !isObject(cnf)) return odd('cnf')
  if (answer['sub_type'] !== undefined && answer['sub_type'] !== 'client') {
    return refuse('SUBJECT_NOT_A_CLIENT', 'This API serves clients that act in their own name.')
  }
  // A token that must be shown with a key is not good without one.
  const isBound = cnf === undefined && String(answer['token_type']).toLowerCase() === 'dpop'
  const token: ValidatedToken = {
    clientId,
    subject,
    issuer: iss ?? rules.issuer,
    audience,
    scopes,
    roles: readRoles(answer[rules.rolesClaim]),
    expiresAtSeconds: exp ?? Number.MAX_SAFE_INTEGER,
    claims: answer as ValidatedToken['claims'],
  }
  const confirmation = isBound ? {} : (cnf ?? null)
  return ok({ token, issuedAtSeconds: iat, notBeforeSeconds: nbf, confirmation })
}

/** The secret as it is now: whoever rotates it may read it from a file or a vault. */
const readSecret = async ({
  clientSecret,
}: IntrospectionOptions): Promise<Result<string, FetchFault>> => {
  try {
    return ok(typeof clientSecret === 'string' ? clientSecret : await clientSecret())
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return fail({ message: `the secret of this API cannot be read: ${why}` })
  }
}

/** Asks, once for all who want to know the same at one time. */
export const createIntrospection = (parts: IntrospectionParts): ValidateToken => {
  const { options, rules, nowMs, steadyMs } = parts
  const maxAgeMs = (options.maxAgeSeconds ?? maxAgeSecondsDefault) * 1000
  const answersMax = maxAgeMs === 0 ? 0 : (options.answersMax ?? answersMaxDefault)
  const answers = createBoundedMemory<Remembered>(answersMax)
  const flights = new Map<string, Promise<Verdict>>()

  const unreachable = (message: string): Verdict => {
    parts.report(`Introspection failed: ${message}`)
    const detail = 'The issuer cannot be asked about this token just now.'
    return options.statusWhenUnreachable === 401
      ? refuse('TOKEN_INACTIVE', detail)
      : refuse('INTROSPECTION_UNREACHABLE', detail)
  }

  const request = async (token: string): Promise<Result<JsonObject, FetchFault>> => {
    const endpoint = await parts.endpoint()
    if (!endpoint.ok) return fail({ message: endpoint.failure })
    const { clientId } = options
    const secret = await readSecret(options)
    if (!secret.ok) return secret
    const answer = await fetchDocument(endpoint.value, parts.fetching, {
      method: 'POST',
      headers: {
        authorization: basicOf(clientId, secret.value),
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
    })
    return answer.ok ? ok(answer.value.json) : answer
  }

  const ask = async (token: string, digest: string): Promise<Verdict> => {
    const askedAtMs = steadyMs()
    const answer = await request(token)
    if (!answer.ok) {
      const { status, message } = answer.failure
      const why = status === 401 ? `${message}: client id or secret of this API is wrong` : message
      return unreachable(why)
    }
    const verdict = readIntrospection(answer.value, rules, options.subjectField ?? 'sub')
    answers.set(digest, { verdict, askedAtMs })
    return verdict
  }

  const join = (token: string, digest: string): Promise<Verdict> => {
    const under = flights.get(digest)
    if (under !== undefined) return under
    if (flights.size >= flightsMax) {
      return Promise.resolve(unreachable(`${flightsMax} questions are under way already`))
    }
    const flight = ask(token, digest).finally(() => flights.delete(digest))
    flights.set(digest, flight)
    return flight
  }

  return async (text) => {
    if (text.length > parts.tokenCharsMax) {
      return refuse('TOKEN_TOO_LONG', `Tokens have at most ${parts.tokenCharsMax} characters here.`)
    }
    const digest = tokenDigest(text)
    const known = answers.get(digest)
    const isFresh = known !== undefined && steadyMs() - known.askedAtMs < maxAgeMs
    const verdict = isFresh ? known.verdict : await join(text, digest)
    return verdict.ok ? judgeToken(verdict.value, rules, nowMs() / 1000) : verdict
  }
}
