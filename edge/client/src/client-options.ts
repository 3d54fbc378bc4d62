import type { EventHook } from './client-event.ts'
import type { ClientKey } from './client-key.ts'

/**
 * How the audience travels. `scope`: joined with each scope, as identity domains want it.
 * `audience`: a parameter of that name. `resource`: RFC 8707.
 */
export type AudienceStyle = 'scope' | 'audience' | 'resource'

/** The `fetch` that requests to APIs go through. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Where tokens come from. */
export interface IssuerOptions {
  /**
   * The issuer, which is also where its metadata is found (RFC 8414, else OpenID Connect
   * Discovery). `MINTMARK_ISSUER`.
   */
  readonly issuer?: string
  /** Where the metadata is found when that is not the issuer. `MINTMARK_DOMAIN_URL`. */
  readonly domainUrl?: string
  /** Asks nothing beforehand and sends token requests here. `MINTMARK_TOKEN_ENDPOINT`. */
  readonly tokenEndpoint?: string
  /** Other issuers that an API may name (RFC 9728); they get the same credentials. */
  readonly trustedIssuers?: readonly string[]
  /** PEM of the authorities to believe instead of the usual ones. */
  readonly authority?: string
  /** `MINTMARK_AUTHORITY_FILE` */
  readonly authorityFile?: string
  /** Plain http to other machines. Secrets and tokens can then be read on the way. */
  readonly allowInsecureHttp?: boolean
}

/** How the client proves who it is. What is stated here turns off the environment's credentials. */
export interface CredentialOptions {
  /** `MINTMARK_CLIENT_ID` */
  readonly clientId?: string
  /** `MINTMARK_CLIENT_SECRET` */
  readonly clientSecret?: string
  /** Read again whenever the server refuses it. `MINTMARK_CLIENT_SECRET_FILE`. */
  readonly clientSecretFile?: string
  /** `client_secret_basic` unless the server's metadata offers only the body. */
  readonly secretIn?: 'header' | 'body'
  /** Signs assertions (RFC 7523): PEM, JWK or CryptoKey. */
  readonly privateKey?: ClientKey
  /** PEM. `MINTMARK_PRIVATE_KEY_FILE`. */
  readonly privateKeyFile?: string
  /** Names the key to the server. `MINTMARK_KEY_ID`. */
  readonly kid?: string
  /** `RS256`, `ES256`, `PS256`…; without it, what fits the key. */
  readonly alg?: string
  /** SHA-1 thumbprint of the certificate, base64url, for servers that look keys up by it. */
  readonly x5t?: string
  /** `aud` of assertions; without it the issuer. */
  readonly assertionAudience?: string
  /** Certificate chain for mutual TLS, PEM. */
  readonly certificate?: string
  readonly certificateKey?: string
  /** `MINTMARK_CERTIFICATE_FILE` */
  readonly certificateFile?: string
  /** `MINTMARK_CERTIFICATE_KEY_FILE` */
  readonly certificateKeyFile?: string
  /**
   * Binds tokens to a key, so that nobody else can use them (RFC 9449). True: to one that is made
   * now and never leaves this process. Or a private key of your own: P-256, Ed25519 or RSA.
   */
  readonly dpop?: boolean | ClientKey
  /** `client_credentials`; some domains want `tls_client_auth` with certificates. */
  readonly grantType?: string
}

/** What is asked for. */
export interface TargetOptions {
  /** The API's identifier. `MINTMARK_AUDIENCE`. */
  readonly audience?: string
  /** Scopes, as a list or separated by spaces. `MINTMARK_SCOPE`. */
  readonly scope?: string | readonly string[]
  /** RFC 8707. `MINTMARK_RESOURCE`. */
  readonly resource?: string
}

export interface ClientOptions extends IssuerOptions, CredentialOptions, TargetOptions {
  /** Without it, what the server's metadata suggests. */
  readonly audienceStyle?: AudienceStyle
  /**
   * Origins that `fetch` adds tokens for. Without it, the origin of `audience` or `resource` where
   * that is a URL.
   */
  readonly allowedOrigins?: readonly string[]
  /** Longest time that one call waits for retries; 10. */
  readonly maxWaitSeconds?: number
  /** Longest time for one request for a token; 10. */
  readonly timeoutSeconds?: number
  readonly fetch?: Fetch
  readonly onEvent?: EventHook
}
