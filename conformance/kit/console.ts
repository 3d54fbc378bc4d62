/** A browser at the console: its cookie, its CSRF token, and what browsers say of themselves. */
import { type Answer, type Call, send } from './http.ts'
import type { MintmarkDomain } from './mintmark-domain.ts'

export type Headers = NonNullable<Call['headers']>

/** What a page of the console itself sends. */
export const sameOrigin: Headers = { 'sec-fetch-site': 'same-origin' }
export const jsonType: Headers = { 'content-type': 'application/json' }

/** A door of a domain, as a browser knows it. */
export interface Door {
  readonly url: string
  readonly authority?: string
}

export const plainDoor = ({ url }: MintmarkDomain): Door => ({ url })
export const tlsDoor = ({ secureUrl, authority }: MintmarkDomain): Door => ({
  url: secureUrl,
  authority,
})

/** Somebody who is signed in. */
export interface Visitor {
  readonly door: Door
  /** Name and value. */
  readonly cookie: string
  /** As it was set, attributes included. */
  readonly setCookie: string
  readonly csrfToken: string
  readonly body: Readonly<Record<string, unknown>>
}

/** Asks for a new pairing code with a bearer token. */
export const askPairing = (domain: MintmarkDomain, token = domain.admin.token): Promise<Answer> =>
  send({
    url: `${domain.url}/console/pairing`,
    headers: { authorization: `Bearer ${token}` },
  })

export const newCode = async (domain: MintmarkDomain): Promise<string> => {
  const answer = await askPairing(domain)
  const code = answer.json?.['pairingCode']
  if (typeof code !== 'string') throw new Error(`no code: ${answer.status} ${answer.text}`)
  return code
}

/** Tries to sign in. */
export const trySignIn = (
  door: Door,
  wish: Readonly<Record<string, unknown>>,
  headers: Headers = sameOrigin,
): Promise<Answer> =>
  send({
    url: `${door.url}/console/session`,
    headers: { ...jsonType, ...headers },
    body: JSON.stringify(wish),
    authority: door.authority,
  })

/** Signs in. @throws when the answer is no success */
export const visit = async (
  door: Door,
  wish: Readonly<Record<string, unknown>>,
): Promise<Visitor> => {
  const answer = await trySignIn(door, wish)
  const [setCookie = ''] = answer.headers['set-cookie'] ?? []
  const { csrfToken } = answer.json ?? {}
  if (answer.status !== 200 || typeof csrfToken !== 'string') {
    throw new Error(`not signed in: ${answer.status} ${answer.text}`)
  }
  const cookie = setCookie.split(';', 1)[0] ?? ''
  return { door, cookie, setCookie, csrfToken, body: answer.json ?? {} }
}

/** What a page of the console asks, with everything that it sends. */
export const ask = (
  { door, cookie, csrfToken }: Visitor,
  method: string,
  path: string,
  more: { readonly headers?: Headers; readonly body?: unknown } = {},
): Promise<Answer> =>
  send({
    url: door.url + path,
    method,
    headers: more.headers ?? {
      cookie,
      ...sameOrigin,
      ...(method === 'GET' ? {} : { 'x-csrf-token': csrfToken, ...jsonType }),
    },
    ...(more.body === undefined ? {} : { body: JSON.stringify(more.body) }),
    authority: door.authority,
  })
