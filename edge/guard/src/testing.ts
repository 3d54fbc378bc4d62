/**
 * An issuer for the tests of an API: real keys, real signatures, no server to install. It answers
 * in the process itself, or over HTTP on a port of its own.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Fetch } from './fetch-document.ts'
import type { TokenProfileName } from './token-profile.ts'

export interface TestIssuerOptions {
  /** `https://issuer.test` unless stated; with `http`, the address it listens at. */
  readonly issuer?: string
  readonly audience?: string
  readonly profile?: TokenProfileName
  /** True: listens on a free port of this machine. */
  readonly http?: boolean
}

/** Claims over the usual ones; one of undefined is left out. */
export type ClaimWishes = Readonly<Record<string, unknown>>

export interface TestIssuer {
  readonly issuer: string
  readonly audience: string
  readonly profile: TokenProfileName
  /** Give these to `guard()`. */
  readonly guardOptions: {
    readonly issuer: string
    readonly audience: string
    readonly profile: TokenProfileName
    readonly fetch: Fetch
  }
  /** Client id and secret that its introspection endpoint expects. */
  readonly introspection: { readonly clientId: string; readonly clientSecret: string }
  /** Paths that were asked for, in order. */
  readonly calls: readonly string[]
  /** A signed token. `lifetimeSeconds` is 300 unless `exp` says otherwise. */
  token(claims?: ClaimWishes, header?: ClaimWishes): string
  /** From now on introspection calls it inactive. */
  revoke(token: string): void
  /** A new key; the old one leaves the key set. */
  rotate(): void
  close(): Promise<void>
}

interface Key {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicJwk: Readonly<Record<string, unknown>>
}

const lifetimeSeconds = 300

const makeKey = (profile: TokenProfileName): Key => {
  const { publicKey, privateKey } =
    profile === 'rfc9068'
      ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = randomUUID()
  const alg = profile === 'rfc9068' ? 'ES256' : 'RS256'
  const jwk = publicKey.export({ format: 'jwk' })
  return { kid, privateKey, publicJwk: { ...jwk, kid, alg, use: 'sig' } }
}

const stated = (members: ClaimWishes): ClaimWishes =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url')

const signToken = (key: Key, header: ClaimWishes, claims: ClaimWishes): string => {
  const input = `${encode(stated(header))}.${encode(stated(claims))}`
  const signature = sign('sha256', Buffer.from(input), {
    key: key.privateKey,
    dsaEncoding: 'ieee-p1363',
  })
  return `${input}.${signature.toString('base64url')}`
}

const claimsOf = (issuer: string, audience: string, profile: TokenProfileName): ClaimWishes => {
  const now = Math.floor(Date.now() / 1000)
  const isDomain = profile === 'identity-domain'
  return {
    iss: issuer,
    sub: 'test-client',
    aud: audience,
    client_id: 'test-client',
    scope: '',
    iat: now,
    exp: now + lifetimeSeconds,
    jti: randomUUID(),
    sub_type: 'client',
    ...(isDomain ? { tok_type: 'AT', gtp: 'cc' } : {}),
  }
}

interface Asked {
  readonly method: string
  readonly path: string
  readonly authorization: string | null
  readonly body: string
}
type Answered = readonly [status: number, json: object]

interface State {
  readonly issuer: string
  readonly profile: TokenProfileName
  readonly secret: string
  readonly ended: Set<string>
  readonly calls: string[]
  key: Key
  /** Every token made and not yet forgotten, by its digest. */
  readonly made: Map<string, ClaimWishes>
}

const digestOf = (token: string): string => createHash('sha256').update(token).digest('hex')

const introspect = (state: State, asked: Asked): Answered => {
  const basic = `Basic ${Buffer.from(`test-api:${state.secret}`).toString('base64')}`
  if (asked.authorization !== basic) return [401, { error: 'invalid_client' }]
  const digest = digestOf(new URLSearchParams(asked.body).get('token') ?? '')
  const claims = state.made.get(digest)
  const isLive = claims !== undefined && Number(claims['exp']) > Date.now() / 1000
  if (!isLive || state.ended.has(digest)) return [200, { active: false }]
  const tokenType = state.profile === 'identity-domain' ? 'JWT' : 'Bearer'
  return [200, { active: true, ...claims, token_type: tokenType }]
}

const answer = (state: State, asked: Asked): Answered => {
  const { issuer, key } = state
  state.calls.push(asked.path)
  switch (`${asked.method} ${asked.path}`) {
    case 'GET /.well-known/oauth-authorization-server':
    case 'GET /.well-known/openid-configuration':
      return [
        200,
        {
          issuer,
          jwks_uri: `${issuer}/jwks`,
          introspection_endpoint: `${issuer}/introspect`,
        },
      ]
    case 'GET /jwks':
      return [200, { keys: [key.publicJwk] }]
    case 'POST /introspect':
      return introspect(state, asked)
    default:
      return [404, {}]
  }
}

const readBody = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

const listen = async (handle: (asked: Asked) => Answered): Promise<Server> => {
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers } = request
    const body = await readBody(request)
    const authorization = headers.authorization ?? null
    const [status, json] = handle({ method, path, authorization, body })
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
  })
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  return server
}

/** Answers in the process what is meant for the issuer; nothing else is reachable. */
const insideFetch =
  (handle: (asked: Asked) => Answered, issuer: string): Fetch =>
  async (url, init) => {
    const { origin, pathname: path } = new URL(url)
    if (origin !== new URL(issuer).origin) throw new Error(`the test issuer is not ${origin}`)
    const authorization = new Headers(init.headers).get('authorization')
    const body = typeof init.body === 'string' ? init.body : ''
    const [status, json] = handle({ method: init.method ?? 'GET', path, authorization, body })
    return Response.json(json, { status })
  }

/**
 * Starts an issuer for tests.
 * @returns what to give to `guard()`, and a maker of tokens with any claims. Close one that listens
 */
export const testIssuer = async (options: TestIssuerOptions = {}): Promise<TestIssuer> => {
  const { profile = 'rfc9068', audience = 'https://api.test' } = options
  const handle = (asked: Asked): Answered => answer(state, asked)
  const server = options.http === true ? await listen(handle) : null
  const port = (server?.address() as AddressInfo | undefined)?.port
  const own = server === null ? 'https://issuer.test' : `http://127.0.0.1:${port}`
  const issuer = options.issuer ?? own
  const secret = randomUUID()
  const state: State = {
    issuer,
    profile,
    secret,
    ended: new Set(),
    calls: [],
    key: makeKey(profile),
    made: new Map(),
  }
  const reach: Fetch =
    server === null ? insideFetch(handle, issuer) : (url, init) => fetch(url, init)
  return {
    issuer,
    audience,
    profile,
    guardOptions: { issuer, audience, profile, fetch: reach },
    introspection: { clientId: 'test-api', clientSecret: secret },
    calls: state.calls,
    token: (claims = {}, header = {}) => {
      const { kid } = state.key
      const usual = profile === 'rfc9068' ? { alg: 'ES256', typ: 'at+jwt' } : { alg: 'RS256' }
      const all = { ...claimsOf(issuer, audience, profile), ...claims }
      const token = signToken(state.key, { ...usual, kid, ...header }, all)
      state.made.set(digestOf(token), stated(all))
      return token
    },
    revoke: (token) => void state.ended.add(digestOf(token)),
    rotate: () => {
      state.key = makeKey(profile)
    },
    close: async () => {
      if (server === null) return
      server.closeAllConnections()
      await new Promise((fulfil) => server.close(fulfil))
    },
  }
}
