import { metadataPathOf } from '@mintmark/protocol/rfc8414-server-metadata'
import { confidentialUrl } from './bound-origin.ts'
import { ClientError } from './client-error.ts'
import type { Answer } from './http-exchange.ts'
import type { ClientSettings } from './read-settings.ts'
import { readRetryAfter } from './retry-after.ts'

/** What of a server's metadata (RFC 8414 §2) matters for getting a token. */
export interface Issuer {
  readonly issuer: string
  readonly tokenEndpoint: string
  /** Where certificates are asked for: RFC 8705 §5, or the secure URL of an identity domain. */
  readonly certificateEndpoint: string
  /** RFC 7662 §2; null: not said. */
  readonly introspectionEndpoint: string | null
  /** RFC 7009 §2; null: not said. */
  readonly revocationEndpoint: string | null
  /** What assertions are meant for. */
  readonly assertionAudience: string
  /** Scopes are joined with their audience there. */
  readonly isIdentityDomain: boolean
  /** `token_endpoint_auth_methods_supported`; null: not said. */
  readonly methods: readonly string[] | null
}

/** Asks for a document; the caller knows how. */
export type Ask = (url: string) => Promise<Answer>

type Document = Readonly<Record<string, unknown>>

const withoutSlash = (text: string): string => text.replace(/\/$/, '')

const textOf = (document: Document, name: string): string | null => {
  const value = document[name]
  return typeof value === 'string' && value !== '' ? value : null
}

export const jsonObject = (text: string): Document | null => {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Document) : null
  } catch {
    return null
  }
}

const unreadable = (message: string): ClientError => new ClientError('answer_unreadable', message)

/** RFC 8414 §3.1, then OpenID Connect Discovery §4.1, which most servers speak. */
const addressesOf = (base: string): readonly string[] => [
  new URL(base).origin + metadataPathOf(base),
  `${withoutSlash(base)}/.well-known/openid-configuration`,
]

const readDocument = async (base: string, ask: Ask, nowMs: number): Promise<Document> => {
  const tried: string[] = []
  for (const address of addressesOf(base)) {
    const { status, headers, text } = await ask(address)
    const document = status === 200 ? jsonObject(text) : null
    if (document !== null && textOf(document, 'token_endpoint') !== null) return document
    if (status === 429 || status >= 500) {
      const retryAfterSeconds = readRetryAfter(headers['retry-after'], nowMs)
      const reason = status === 429 ? 'rate_limited' : 'server_unavailable'
      const message = `${address} answered ${status}.`
      throw new ClientError(reason, message, { retryable: true, retryAfterSeconds, status })
    }
    tried.push(`${address} (${status})`)
  }
  throw unreadable(
    `No metadata of an authorization server at ${tried.join(' nor ')}. Check issuer, or state ` +
      'tokenEndpoint.',
  )
}

interface Wanted {
  /** Where the document was found. */
  readonly base: string
  /** What it must say; null: nothing was stated. */
  readonly issuer: string | null
}

/**
 * RFC 8414 §3.3 wants the document to name the issuer that was asked. Identity domains share one
 * issuer that is no address, so a foreign name is let through where it can do no harm: secrets go
 * to the address that was configured, and assertions are meant for that address alone. Otherwise a
 * false document could have us sign for somebody else's server.
 */
const judgeIssuer = (document: Document, wanted: Wanted, endpoint: string): string => {
  const { base, issuer } = wanted
  const said = textOf(document, 'issuer') ?? base
  if (withoutSlash(said) === withoutSlash(issuer ?? base)) return said
  const isSameOrigin = issuer === null && new URL(endpoint).origin === new URL(base).origin
  if (isSameOrigin) return endpoint
  throw unreadable(
    `The metadata at ${base} is of the issuer "${said}", not "${issuer ?? base}". If that is the ` +
      `right server, state both: domainUrl: "${base}", issuer: "${said}".`,
  )
}

