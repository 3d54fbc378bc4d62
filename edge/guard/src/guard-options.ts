/** What a guard is made of; only issuer and audience have no default. */
import type { JsonObject } from '@mintmark/protocol/rfc8259-strict-json'
import { addressFault, type Fetch } from './fetch-document.ts'
import type { GuardReason } from './guard-refusal.ts'
import type { GuardRequest } from './guard-request.ts'
import type { IntrospectionOptions } from './introspect-token.ts'
import type { AccountOptions } from './local-account.ts'
import type { RevocationOptions } from './revocation-options.ts'
import {
  type CertificateOptions,
  checkCertificateOptions,
  checkDpopOptions,
  type DpopOptions,
} from './sender-options.ts'
import type { TokenProfileName } from './token-profile.ts'

/** What a guard tells its operator; no token is ever in it. */
export type GuardEvent =
  | { readonly kind: 'trouble'; readonly message: string }
  | {
      readonly kind: 'refused'
      readonly reason: GuardReason
      readonly detail: string
      readonly requestId: string
    }

export interface GuardOptions {
  /** What tokens say in `iss`, letter by letter. */
  readonly issuer: string
  /** The name of this API in `aud`; several where it has several. */
  readonly audience: string | readonly string[]
  /** Kind of tokens; `rfc9068` unless stated. */
  readonly profile?: TokenProfileName
  /** Where the issuer's metadata lies, if its name does not say so (Oracle domains). */
  readonly discoveryUrl?: string
  /** Where the keys lie; found by discovery unless stated. */
  readonly jwksUri?: string
  /** A token for a key set that is not public. Sent to the issuer's own origin, or to `jwksUri`. */
  readonly keySetToken?: () => string | Promise<string>
  /**
   * Certificates whose keys sign tokens, as PEM or base64 DER, in place of a key set: for an API
   * that was given the issuer's certificate by hand. Called again as a key set is fetched again.
   */
  readonly signingCertificates?: () => readonly string[] | Promise<readonly string[]>
  /** Seconds that clocks may differ: 0 to 60, 30 unless stated. */
  readonly clockSkewSeconds?: number
  /** Longest accepted life of a token. Any unless stated. */
  readonly lifetimeSecondsMax?: number
  /** Longest token that is read, in characters: 16384 unless stated. */
  readonly tokenCharsMax?: number
  /** How many checked tokens are remembered: 10000 unless stated; 0 checks each signature anew. */
  readonly rememberedTokensMax?: number
  /** Claim that lists app roles. The profile's own unless stated. */
  readonly rolesClaim?: string
  /** Asks the issuer about each token instead of checking its signature. */
  readonly introspection?: IntrospectionOptions
  /**
   * Checks signatures, and follows what the issuer revokes as it happens. With `introspection` too,
   * the issuer is asked about tokens only while the feed is not heard.
   */
  readonly revocations?: RevocationOptions
  /** Finds the account of this API that a client runs as. */
  readonly accounts?: AccountOptions
  /** Takes tokens that are bound to a key, from whoever proves to hold it (RFC 9449). */
  readonly dpop?: DpopOptions
  /** Where the certificate of a caller is that its token is bound to (RFC 8705). */
  readonly certificates?: CertificateOptions
  /**
   * Decides itself whether the sender holds what `cnf` names, in place of the two options above.
   * Nothing that belongs to a key is accepted from whoever merely has it.
   */
  readonly proveSender?: (
    confirmation: JsonObject,
    request: GuardRequest,
  ) => boolean | Promise<boolean>
  /** URL of this API for RFC 9728; the first audience that is a URL unless stated. */
  readonly resource?: string
  /** Scopes to list in that metadata. */
  readonly scopes?: readonly string[]
  /** Name in challenges: `api` unless stated. */
  readonly realm?: string
  /** Prefix of `type` in problem documents: `urn:mintmark:problem:` unless stated. */
  readonly problemBase?: string
  /** Milliseconds to wait for the issuer: 5000 unless stated. */
  readonly timeoutMs?: number
  /** Least seconds between two requests for keys: 30 unless stated. */
  readonly keyCooldownSeconds?: number
  /** Seconds after which keys that could not be renewed are no longer believed: 86400. */
  readonly keyStaleSecondsMax?: number
  readonly allowHttp?: boolean
  readonly fetch?: Fetch
  readonly onEvent?: (event: GuardEvent) => void
  /** Milliseconds since 1970; for tests. */
  readonly nowMs?: () => number
}

