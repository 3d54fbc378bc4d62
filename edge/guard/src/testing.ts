/**
 * An issuer for the tests of an API: real keys, real signatures, no server to install. It answers
 * in the process itself, or over HTTP on a port of its own.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { revocationFeedMetadata } from '@mintmark/protocol/revocation-feed'
import type { Fetch } from './fetch-document.ts'
import { createTestFeed, type TakeEvent, type TestFeed } from './testing-feed.ts'
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
  /** The same for its revocation feed: `guard({ ...guardOptions, revocations })`. */
  readonly revocations: { readonly clientId: string; readonly clientSecret: string }
  /** Paths that were asked for, in order. */
  readonly calls: readonly string[]
  /** A signed token. `lifetimeSeconds` is 300 unless `exp` says otherwise. */
  token(claims?: ClaimWishes, header?: ClaimWishes): string
  /** From now on introspection calls it inactive, and whoever follows the feed is told. */
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
  readonly query: string
  readonly authorization: string | null
  readonly body: string
  readonly lastEventId: string | null
}
type Follow = (take: TakeEvent) => () => void
/** A function instead of JSON: events that go on. */
type Answered = readonly [status: number, content: object | Follow]

interface State {
  readonly issuer: string
  readonly profile: TokenProfileName
  readonly secret: string
  readonly ended: Set<string>
  readonly calls: string[]
  key: Key
  readonly feed: TestFeed
  /** What its token endpoint gives out. */
  readonly feedToken: string
  /** Every token made and not yet forgotten, by its digest. */
  readonly made: Map<string, ClaimWishes>
}

const digestOf = (token: string): string => createHash('sha256').update(token).digest('hex')

const isClient = ({ secret }: State, { authorization }: Asked): boolean =>
  authorization === `Basic ${Buffer.from(`test-api:${secret}`).toString('base64')}`

const tellRevocations = (state: State, asked: Asked, isSnapshot: boolean): Answered => {
  if (asked.authorization !== `Bearer ${state.feedToken}`) return [401, {}]
  if (isSnapshot) return [200, { revocations: state.feed.snapshot(), more: false }]
  const heartbeat = Number(new URLSearchParams(asked.query).get('heartbeat') ?? 5)
  const place = state.feed.placeOf(asked.lastEventId ?? '')
  if (place === null) return [410, { reason: 'CURSOR_GONE' }]
  return [200, (take: TakeEvent) => state.feed.follow(place, heartbeat, take)]
}

const introspect = (state: State, asked: Asked): Answered => {
  if (!isClient(state, asked)) return [401, { error: 'invalid_client' }]
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
          token_endpoint: `${issuer}/token`,
          [revocationFeedMetadata]: `${issuer}/revocations`,
        },
      ]
    case 'GET /jwks':
      return [200, { keys: [key.publicJwk] }]
    case 'POST /introspect':
      return introspect(state, asked)
    case 'POST /token':
      return isClient(state, asked)
        ? [200, { access_token: state.feedToken, token_type: 'Bearer', expires_in: 3600 }]
        : [401, { error: 'invalid_client' }]
    case 'GET /revocations':
      return tellRevocations(state, asked, false)
    case 'GET /revocations/snapshot':
      return tellRevocations(state, asked, true)
    default:
      return [404, {}]
  }
}

const readBody = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

const textOf = (field: string | string[] | undefined): string | null =>
  typeof field === 'string' ? field : null

/** Events until whoever asked has enough of them. */
const eventStream = (follow: Follow, signal: AbortSignal | null | undefined) => {
  const encoder = new TextEncoder()
  let end = (): void => {}
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      end = follow((text) => controller.enqueue(encoder.encode(text)))
      const abort = (): void => {
        end()
        controller.error(signal?.reason)
      }
      signal?.addEventListener('abort', abort, { once: true })
    },
    cancel: () => end(),
  })
}

const listen = async (handle: (asked: Asked) => Answered): Promise<Server> => {
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    const body = await readBody(request)
    const authorization = headers.authorization ?? null
    const lastEventId = textOf(headers['last-event-id'])
    const [path = '', query = ''] = url.split('?')
    const [status, content] = handle({ method, path, query, authorization, body, lastEventId })
    if (typeof content !== 'function') {
      response.writeHead(status, { 'content-type': 'application/json' })
      return void response.end(JSON.stringify(content))
    }
    response.writeHead(status, { 'content-type': 'text/event-stream' })
    response.on(
      'close',
      (content as Follow)((text) => void response.write(text)),
    )
  })
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  return server
}

/** Answers in the process what is meant for the issuer; nothing else is reachable. */
const insideFetch =
  (handle: (asked: Asked) => Answered, issuer: string): Fetch =>
  async (url, init) => {
    const { origin, pathname: path, search: query } = new URL(url)
    if (origin !== new URL(issuer).origin) throw new Error(`the test issuer is not ${origin}`)
    const headers = new Headers(init.headers)
    const authorization = headers.get('authorization')
    const lastEventId = headers.get('last-event-id')
    const body = typeof init.body === 'string' ? init.body : ''
    const method = init.method ?? 'GET'
    const [status, content] = handle({ method, path, query, authorization, body, lastEventId })
    if (typeof content !== 'function') return Response.json(content, { status })
    const events = eventStream(content as Follow, init.signal)
    return new Response(events, { status, headers: { 'content-type': 'text/event-stream' } })
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
    feed: createTestFeed(
      () => issuer,
      (typ, claims) => {
        const { kid, publicJwk } = state.key
        return signToken(state.key, { alg: publicJwk['alg'], typ, kid }, { ...claims })
      },
    ),
    feedToken: randomUUID(),
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
    revocations: { clientId: 'test-api', clientSecret: secret },
    calls: state.calls,
    token: (claims = {}, header = {}) => {
      const { kid } = state.key
      const usual = profile === 'rfc9068' ? { alg: 'ES256', typ: 'at+jwt' } : { alg: 'RS256' }
      const all = { ...claimsOf(issuer, audience, profile), ...claims }
      const token = signToken(state.key, { ...usual, kid, ...header }, all)
      state.made.set(digestOf(token), stated(all))
      return token
    },
    revoke: (token) => {
      const digest = digestOf(token)
      state.ended.add(digest)
      const { jti, exp } = state.made.get(digest) ?? {}
      if (typeof jti === 'string') state.feed.revoke(jti, Number(exp))
    },
    rotate: () => {
      state.key = makeKey(profile)
    },
    close: async () => {
      state.feed.close()
      if (server === null) return
      server.closeAllConnections()
      await new Promise((fulfil) => server.close(fulfil))
    },
  }
}
