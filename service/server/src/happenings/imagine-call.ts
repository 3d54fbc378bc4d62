import { tellToken } from '@mintmark/decisions/afterlife/tell-token'
import { revocationQuestion } from '@mintmark/decisions/afterlife/token-facts'
import { keySet } from '@mintmark/protocol/rfc7517-key-set'
import type { Catalog, ResourceServer } from '@mintmark/registry/snapshot'
import { publishedKeys } from '../endpoints/discovery.ts'
import type { Services } from '../services.ts'
import { tokenCharsMax } from '../signing/read-token.ts'
import { findScope, findServer, type Read, toldServer } from './access.ts'
import { type AnswerHappening, type HappeningAnswer, problem } from './happening.ts'
import { memberInvalid, readObject } from './read-object.ts'

const members = ['token', 'api', 'method', 'url', 'scopes', 'roles'] as const
const charsMax = 8192
const demandsMax = 20
/** Scopes and roles of the API that one answer lists. */
const declaredMax = 200
const methodPattern = /^[A-Z]{1,20}$/

interface Wish {
  readonly token: string
  readonly api: string
  readonly method: string
  readonly url: string
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
}

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= charsMax

const textsOf = (value: unknown): readonly string[] | null => {
  if (value === undefined) return []
  return Array.isArray(value) && value.length <= demandsMax && value.every(isText) ? value : null
}

const isWebAddress = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)

const readWish = (bytes: Uint8Array): Read<Wish> => {
  const read = readObject(bytes, members, '{"token": "...", "api": "Orders"}')
  if ('fault' in read) return read
  const { token, api, method = 'GET', url = 'https://api.invalid/', ...demands } = read.object
  const wrong = (name: string, fix: string) => ({ fault: memberInvalid(name, fix) })
  if (typeof token !== 'string' || token === '' || token.length > tokenCharsMax) {
    return wrong('token', 'Send the token itself, as one text.')
  }
  if (!isText(api)) return wrong('api', 'Send its audience, id or name.')
  if (typeof method !== 'string' || !methodPattern.test(method)) {
    return wrong('method', 'Send a method of HTTP, such as GET.')
  }
  if (!isText(url) || !isWebAddress(url)) return wrong('url', 'Send an http or https URL.')
  const [scopes, roles] = [textsOf(demands['scopes']), textsOf(demands['roles'])]
  const fix = `Send a list of ${demandsMax} names at most.`
  if (scopes === null) return wrong('scopes', fix)
  if (roles === null) return wrong('roles', fix)
  return { value: { token: token.trim(), api, method, url, scopes, roles } }
}

/** The same words, of a member of the body. */
const ofMember = (fault: HappeningAnswer): { fault: HappeningAnswer } =>
  fault.kind === 'problem' ? { fault: problem('MEMBER_INVALID', fault.words) } : { fault }

const findRole = (name: string, { application, roles }: ResourceServer): Read<string> => {
  const found = roles.find(({ id, displayName }) => id === name || displayName === name)
  if (found !== undefined) return { value: found.displayName }
  const detail = `'${application.displayName}' defines no role '${name.slice(0, 200)}'.`
  const fix = `There are ${roles.map(({ displayName }) => displayName).join(', ') || 'none'}.`
  return { fault: problem('MEMBER_INVALID', { detail, fix }) }
}

const readAll = <Value>(reads: readonly Read<Value>[]): Read<readonly Value[]> => {
  const values: Value[] = []
  for (const read of reads) {
    if ('fault' in read) return ofMember(read.fault)
    values.push(read.value)
  }
  return { value: values }
}

/** Whether it was ended before its time: what only those know who are told of revocations. */
const isEnded = async (
  text: string,
  { services, catalog, nowMs }: { services: Services; catalog: Catalog; nowMs: number },
): Promise<boolean> => {
  const token = services.readToken(text, catalog)
  if (token === null) return false
  const issuedTo = await services.registry.client(token.clientId)
  const question = revocationQuestion(token, issuedTo?.application.id ?? '')
  const revoked = await services.isRevoked(question)
  const nowSeconds = Math.floor(nowMs / 1000)
  const { reason } = tellToken(token, { issuedTo, revoked, nowSeconds, catalog }, null)
  return reason === 'REVOKED' || reason === 'CLIENT_GONE' || reason === 'CLIENT_INACTIVE'
}

const profileOf = ({ application }: ResourceServer) =>
  application.resourceServer?.profile ?? 'identity-domain'

/**
 * `POST /api/v1/tokens/call`: what the guard of an API would answer to a request with this token,
 * where its route demands these scopes and roles. Nothing is sent to the API, whatever the URL is.
 */
export const imagineCall: AnswerHappening = async ({ body, services, nowMs }) => {
  const { judgeCall } = services
  if (judgeCall === null) {
    return problem('PATH_UNKNOWN', { detail: 'This program was put together without a guard.' })
  }
  const read = readWish(body)
  if ('fault' in read) return read.fault
  const { token, api, method, url } = read.value
  const catalog = await services.registry.catalog()
  const found = await findServer(api, catalog, services)
  if ('fault' in found) return ofMember(found.fault).fault
  const server = found.value
  const scopes = readAll(read.value.scopes.map((name) => findScope(name, server)))
  if ('fault' in scopes) return scopes.fault
  const roles = readAll(read.value.roles.map((name) => findRole(name, server)))
  if ('fault' in roles) return roles.fault
  const ended = await isEnded(token, { services, catalog, nowMs })
  const { refusal, demands } = await judgeCall({
    token,
    method,
    url,
    scopes: scopes.value,
    roles: roles.value,
    api: {
      issuer: services.address(catalog).issuer,
      audiences: server.audiences,
      profile: profileOf(server),
      keySet: keySet(publishedKeys(catalog), false),
    },
    isEnded: ended,
  })
  return {
    kind: 'json',
    body: {
      verdict: refusal === null ? 'let-in' : 'refused',
      refusal,
      demands,
      endedEarly: ended,
      api: toldServer(server),
      profile: profileOf(server),
      declared: {
        scopes: [...server.scopes].slice(0, declaredMax),
        roles: server.roles.slice(0, declaredMax).map(({ displayName }) => displayName),
      },
    },
  }
}
