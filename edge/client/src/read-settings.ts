import { allowedOriginsOf, confidentialUrl } from './bound-origin.ts'
import { ClientError } from './client-error.ts'
import { type EventHook, harmless } from './client-event.ts'
import type { ClientKey } from './client-key.ts'
import type { AudienceStyle, ClientOptions, Fetch, TargetOptions } from './client-options.ts'
import { type DpopSigner, makeDpopSigner } from './dpop-signer.ts'
import type { World } from './world.ts'

/** A text, or the file that holds it. */
export type TextSource = { readonly text: string } | { readonly file: string }

/** What one token is for. */
export interface TokenTarget {
  /** Where its metadata is found; null: the stated token endpoint. */
  readonly issuer: string | null
  readonly audience: string | null
  /** Sorted, each once: their order means nothing (RFC 6749 §3.3). */
  readonly scopes: readonly string[]
  readonly resource: string | null
}

/** The options after reading: complete, checked, from code and environment together. */
export interface ClientSettings {
  readonly clientId: string
  readonly secret: TextSource | null
  readonly secretIn: 'header' | 'body' | null
  readonly key: TextSource | { readonly key: Exclude<ClientKey, string> } | null
  readonly kid: string | null
  readonly alg: string | null
  readonly x5t: string | null
  readonly assertionAudience: string | null
  readonly certificate: { readonly chain: TextSource; readonly key: TextSource } | null
  readonly authority: TextSource | null
  readonly grantType: string
  /** null: bearer tokens. */
  readonly dpop: DpopSigner | null
  readonly domainUrl: string | null
  readonly tokenEndpoint: string | null
  readonly allowInsecureHttp: boolean
  readonly trustedIssuers: readonly string[]
  readonly target: TokenTarget
  readonly audienceStyle: AudienceStyle | null
  readonly allowedOrigins: ReadonlySet<string>
  readonly maxWaitMs: number
  readonly timeoutMs: number
  readonly fetch: Fetch | null
  readonly emit: EventHook
}

const refuse = (message: string): never => {
  throw new ClientError('not_configured', message)
}

/** Scopes as a list: sorted, each once. */
export const scopesOf = (scope: TargetOptions['scope']): readonly string[] => {
  const list = typeof scope === 'string' ? scope.split(' ') : (scope ?? [])
  return [...new Set(list.filter((each) => each !== ''))].sort()
}

const sourceOf = (text: string | undefined, file: string | undefined): TextSource | null => {
  if (text !== undefined && file !== undefined) refuse('Give a text or its file, not both.')
  if (text !== undefined) return { text }
  return file === undefined ? null : { file }
}

const keySourceOf = (options: ClientOptions): ClientSettings['key'] => {
  const { privateKey, privateKeyFile } = options
  if (privateKey === undefined || typeof privateKey === 'string') {
    return sourceOf(privateKey, privateKeyFile)
  }
  if (privateKeyFile !== undefined) refuse('Give privateKey or privateKeyFile, not both.')
  return { key: privateKey }
}

const certificateOf = (options: ClientOptions): ClientSettings['certificate'] => {
  const chain = sourceOf(options.certificate, options.certificateFile)
  const key = sourceOf(options.certificateKey, options.certificateKeyFile)
  if (chain === null && key === null) return null
  if (chain !== null && key !== null) return { chain, key }
  return refuse('A certificate and its key belong together: give both.')
}

/** The environment speaks where the code is silent; about credentials, all of it or nothing. */
const withEnvironment = (options: ClientOptions, world: World): ClientOptions => {
  const read = (name: string): string | undefined => world.environment[name] || undefined
  const said = (members: Readonly<Record<string, string | undefined>>): object =>
    Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
  const { clientSecret, clientSecretFile, privateKey, privateKeyFile } = options
  const stated = [clientSecret, clientSecretFile, privateKey, privateKeyFile]
  stated.push(options.certificate, options.certificateFile)
  const credentials = stated.some((each) => each !== undefined)
    ? {}
    : {
        clientSecret: read('MINTMARK_CLIENT_SECRET'),
        clientSecretFile: read('MINTMARK_CLIENT_SECRET_FILE'),
        privateKeyFile: read('MINTMARK_PRIVATE_KEY_FILE'),
        kid: read('MINTMARK_KEY_ID'),
        certificateFile: read('MINTMARK_CERTIFICATE_FILE'),
        certificateKeyFile: read('MINTMARK_CERTIFICATE_KEY_FILE'),
      }
  const where =
    (options.issuer ?? options.tokenEndpoint ?? options.domainUrl)
      ? {}
      : {
          issuer: read('MINTMARK_ISSUER'),
          domainUrl: read('MINTMARK_DOMAIN_URL'),
          tokenEndpoint: read('MINTMARK_TOKEN_ENDPOINT'),
        }
  const others = {
    clientId: read('MINTMARK_CLIENT_ID'),
    authorityFile: options.authority === undefined ? read('MINTMARK_AUTHORITY_FILE') : undefined,
    audience: read('MINTMARK_AUDIENCE'),
    scope: read('MINTMARK_SCOPE'),
    resource: read('MINTMARK_RESOURCE'),
  }
  return { ...said({ ...where, ...credentials, ...others }), ...definedOnly(options) }
}

