import type { AccessToken } from './access-token.ts'
import { type ApiDoor, authorizedFetch } from './authorized-fetch.ts'
import type { ClientOptions, Fetch, TargetOptions } from './client-options.ts'
import { makeTokenSource, type TokenSource } from './obtain-token.ts'
import { type ClientSettings, readSettings, scopesOf, type TokenTarget } from './read-settings.ts'
import { makeTlsFetch } from './tls-fetch.ts'
import { makeTokenKeeper } from './token-keeper.ts'
import { realWorld, type World } from './world.ts'

/** What one call wants otherwise than the client was made for. */
export interface TokenWish extends TargetOptions {
  /** Ends the waiting of this caller, and of nobody else. */
  readonly signal?: AbortSignal
}

/** Gets tokens, keeps them, and sends requests with them. */
export interface Client {
  /**
   * A token that is good for a while: from memory, or one request however many ask.
   * @throws ClientError
   */
  token(wish?: TokenWish): Promise<AccessToken>
  /**
   * The `fetch` of the platform, with a token for the allowed origins and for no other, also after
   * redirects. After a 401 `invalid_token` the request is sent once more with a new token, if its
   * body can be sent again.
   * @throws ClientError when there is no token; what `fetch` throws otherwise
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
  /** Ends waiting callers and connections. Tokens already handed out stay valid. */
  close(): void
}

const targetOf = (settings: ClientSettings, wish: TokenWish): TokenTarget => {
  const { target } = settings
  return {
    issuer: target.issuer,
    audience: wish.audience ?? target.audience,
    scopes: wish.scope === undefined ? target.scopes : scopesOf(wish.scope),
    resource: wish.resource ?? target.resource,
  }
}

const platformFetch: Fetch = (url, init) => fetch(url, init)

/** The built-in `fetch` knows no certificates or authorities of ours. */
const sendingFetch = (settings: ClientSettings, source: TokenSource): Fetch => {
  const plain = settings.fetch ?? platformFetch
  if (settings.fetch !== null) return plain
  if (settings.certificate === null && settings.authority === null) return plain
  const overTls = makeTlsFetch(async () => (await source.held()).connections)
  return (url, init) => (url.startsWith('https:') ? overTls : plain)(url, init)
}

/**
 * Makes a client of an authorization server. Nothing is asked before the first token is needed.
 * @param options what the code states; the environment's `MINTMARK_…` fills in the rest
 * @throws ClientError `not_configured`, saying what is missing
 */
export const createClient = (options: ClientOptions = {}, world: World = realWorld): Client => {
  const settings = readSettings(options, world)
  const source = makeTokenSource(settings, world)
  const keeper = makeTokenKeeper(source, settings, world)
  const door: ApiDoor = {
    settings,
    keeper,
    world,
    send: sendingFetch(settings, source),
    sendPlain: settings.fetch ?? platformFetch,
    resources: new Map(),
    refused: new Map(),
  }
  return {
    token: async (wish = {}) => keeper.get(targetOf(settings, wish), wish.signal),
    fetch: (input, init) => authorizedFetch(door, input, init),
    close: () => keeper.close(),
  }
}
