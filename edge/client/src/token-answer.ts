import { ClientError, type FailureReason } from './client-error.ts'
import { jsonObject } from './find-issuer.ts'
import type { Answer } from './http-exchange.ts'
import { readRetryAfter } from './retry-after.ts'

/** A token as it came, not yet dated. */
export interface GivenToken {
  readonly value: string
  readonly type: 'Bearer' | 'DPoP'
  readonly scope: string | null
  readonly lifetimeSeconds: number
}

/** RFC 6749 §5.1 lets a server keep the lifetime to itself; then the token is not kept for long. */
const unsaidLifetimeSeconds = 60
const lifetimeSecondsMax = 31_536_000
const charsMax = 500

/** Servers may quote what they were sent, and terminals may obey what they are shown. */
const harmlessText = (value: unknown, secrets: readonly string[]): string | null => {
  if (typeof value !== 'string' || value === '') return null
  const hidden = secrets
    .filter(Boolean)
    .reduce((text, secret) => text.replaceAll(secret, '…'), value)
  return hidden.replace(/\p{Cc}+/gu, ' ').slice(0, charsMax)
}

const reasonOf = (status: number, error: string | null): FailureReason => {
  if (status === 429) return 'rate_limited'
  if (status >= 500) return 'server_unavailable'
  if (error === 'invalid_client') return 'client_refused'
  // Servers that do not say invalid_client still answer 401 when they do not know who asks.
  if (status === 401) return 'client_refused'
  return error === null || status < 400 ? 'answer_unreadable' : 'request_refused'
}

const messageOf = (
  url: string,
  status: number,
  said: string | null,
  ecid: string | null,
): string => {
  const { host, pathname } = new URL(url)
  const why = said === null ? '' : `: ${said}`
  const id = ecid === null ? '' : ` (ecid ${ecid})`
  return `${host}${pathname} answered ${status}${why}${id}`
}

/**
 * What an answer that gives no token means (RFC 6749 §5.2).
 * @param secrets texts that must not appear, should the server quote them
 */
export const readRefusal = (
  url: string,
  answer: Answer,
  secrets: readonly string[],
  nowMs: number,
): ClientError => {
  const { status, headers } = answer
  const body = jsonObject(answer.text) ?? {}
  const field = headers['x-request-id']
  const error = harmlessText(body['error'], secrets)
  const errorDescription = harmlessText(body['error_description'], secrets)
  const ecid = harmlessText(body['ecid'] ?? field, secrets)
  const reason = reasonOf(status, error)
  const retryable = reason === 'rate_limited' || reason === 'server_unavailable'
  const retryAfterSeconds = retryable ? readRetryAfter(headers['retry-after'], nowMs) : null
  const said = [error, errorDescription].filter((each) => each !== null).join(', ')
  const message = messageOf(url, status, said === '' ? null : said, ecid)
  const details = { retryable, retryAfterSeconds, status, error, errorDescription, ecid }
  return new ClientError(reason, message, details)
}

const lifetimeOf = (value: unknown): number => {
  // Some servers write the number as text.
  const seconds = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return unsaidLifetimeSeconds
  return Math.min(Math.max(seconds, 0), lifetimeSecondsMax)
}

/**
 * Reads the answer to a token request.
 * @param type the only one that is taken: a client that has sent a proof wants no bearer token
 * (RFC 9449 §5)
 * @returns the token (RFC 6749 §5.1), or the failure to throw
 */
export const readTokenAnswer = (
  url: string,
  answer: Answer,
  secrets: readonly string[],
  nowMs: number,
  type: GivenToken['type'] = 'Bearer',
): GivenToken | ClientError => {
  if (answer.status !== 200) return readRefusal(url, answer, secrets, nowMs)
  const body = jsonObject(answer.text) ?? {}
  const value = body['access_token']
  const said = body['token_type']
  const fault = (what: string): ClientError =>
    new ClientError('answer_unreadable', `${new URL(url).host} answered 200 ${what}.`, {
      status: 200,
    })
  // RFC 6750 §2.1: what else would stand in the header would not be the token any more.
  if (typeof value !== 'string' || !/^[A-Za-z0-9\-._~+/]+=*$/.test(value)) {
    return fault('without a readable access_token')
  }
  if (typeof said !== 'string' || said.toLowerCase() !== type.toLowerCase()) {
    return fault(
      type === 'DPoP'
        ? 'with a token that is not bound to the key of the proof: it does not speak DPoP'
        : 'with a token_type other than Bearer, which this client cannot use',
    )
  }
  const scope = typeof body['scope'] === 'string' ? body['scope'] : null
  return { value, type, scope, lifetimeSeconds: lifetimeOf(body['expires_in']) }
}
