import type { DomainDocument } from './domain-document.ts'
import { nameKey } from './name-key.ts'

export type Json = Readonly<Record<string, unknown>>

/** One call of the administration API, over HTTP or inside the process. */
export interface AdministrationRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** After `/admin/v1`, or `/api/v1` where that is asked. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export type Send = (
  request: AdministrationRequest,
) => Promise<{ readonly status: number; readonly body: unknown }>

/** An answer that is no answer to what was asked. */
export class UnexpectedAnswer extends Error {
  readonly status: number
  readonly body: unknown
  constructor(status: number, body: unknown) {
    const detail = isObject(body) ? body['detail'] : undefined
    super(typeof detail === 'string' ? detail : `The server answered with status ${status}.`)
    this.status = status
    this.body = body
  }
}

/** What the server has of what a document names. */
export interface PresentState {
  /** Apps by the key of their name. */
  readonly apps: ReadonlyMap<string, Json>
  /** App roles by the id of the App that defines them. */
  readonly roles: ReadonlyMap<string, readonly Json[]>
  /** Grants by the id of whoever holds them. */
  readonly grants: ReadonlyMap<string, readonly Json[]>
  /** Aliases of certificates by SHA-256 thumbprint. */
  readonly certificates: ReadonlyMap<string, string>
  /** By alias. */
  readonly certificatesByAlias: ReadonlyMap<string, Json>
  /** Trusted authorities by the key of their alias. */
  readonly authorities: ReadonlyMap<string, Json>
  /** By the key of their name. */
  readonly users: ReadonlyMap<string, Json>
  readonly groups: ReadonlyMap<string, Json>
  readonly claims: ReadonlyMap<string, Json>
  readonly settings: Json | null
  /** Names of all APIs, for "did you mean". */
  readonly apiNames: readonly string[]
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const textOf = (object: Json, name: string): string => {
  const value = object[name]
  return typeof value === 'string' ? value : ''
}

export const listOf = (object: Json, name: string): readonly Json[] => {
  const value = object[name]
  return Array.isArray(value) ? value.filter(isObject) : []
}

const pageCount = 500

/** Every resource that matches a filter, page by page. */
export const listAll = async (
  send: Send,
  path: string,
  filter?: string,
): Promise<readonly Json[]> => {
  const found: Json[] = []
  for (;;) {
    const query = {
      ...(filter === undefined ? {} : { filter }),
      startIndex: String(found.length + 1),
      count: String(pageCount),
      attributeSets: 'all',
    }
    const { status, body } = await send({ method: 'GET', path, query })
    if (status !== 200 || !isObject(body)) throw new UnexpectedAnswer(status, body)
    const page = listOf(body, 'Resources')
    found.push(...page)
    if (page.length === 0 || found.length >= Number(body['totalResults'])) return found
  }
}

/** Work on many items, a few at a time: quick, and no flood. */
const each = async <Item>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<void>,
): Promise<void> => {
  const queue = [...items]
  const lanes = Array.from({ length: 4 }, async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  })
  await Promise.all(lanes)
}

const quoted = (text: string): string => JSON.stringify(text)

type Found = ReadonlyMap<string, Json>

/** Resources by name, each looked up by itself. */
const findNamed = async (
  send: Send,
  names: ReadonlyMap<string, string>,
  where: { readonly path: string; readonly attribute: string },
): Promise<Map<string, Json>> => {
  const found = new Map<string, Json>()
  await each(names, async ([key, name]) => {
    const filter = `${where.attribute} eq ${quoted(name)}`
    const [resource] = await listAll(send, where.path, filter)
    if (resource !== undefined) found.set(key, resource)
  })
  return found
}

