import type { DomainDocument } from './domain-document.ts'
import { nameKey } from './read-domain-file.ts'

export type Json = Readonly<Record<string, unknown>>

/** One call of the administration API, over HTTP or inside the process. */
export interface AdministrationRequest {
  readonly method: 'GET' | 'POST'
  /** After `/admin/v1`. */
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
  /** Grants by the id of the App that holds them. */
  readonly grants: ReadonlyMap<string, readonly Json[]>
  /** Aliases of certificates by SHA-256 thumbprint. */
  readonly certificates: ReadonlyMap<string, string>
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
const listAll = async (send: Send, path: string, filter: string): Promise<readonly Json[]> => {
  const found: Json[] = []
  for (;;) {
    const query = {
      filter,
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

/** Reads what a document is about, and nothing else. */
export const readPresentState = async (
  document: DomainDocument,
  send: Send,
): Promise<PresentState> => {
  const apps = new Map<string, Json>()
  const roles = new Map<string, readonly Json[]>()
  const grants = new Map<string, readonly Json[]>()
  const certificates = new Map<string, string>()
  const named = new Map<string, string>()
  for (const entry of [...document.apis, ...document.applications]) {
    named.set(nameKey(entry.name), entry.name)
  }
  for (const application of document.applications) {
    for (const { api } of application.access) named.set(nameKey(api.value), api.value)
    const { defaultApi } = application
    if (defaultApi !== null) named.set(nameKey(defaultApi.value), defaultApi.value)
  }
  await each(named, async ([key, name]) => {
    const [app] = await listAll(send, '/Apps', `displayName eq ${quoted(name)}`)
    if (app !== undefined) apps.set(key, app)
  })
  await each(apps.values(), async (app) => {
    const id = textOf(app, 'id')
    if (app['isOAuthResource'] === true) {
      roles.set(id, await listAll(send, '/AppRoles', `app.value eq ${quoted(id)}`))
    }
    if (app['isOAuthClient'] === true) {
      grants.set(id, await listAll(send, '/Grants', `grantee.value eq ${quoted(id)}`))
    }
  })
  await each(document.applications, async ({ authentication: { certificate } }) => {
    if (certificate === null) return
    const filter = `sha256Thumbprint eq ${quoted(certificate.thumbprint)}`
    const [stored] = await listAll(send, '/OAuthClientCertificates', filter)
    if (stored !== undefined) {
      certificates.set(certificate.thumbprint, textOf(stored, 'certificateAlias'))
    }
  })
  const all = await listAll(send, '/Apps', 'isOAuthResource eq true')
  return {
    apps,
    roles,
    grants,
    certificates,
    apiNames: all.map((app) => textOf(app, 'displayName')),
  }
}