/** RFC 8705 §5: the door of an endpoint that asks for certificates. */
const aliasOf = (document: Document, endpoint: string): string | null => {
  const aliases = document['mtls_endpoint_aliases']
  const isObject = typeof aliases === 'object' && aliases !== null
  const alias = isObject ? textOf(aliases as Document, endpoint) : null
  return alias ?? textOf(document, `secure_${endpoint}`)
}

/** An endpoint beside the token endpoint, where this client can show what it proves itself by. */
const besideOf = (document: Document, settings: ClientSettings, name: string): string | null => {
  const alias = settings.certificate === null ? null : aliasOf(document, name)
  const url = alias ?? textOf(document, name)
  if (url !== null) confidentialUrl(url, name, settings.allowInsecureHttp)
  return url
}

const methodsOf = (document: Document): readonly string[] | null => {
  const methods = document['token_endpoint_auth_methods_supported']
  return Array.isArray(methods) ? methods.filter((each) => typeof each === 'string') : null
}

/** The server whose token endpoint was stated: nothing is asked, everything is guessed. */
const statedServer = (settings: ClientSettings, endpoint: string): Issuer => ({
  issuer: settings.target.issuer ?? new URL(endpoint).origin,
  tokenEndpoint: endpoint,
  certificateEndpoint: endpoint,
  introspectionEndpoint: null,
  revocationEndpoint: null,
  assertionAudience: settings.assertionAudience ?? settings.target.issuer ?? endpoint,
  isIdentityDomain: new URL(endpoint).pathname.endsWith('/oauth2/v1/token'),
  methods: null,
})

const wantedOf = (settings: ClientSettings, issuer: string | null): Wanted => {
  const own = settings.target.issuer
  const { domainUrl } = settings
  if (issuer !== own && issuer !== null) return { base: issuer, issuer }
  // One name for both: the document may call itself otherwise, within the bounds of judgeIssuer.
  if (domainUrl === null && own === null) {
    const message = 'Where do tokens come from? Only trustedIssuers are stated: set issuer.'
    throw new ClientError('not_configured', message)
  }
  if (domainUrl === null) return { base: own as string, issuer: null }
  return { base: domainUrl, issuer: own }
}

/**
 * Finds the token endpoint of an issuer.
 * @param issuer as in a `TokenTarget`; another than the configured one must be a trusted one
 * @throws ClientError
 */
export const findIssuer = async (
  settings: ClientSettings,
  issuer: string | null,
  ask: Ask,
  nowMs: number,
): Promise<Issuer> => {
  const isOwn = issuer === settings.target.issuer
  if (isOwn && settings.tokenEndpoint !== null)
    return statedServer(settings, settings.tokenEndpoint)
  const wanted = wantedOf(settings, issuer)
  const document = await readDocument(wanted.base, ask, nowMs)
  const tokenEndpoint = textOf(document, 'token_endpoint') as string
  const certificateEndpoint = aliasOf(document, 'token_endpoint') ?? tokenEndpoint
  for (const each of [tokenEndpoint, certificateEndpoint]) {
    confidentialUrl(each, 'The token endpoint', settings.allowInsecureHttp)
  }
  const used = settings.certificate === null ? tokenEndpoint : certificateEndpoint
  const audience = judgeIssuer(document, wanted, used)
  return {
    issuer: textOf(document, 'issuer') ?? wanted.base,
    tokenEndpoint,
    certificateEndpoint,
    introspectionEndpoint: besideOf(document, settings, 'introspection_endpoint'),
    revocationEndpoint: besideOf(document, settings, 'revocation_endpoint'),
    assertionAudience: (isOwn ? settings.assertionAudience : null) ?? audience,
    isIdentityDomain:
      textOf(document, 'secure_token_endpoint') !== null || isDomainPath(tokenEndpoint),
    methods: methodsOf(document),
  }
}

const isDomainPath = (endpoint: string): boolean =>
  new URL(endpoint).pathname.endsWith('/oauth2/v1/token')