/** Every option: what is spelt otherwise would be passed over, and with it what it protects. */
const known: Readonly<Record<keyof GuardOptions, true>> = {
  issuer: true,
  audience: true,
  profile: true,
  discoveryUrl: true,
  jwksUri: true,
  keySetToken: true,
  signingCertificates: true,
  clockSkewSeconds: true,
  lifetimeSecondsMax: true,
  tokenCharsMax: true,
  rememberedTokensMax: true,
  rolesClaim: true,
  introspection: true,
  revocations: true,
  accounts: true,
  dpop: true,
  certificates: true,
  proveSender: true,
  resource: true,
  scopes: true,
  realm: true,
  problemBase: true,
  timeoutMs: true,
  keyCooldownSeconds: true,
  keyStaleSecondsMax: true,
  allowHttp: true,
  fetch: true,
  onEvent: true,
  nowMs: true,
}

const skewSecondsMax = 60

const refuse = (what: string): never => {
  throw new TypeError(`guard(): ${what}`)
}

const checkAddress = (name: string, url: string | undefined, allowHttp: boolean): void => {
  if (url === undefined) return
  const fault = addressFault(url, allowHttp)
  if (fault !== null) refuse(`${name}: ${fault}.`)
}

const checkNumber = (name: string, value: number | undefined, max: number): void => {
  if (value === undefined || (Number.isFinite(value) && value >= 0 && value <= max)) return
  refuse(`${name} must be a number from 0 to ${max}.`)
}

const checkRevocations = (options: GuardOptions, allowHttp: boolean): void => {
  const { revocations, introspection } = options
  if (revocations === undefined) return
  if (options.signingCertificates !== undefined) {
    refuse('revocations are signed by keys of the key set; signingCertificates do not know them.')
  }
  const { clientId, clientSecret } = { ...introspection, ...revocations }
  if (revocations.token === undefined && !(clientId && clientSecret)) {
    refuse('revocations needs clientId and clientSecret of this API, or a token.')
  }
  checkAddress('revocations.endpoint', revocations.endpoint, allowHttp)
  checkAddress('revocations.tokenEndpoint', revocations.tokenEndpoint, allowHttp)
  checkNumber('revocations.entriesMax', revocations.entriesMax, 10_000_000)
  const { staleSecondsMax = 30 } = revocations
  if (!(staleSecondsMax >= 2 && staleSecondsMax <= 3600)) {
    refuse('revocations.staleSecondsMax must be a number from 2 to 3600.')
  }
}

/**
 * The audience as a list. Everything here is checked when the program starts: a guard that trusts
 * any issuer or any audience cannot be made.
 * @throws TypeError naming the option and what it must be
 */
export const checkOptions = (options: GuardOptions): readonly string[] => {
  const { issuer, audience, allowHttp = false } = options ?? refuse('options are missing.')
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name))
  if (unknown !== undefined) refuse(`there is no option '${unknown}'.`)
  if (typeof issuer !== 'string' || issuer === '') {
    refuse("issuer is missing. Give the text that your tokens have in 'iss'.")
  }
  const names = typeof audience === 'string' ? [audience] : (audience ?? [])
  if (names.length === 0 || names.some((each) => typeof each !== 'string' || each === '')) {
    refuse("audience is missing. Give the name of this API, as your tokens have it in 'aud'.")
  }
  if (options.profile !== undefined && !['rfc9068', 'identity-domain'].includes(options.profile)) {
    refuse("profile is 'rfc9068' or 'identity-domain'.")
  }
  const { discoveryUrl, introspection, revocations, signingCertificates } = options
  if (signingCertificates !== undefined && (introspection ?? options.jwksUri) !== undefined) {
    refuse('signingCertificates stand in place of jwksUri and of introspection.')
  }
  const isAsking = introspection !== undefined && revocations === undefined
  const stated = discoveryUrl ?? (isAsking ? introspection.endpoint : options.jwksUri)
  const needsDiscovery = stated === undefined && signingCertificates === undefined
  checkRevocations(options, allowHttp)
  checkAddress('issuer', needsDiscovery ? issuer : undefined, allowHttp)
  checkAddress('discoveryUrl', options.discoveryUrl, allowHttp)
  checkAddress('jwksUri', options.jwksUri, allowHttp)
  checkAddress('introspection.endpoint', options.introspection?.endpoint, allowHttp)
  checkDpopOptions(options.dpop)
  checkCertificateOptions(options.certificates)
  checkNumber('clockSkewSeconds', options.clockSkewSeconds, skewSecondsMax)
  checkNumber('lifetimeSecondsMax', options.lifetimeSecondsMax, Number.MAX_SAFE_INTEGER)
  checkNumber('tokenCharsMax', options.tokenCharsMax, 131_072)
  checkNumber('rememberedTokensMax', options.rememberedTokensMax, 10_000_000)
  checkNumber('timeoutMs', options.timeoutMs, 60_000)
  checkNumber('keyCooldownSeconds', options.keyCooldownSeconds, 3600)
  checkNumber('keyStaleSecondsMax', options.keyStaleSecondsMax, 31_536_000)
  checkNumber('introspection.maxAgeSeconds', options.introspection?.maxAgeSeconds, 3600)
  return names
}
