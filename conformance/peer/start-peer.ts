/**
 * node-oidc-provider as a test domain: set up as its documentation says, with our paths, JWT access
 * tokens and clients that may be registered while it runs.
 */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { errors } from 'oidc-provider'
import {
  type Api,
  type ApiWish,
  type Client,
  type ClientWish,
  introspectionPath,
  NotAskable,
  revocationPath,
  type TestDomain,
  tokenPath,
} from '../kit/test-domain.ts'

type Metadata = Readonly<Record<string, unknown>>

interface PeerState {
  readonly clients: Map<string, Metadata>
  /** Audiences a client may use, the first one its default. */
  readonly audiences: Map<string, readonly string[]>
  readonly apis: Map<string, ApiWish>
}

/** Scope names must be known to it beforehand. */
const scopes = ['api:read', 'api:write', 'other:read', 'other:write', 'x']
const lifetimeSeconds = 3600

/** Finds clients where the tests register them, and keeps everything else in memory. */
const adapterOf = ({ clients }: PeerState) =>
  class {
    readonly #model: string
    readonly #records = new Map<string, Metadata>()

    constructor(model: string) {
      this.#model = model
    }

    async upsert(id: string, payload: Metadata): Promise<void> {
      this.#records.set(id, payload)
    }

    async find(id: string): Promise<Metadata | undefined> {
      return this.#model === 'Client' ? clients.get(id) : this.#records.get(id)
    }

    async destroy(id: string): Promise<void> {
      this.#records.delete(id)
    }
  }

const signingKey = () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', kid: 'peer', alg: 'RS256' }
}

const makeProvider = (issuer: string, state: PeerState): Provider => {
  const defaultResource = (_: unknown, { clientId }: { readonly clientId: string }) =>
    state.audiences.get(clientId)?.[0] ?? 'urn:example:none'
  return new Provider(issuer, {
    adapter: adapterOf(state),
    jwks: { keys: [signingKey()] },
    scopes,
    clientAuthMethods: [
      'none',
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
    ],
    routes: { token: tokenPath, introspection: introspectionPath, revocation: revocationPath },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource,
        getResourceServerInfo: (_context, resource, { clientId }) => {
          const api = state.apis.get(resource)
          const allowed = state.audiences.get(clientId)?.includes(resource)
          if (api === undefined || !allowed) throw new errors.InvalidTarget()
          return {
            scope: api.scopes.join(' '),
            audience: resource,
            accessTokenTTL: api.lifetimeSeconds ?? lifetimeSeconds,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256' } },
          }
        },
      },
    },
  })
}

const onlyOurs = (what: string) => () => Promise.reject(new NotAskable(`the peer has no ${what}`))

const grantMembers = (wish: ClientWish): Metadata => {
  const grants = wish.grants ?? ['client_credentials']
  const redirects = grants.includes('authorization_code')
  return {
    grant_types: grants,
    redirect_uris: redirects ? ['https://client.example/callback'] : [],
    response_types: redirects ? ['code'] : [],
  }
}

/** Registers a client; one method each, for more is unknown there. */
const register = (state: PeerState, wish: ClientWish): Client => {
  const clientId = wish.clientId ?? randomUUID().replaceAll('-', '')
  const isPublic = wish.clientType === 'public'
  const method = isPublic ? 'none' : (wish.methods?.[0] ?? 'client_secret_basic')
  const needsSecret = method.startsWith('client_secret')
  const secret = needsSecret ? (wish.secret ?? randomBytes(48).toString('base64url')) : ''
  const own = [...state.apis.values()].flatMap(({ audience, scopes: defined }) =>
    defined
      .filter((scope) => wish.scopes?.includes(audience + scope))
      .map((scope) => ({ audience, scope })),
  )
  state.audiences.set(clientId, [...new Set(own.map(({ audience }) => audience))])
  state.clients.set(clientId, {
    client_id: clientId,
    ...(needsSecret ? { client_secret: secret } : {}),
    token_endpoint_auth_method: method,
    ...grantMembers(wish),
    ...(own.length === 0 ? {} : { scope: [...new Set(own.map(({ scope }) => scope))].join(' ') }),
    ...(wish.keys === undefined ? {} : { jwks: { keys: wish.keys } }),
  })
  return { id: clientId, clientId, secret }
}

/** Starts the peer in this process. */
export const startPeer = async (): Promise<TestDomain> => {
  const state: PeerState = { clients: new Map(), audiences: new Map(), apis: new Map() }
  const server = createServer()
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  const url = `http://localhost:${(server.address() as AddressInfo).port}`
  server.on('request', makeProvider(url, state).callback())
  return {
    server: 'node-oidc-provider',
    issuer: url,
    url,
    secureUrl: null,
    authority: undefined,
    createApi: async (wish): Promise<Api> => {
      state.apis.set(wish.audience, wish)
      const { audience } = wish
      const client = wish.introspects ? register(state, {}) : null
      return { id: audience, audience, scopes: wish.scopes, client }
    },
    createClient: async (wish) => register(state, wish),
    setActive: onlyOurs('deactivated clients'),
    rotateSecret: onlyOurs('secrets that end'),
    log: () => '',
    stop: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
