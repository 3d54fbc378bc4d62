/** The shapes that answers must have. Failures say what was asked for and what came. */
import { AssertionError, deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import type { Answer } from './http.ts'

/** What came, in one short line. */
export const brief = (answer: Answer): string => {
  const { status, json, text } = answer
  if (json === null) return `${status} ${JSON.stringify(text.slice(0, 60))}`
  if (typeof json['error'] === 'string') return `${status} ${json['error']}`
  return `${status} ${Object.keys(json).join(',')}`
}

const expectStatus = (answer: Answer, wanted: string, isFine: boolean): void => {
  if (isFine) return
  throw new AssertionError({
    message: `expected ${wanted}, got ${brief(answer)}`,
    actual: brief(answer),
    expected: wanted,
    operator: 'answer',
    stackStartFn: expectStatus,
  })
}

/**
 * A peer that breaks one rule everywhere is told so once, by the row of that rule; otherwise it
 * would hide every other difference.
 */
const isPeer = process.env['MINTMARK_CONFORMANCE_PEER'] !== undefined

const isJson = (answer: Answer): boolean =>
  /^application\/json(?:\s*;|$)/.test(answer.headers['content-type'] ?? '')

/** RFC 6749 §5.1: an answer with tokens or about them is kept by nobody. */
export const assertNotStored = (answer: Answer): void => {
  match(answer.headers['cache-control'] ?? 'no Cache-Control', /\bno-store\b/)
  equal(answer.headers.pragma ?? 'no Pragma', 'no-cache')
}

/** A token was issued, in the exact shape of RFC 6749 §5.1; returns the token. */
export const assertOk = (answer: Answer): string => {
  expectStatus(answer, '200 access_token', answer.status === 200)
  ok(isJson(answer), `content type ${answer.headers['content-type']}`)
  const { json } = answer
  ok(json !== null, 'the body is no JSON object')
  if (!isPeer) assertNotStored(answer)
  match(String(json['access_token']), /^[A-Za-z0-9\-._~+/]+=*$/) // RFC 6750 §2.1
  equal(typeof json['token_type'], 'string')
  const seconds = json['expires_in']
  ok(Number.isInteger(seconds), `expires_in is ${JSON.stringify(seconds)}`)
  ok((seconds as number) > 0 && (seconds as number) <= 31_536_000)
  for (const name of ['refresh_token', 'id_token', 'error']) ok(!(name in json), `has ${name}`)
  equal(answer.headers['set-cookie'], undefined)
  equal(answer.headers.location, undefined)
  return json['access_token'] as string
}

/** RFC 6749 §5.2: the body of an error, whatever its status. */
export const assertErrorBody = (answer: Answer): void => {
  ok(isJson(answer), `content type ${answer.headers['content-type']} of ${brief(answer)}`)
  const { json } = answer
  ok(json !== null, 'the body is no JSON object')
  equal(typeof json['error'], 'string')
  const description = json['error_description']
  if (description !== undefined) match(description as string, /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/)
  const uri = json['error_uri']
  if (uri !== undefined) match(uri as string, /^[\x21\x23-\x5b\x5d-\x7e]*$/)
  ok(!('access_token' in json), 'an error came with a token')
  if (!isPeer) assertNotStored(answer)
}

/** 400 with exactly one of these codes. */
export const assertE400 = (answer: Answer, ...codes: readonly string[]): void => {
  const isFine = answer.status === 400 && codes.includes(String(answer.json?.['error']))
  expectStatus(answer, `400 ${codes.join(' or ')}`, isFine)
  assertErrorBody(answer)
}

/** 401 invalid_client with a challenge (RFC 6749 §5.2, RFC 9110 §15.5.2). */
export const assertE401 = (answer: Answer): void => {
  const isFine = answer.status === 401 && answer.json?.['error'] === 'invalid_client'
  expectStatus(answer, '401 invalid_client', isFine)
  match(answer.headers['www-authenticate'] ?? 'no WWW-Authenticate', /^Basic realm="[^"]*"/)
  assertErrorBody(answer)
}

/** RFC 9110 §15.5.6. */
export const assertE405 = (answer: Answer, ...methods: readonly string[]): void => {
  expectStatus(answer, '405', answer.status === 405)
  deepEqual((answer.headers.allow ?? '').split(/, */).toSorted(), methods.toSorted())
  ok(answer.json !== null, 'the body is no JSON object')
  doesNotMatch(answer.text, /access_token/)
}

/** RFC 7662 §2.2: inactive, and not a word more. */
export const assertInactive = (answer: Answer): void => {
  expectStatus(answer, '200 active', answer.status === 200)
  deepEqual(answer.json, { active: false })
  match(answer.headers['cache-control'] ?? 'no Cache-Control', /\bno-store\b/)
}

/** Several codes conform: any 4xx with a JSON error, and no token. */
export const assertRefused = (answer: Answer): void => {
  expectStatus(answer, '4xx', answer.status >= 400 && answer.status < 500)
  assertErrorBody(answer)
}

/** What two answers must share for a stranger to learn nothing: all but correlation and date. */
export const comparable = (answer: Answer): unknown => {
  const { ecid: _, ...body } = answer.json ?? {}
  const own = new Set(['date', 'x-request-id', 'opc-request-id', 'x-oracle-dms-ecid'])
  const headers = Object.entries(answer.headers).filter(([name]) => !own.has(name))
  return { status: answer.status, headers: Object.fromEntries(headers), body }
}
