/** Fills one of our servers over its public interfaces: token endpoint and SCIM. */

import { formRequest, type SecretClient } from './prepared-requests.ts'
import type { Mintmark } from './subjects/mintmark.ts'

export const tokenPath = '/oauth2/v1/token'
export const introspectionPath = '/oauth2/v1/introspect'

const appSchema = 'urn:ietf:params:scim:schemas:oracle:idcs:App'
const appExtension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'

/** A resource server whose tokens are signed with one algorithm. */
export interface BenchApi {
  readonly algorithm: 'RS256' | 'ES256'
  /** Fully qualified scope that clients ask for. */
  readonly scope: string
  /** Its own client facet, which may introspect its tokens. */
  readonly introspector: SecretClient
}

/** A server with an administrator's token. */
export interface Domain {
  readonly server: Mintmark
  readonly url: string
  readonly accessToken: string
}

function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new Error(`the server answered without ${what}`)
  return value
}

async function readJson(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const body = await response.text()
  if (!response.ok) throw new Error(`${response.status} ${body.slice(0, 300)}`)
  return JSON.parse(body) as Record<string, unknown>
}

/** Asks for one access token. */
export async function fetchToken(
  url: string,
  path: string,
  client: SecretClient,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const pair = `${encodeURIComponent(client.clientId)}:${encodeURIComponent(client.clientSecret)}`
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...parameters }),
  })
  return text((await readJson(response))['access_token'], 'access_token')
}

/**
 * Gets the administrator a token for `/admin/v1`.
 *
 * @param lifeSeconds how long it lives; absent: as long as the domain lets it
 */
export async function enterDomain(server: Mintmark, lifeSeconds?: number): Promise<Domain> {
  const url = `http://127.0.0.1:${server.port}`
  const own = 'urn:opc:idm:__myscopes__'
  const scope = lifeSeconds === undefined ? own : `${own} urn:opc:resource:expiry=${lifeSeconds}`
  return {
    server,
    url,
    accessToken: await fetchToken(url, tokenPath, server.administrator, { scope }),
  }
}

function adminHeaders(domain: Domain): Readonly<Record<string, string>> {
  return {
    Authorization: `Bearer ${domain.accessToken}`,
    'Content-Type': 'application/scim+json',
  }
}

async function createApp(
  domain: Domain,
  attributes: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(`${domain.url}/admin/v1/Apps`, {
    method: 'POST',
    headers: adminHeaders(domain),
    body: JSON.stringify(attributes),
  })
  return readJson(response)
}

function appAttributes(displayName: string): Readonly<Record<string, unknown>> {
  return {
    schemas: [appSchema],
    displayName,
    active: true,
    basedOnTemplate: { value: 'CustomWebAppTemplateId' },
    isOAuthClient: true,
    clientType: 'confidential',
    allowedGrants: ['client_credentials'],
  }
}

/**
 * Declares a resource server: RS256 in the identity domain's profile, ES256 in RFC 9068's.
 *
 * @param more attributes of it
 */
export async function createApi(
  domain: Domain,
  algorithm: BenchApi['algorithm'],
  more: { readonly accessTokenExpiry?: number } = {},
): Promise<BenchApi> {
  const audience = `https://${algorithm.toLowerCase()}.bench.example/`
  const tokenProfile = algorithm === 'RS256' ? 'identity-domain' : 'rfc9068'
  const created = await createApp(domain, {
    ...appAttributes(`Bench API ${algorithm}`),
    schemas: [appSchema, appExtension],
    allowedOperations: ['introspect'],
    isOAuthResource: true,
    audience,
    scopes: [{ value: 'read', description: 'read', requiresConsent: false }],
    [appExtension]: { tokenProfile },
    ...more,
  })
  return { algorithm, scope: `${audience}read`, introspector: readClient(created) }
}

function readClient(created: Readonly<Record<string, unknown>>): SecretClient {
  return {
    clientId: text(created['name'], 'name'),
    clientSecret: text(created['clientSecret'], 'clientSecret'),
  }
}

function clientAttributes(displayName: string, api: BenchApi): Readonly<Record<string, unknown>> {
  return { ...appAttributes(displayName), allowedScopes: [{ fqs: api.scope }] }
}

/** Declares a client with a secret. */
export async function createSecretClient(
  domain: Domain,
  api: BenchApi,
  own: Readonly<Record<string, unknown>> = {},
): Promise<SecretClient> {
  const name = ['Bench', api.algorithm, ...Object.keys(own)].join(' ')
  const attributes = clientAttributes(name, api)
  if (Object.keys(own).length === 0) return readClient(await createApp(domain, attributes))
  const schemas = [appSchema, appExtension]
  return readClient(await createApp(domain, { ...attributes, schemas, [appExtension]: own }))
}

/** Declares a client that proves itself otherwise than by a secret; gives back its client id. */
export async function createProvenClient(
  domain: Domain,
  api: BenchApi,
  proof: Readonly<Record<string, unknown>>,
): Promise<string> {
  const created = await createApp(domain, {
    ...clientAttributes(`Bench ${api.algorithm} by ${Object.keys(proof).join(' ')}`, api),
    schemas: [appSchema, appExtension],
    [appExtension]: proof,
  })
  return text(created['name'], 'name')
}

/** Below the 1 MiB that an administrative body may hold. */
const creationBatch = 1_000
const bulkSchema = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'

/**
 * Declares many clients, a thousand in one Bulk request, before any measurement.
 *
 * @param first number of the first one, as they are numbered in their names
 * @returns their credentials, in no particular order
 */
export async function createManyClients(
  domain: Domain,
  api: BenchApi,
  count: number,
  first: number,
): Promise<readonly SecretClient[]> {
  const clients: SecretClient[] = []
  while (clients.length < count) {
    const size = Math.min(creationBatch, count - clients.length)
    const Operations = Array.from({ length: size }, (_, index) => ({
      method: 'POST',
      path: '/Apps',
      bulkId: `client${index}`,
      data: clientAttributes(`Bench client ${first + clients.length + index}`, api),
    }))
    const answer = await fetch(`${domain.url}/admin/v1/Bulk`, {
      method: 'POST',
      headers: adminHeaders(domain),
      body: JSON.stringify({ schemas: [bulkSchema], Operations }),
    })
    const written = await answer.text()
    if (answer.status !== 200) throw new Error(`creating applications: ${written.slice(0, 300)}`)
    const { Operations: results } = JSON.parse(written) as {
      Operations: readonly { response: Record<string, unknown> }[]
    }
    for (const { response } of results) clients.push(readClient(response))
  }
  return clients
}

/** A Basic client-credentials request for one scope of an API. */
export function tokenRequest(client: SecretClient, scope: string): Uint8Array {
  return formRequest(tokenPath, client, { grant_type: 'client_credentials', scope })
}