/** A member that is there and undefined says as little as one that is not there. */
const definedOnly = (options: ClientOptions): ClientOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

const checkWhere = (options: ClientOptions): void => {
  const { issuer, domainUrl, tokenEndpoint, trustedIssuers } = options
  const insecure = options.allowInsecureHttp ?? false
  if (issuer !== undefined && domainUrl === undefined) confidentialUrl(issuer, 'issuer', insecure)
  if (domainUrl !== undefined) confidentialUrl(domainUrl, 'domainUrl', insecure)
  if (tokenEndpoint !== undefined) confidentialUrl(tokenEndpoint, 'tokenEndpoint', insecure)
  for (const each of trustedIssuers ?? []) confidentialUrl(each, 'trustedIssuers', insecure)
  if ((issuer ?? domainUrl ?? tokenEndpoint) !== undefined || trustedIssuers?.length) return
  refuse('Where do tokens come from? Set issuer, or MINTMARK_ISSUER.')
}

const milliseconds = (seconds: number, name: string): number =>
  Number.isFinite(seconds) && seconds >= 0 && seconds <= 3600
    ? seconds * 1000
    : refuse(`${name} is a number of seconds from 0 to 3600, not ${seconds}.`)

/**
 * Reads and checks the options.
 * @throws ClientError `not_configured`, saying what is missing and how it is called
 */
export const readSettings = (stated: ClientOptions, world: World): ClientSettings => {
  const options = withEnvironment(stated, world)
  checkWhere(options)
  const secret = sourceOf(options.clientSecret, options.clientSecretFile)
  const key = keySourceOf(options)
  const certificate = certificateOf(options)
  const clientId = options.clientId ?? refuse('Set clientId, or MINTMARK_CLIENT_ID.')
  if (secret === null && key === null && certificate === null) {
    refuse(
      'How does the client prove who it is? Set clientSecret, clientSecretFile, privateKey, ' +
        'privateKeyFile or certificate, or MINTMARK_CLIENT_SECRET or …_FILE.',
    )
  }
  if (secret !== null && key !== null) refuse('Give a secret or a private key, not both.')
  const allowInsecureHttp = options.allowInsecureHttp ?? false
  const audience = options.audience ?? null
  const resource = options.resource ?? null
  return {
    clientId,
    secret,
    secretIn: options.secretIn ?? null,
    key,
    kid: options.kid ?? null,
    alg: options.alg ?? null,
    x5t: options.x5t ?? null,
    assertionAudience: options.assertionAudience ?? null,
    certificate,
    authority: sourceOf(options.authority, options.authorityFile),
    dpop: options.dpop ? makeDpopSigner(options.dpop) : null,
    grantType: options.grantType ?? 'client_credentials',
    domainUrl: options.domainUrl ?? null,
    tokenEndpoint: options.tokenEndpoint ?? null,
    allowInsecureHttp,
    trustedIssuers: options.trustedIssuers ?? [],
    target: { issuer: options.issuer ?? null, audience, scopes: scopesOf(options.scope), resource },
    audienceStyle: options.audienceStyle ?? null,
    allowedOrigins: allowedOriginsOf(
      options.allowedOrigins,
      [audience, resource],
      allowInsecureHttp,
    ),
    maxWaitMs: milliseconds(options.maxWaitSeconds ?? 10, 'maxWaitSeconds'),
    timeoutMs: milliseconds(options.timeoutSeconds ?? 10, 'timeoutSeconds'),
    fetch: options.fetch ?? null,
    emit: harmless(options.onEvent),
  }
}
