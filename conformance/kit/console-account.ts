/** An administrator who signs in by a password and a second factor. */
import { createHmac } from 'node:crypto'
import { ask, type Door, sameOrigin, type Visitor } from './console.ts'
import { type Answer, send } from './http.ts'

const digitsOfBase32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

const readBase32 = (text: string): Buffer => {
  const bits = [...text].map((each) => digitsOfBase32.indexOf(each).toString(2).padStart(5, '0'))
  const bytes = bits.join('').match(/.{8}/g) ?? []
  return Buffer.from(bytes.map((each) => Number.parseInt(each, 2)))
}

/** What an authenticator shows (RFC 6238), so many steps of 30 s from now. */
export const codeOf = (secret: string, steps = 0, nowMs = Date.now()): string => {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(nowMs / 30_000) + steps))
  const hmac = createHmac('sha1', readBase32(secret)).update(counter).digest()
  const number = hmac.readUInt32BE((hmac[19] ?? 0) & 15) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}

/** Codes that it does not show within minutes of now: of a million, it may show any. */
export const wrongCodes = (
  secret: string,
  count: number,
  nowMs = Date.now(),
): readonly string[] => {
  const shown = new Set(Array.from({ length: 21 }, (_, at) => codeOf(secret, at - 10, nowMs)))
  const all = Array.from({ length: count + shown.size }, (_, at) => String(at).padStart(6, '0'))
  return all.filter((code) => !shown.has(code)).slice(0, count)
}

/** The visitor with the cookie and the CSRF token of an answer that renewed the session. */
export const renewed = (visitor: Visitor, answer: Answer): Visitor => {
  const [setCookie = ''] = answer.headers['set-cookie'] ?? []
  const { csrfToken } = answer.json ?? {}
  if (answer.status !== 200 || typeof csrfToken !== 'string' || setCookie === '') {
    throw new Error(`not renewed: ${answer.status} ${answer.text}`)
  }
  const cookie = setCookie.split(';', 1)[0] ?? ''
  return { ...visitor, cookie, setCookie, csrfToken, body: answer.json ?? {} }
}

const account = '/console/session/account'

export const setPassword = async (visitor: Visitor, password: string): Promise<Visitor> =>
  renewed(visitor, await ask(visitor, 'PUT', `${account}/password`, { body: { password } }))

/** Adds an authenticator, confirmed by the code of the step of `confirmedAtMs`. */
export const addAuthenticator = async (visitor: Visitor) => {
  const offered = await ask(visitor, 'POST', `${account}/authenticator`, { body: {} })
  const { secret, offer, address } = (offered.json ?? {}) as Record<string, string>
  const confirmedAtMs = Date.now()
  const body = { offer, code: codeOf(secret ?? '', 0, confirmedAtMs) }
  const added = await ask(visitor, 'PUT', `${account}/authenticator`, { body })
  const recoveryCodes = (added.json?.['recoveryCodes'] ?? []) as readonly string[]
  return {
    visitor: renewed(visitor, added),
    secret: secret ?? '',
    confirmedAtMs,
    address: address ?? '',
    offer,
    recoveryCodes,
  }
}

/** Shows a password; the answer asks for more. */
export const showPassword = (
  door: Door,
  userName: string,
  password: string,
  headers = sameOrigin,
): Promise<Answer> =>
  send({
    url: `${door.url}/console/session`,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ userName, password }),
    authority: door.authority,
  })