const namedApplications = (document: DomainDocument): ReadonlyMap<string, string> => {
  const named = new Map<string, string>()
  const name = (text: string): unknown => named.set(nameKey(text), text)
  const { apis, applications, users, groups } = document
  for (const entry of [...apis, ...applications]) name(entry.name)
  for (const { access } of [...applications, ...users, ...groups]) {
    for (const { api } of access) name(api.value)
  }
  for (const { defaultApi } of applications) if (defaultApi !== null) name(defaultApi.value)
  for (const group of groups) for (const { value } of group.applications) name(value)
  return named
}

const keyed = (names: readonly string[]): ReadonlyMap<string, string> =>
  new Map(names.map((name) => [nameKey(name), name]))

const rolesOf = async (send: Send, apps: Found): Promise<Map<string, readonly Json[]>> => {
  const roles = new Map<string, readonly Json[]>()
  await each(apps.values(), async (app) => {
    const id = textOf(app, 'id')
    roles.set(id, await listAll(send, '/AppRoles', `app.value eq ${quoted(id)}`))
  })
  return roles
}

const grantsOf = async (send: Send, grantees: Iterable<Json>) => {
  const grants = new Map<string, readonly Json[]>()
  await each(grantees, async (grantee) => {
    const id = textOf(grantee, 'id')
    grants.set(id, await listAll(send, '/Grants', `grantee.value eq ${quoted(id)}`))
  })
  return grants
}

const aliasesOf = async (document: DomainDocument, send: Send) => {
  const aliases = new Map<string, string>()
  await each(document.applications, async ({ authentication: { certificate } }) => {
    if (certificate === null) return
    const filter = `sha256Thumbprint eq ${quoted(certificate.thumbprint)}`
    const [stored] = await listAll(send, '/OAuthClientCertificates', filter)
    if (stored !== undefined) {
      aliases.set(certificate.thumbprint, textOf(stored, 'certificateAlias'))
    }
  })
  return aliases
}

const byText = (list: readonly Json[], name: string, key = (text: string) => text): Found =>
  new Map(list.map((each) => [key(textOf(each, name)), each]))

/** What is small enough to be read as a whole, when the document speaks of it at all. */
const readDomainWide = async (document: DomainDocument, send: Send) => {
  const has = (name: string): boolean => document.sections.has(name)
  const list = async (isWanted: boolean, path: string) =>
    isWanted ? await listAll(send, path) : []
  const authorities = await list(has('authorities'), '/OAuthPartnerCertificates')
  const certificates = await list(has('certificates'), '/OAuthClientCertificates')
  const claims = await list(has('claims'), '/CustomClaims')
  const [settings = null] = await list(document.settings !== null, '/Settings')
  return {
    authorities: byText(authorities, 'certificateAlias', nameKey),
    certificatesByAlias: byText(certificates, 'certificateAlias'),
    claims: byText(claims, 'name'),
    settings,
  }
}

/** Reads what a document is about, and nothing else. */
export const readPresentState = async (
  document: DomainDocument,
  send: Send,
): Promise<PresentState> => {
  const byName = { path: '/Apps', attribute: 'displayName' }
  const apps = await findNamed(send, namedApplications(document), byName)
  const userNames = [
    ...document.users.map(({ userName }) => userName),
    ...document.groups.flatMap((group) => group.users.map(({ value }) => value)),
  ]
  const byUserName = { path: '/Users', attribute: 'userName' }
  const users = await findNamed(send, keyed(userNames), byUserName)
  const groupNames = keyed(document.groups.map(({ name }) => name))
  const groups = await findNamed(send, groupNames, { ...byName, path: '/Groups' })
  const clients = [...apps.values()].filter((app) => app['isOAuthClient'] === true)
  const all = await listAll(send, '/Apps', 'isOAuthResource eq true')
  return {
    apps,
    roles: await rolesOf(send, apps),
    grants: await grantsOf(send, [...clients, ...users.values(), ...groups.values()]),
    certificates: await aliasesOf(document, send),
    users,
    groups,
    ...(await readDomainWide(document, send)),
    apiNames: all.map((app) => textOf(app, 'displayName')),
  }
}
