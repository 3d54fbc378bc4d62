/** Puts one way of validating together from a guard's options: keys, or questions. */
import { fail, ok, type Result } from '@mintmark/protocol/result'
import { readCertificateKeys } from './certificate-keys.ts'
import type { TokenRules } from './check-token.ts'
import { discoverIssuer, type IssuerMetadata } from './discover-issuer.ts'
import { createFeedAccess } from './feed-access.ts'
import { type FetchOptions, fetchDocument } from './fetch-document.ts'
import { followRevocations, type RevocationFollower } from './follow-revocations.ts'
import type { GuardOptions } from './guard-options.ts'
import { createIntrospection, type IntrospectionOptions } from './introspect-token.ts'
import { createKeySource, type KeySource, type LoadedKeys } from './key-source.ts'
import type { RevocationOptions } from './revocation-options.ts'
import { tokenProfiles } from './token-profile.ts'
import { createOfflineValidation, type ValidateToken } from './validate-offline.ts'
import { createUnrevokedValidation } from './validate-unrevoked.ts'
import { readKeySet } from './verifying-key.ts'

export interface TokenValidation {
  readonly validate: ValidateToken
  ready(): Promise<void>
  /** Absent: revocations are not followed. */
  readonly revocations?: RevocationFollower
}

type Report = (message: string) => void
type FindMetadata = () => Promise<Result<IssuerMetadata, string>>

const skewSecondsDefault = 30
const tokenCharsDefault = 16_384
const rememberedTokensDefault = 10_000
const timeoutMsDefault = 5000
const cooldownSecondsDefault = 30
const staleSecondsDefault = 86_400
const feedStaleSecondsDefault = 30
const revocationsDefault = 100_000
const metadataMsMax = 3_600_000
const metadataRetryMs = 1000

const rulesOf = (options: GuardOptions, audience: readonly string[]): TokenRules => {
  const profile = tokenProfiles[options.profile ?? 'rfc9068']
  return {
    issuer: options.issuer,
    audience,
    profile,
    rolesClaim: options.rolesClaim ?? profile.rolesClaim,
    skewSeconds: options.clockSkewSeconds ?? skewSecondsDefault,
    lifetimeSecondsMax: options.lifetimeSecondsMax ?? null,
  }
}

const fetchingOf = (options: GuardOptions): FetchOptions => ({
  fetch: options.fetch ?? ((url, init) => fetch(url, init)),
  timeoutMs: options.timeoutMs ?? timeoutMsDefault,
  allowHttp: options.allowHttp ?? false,
})

/** Ages are measured by a clock that nobody sets; tests have one clock for all. */
const steadyMsOf = ({ nowMs }: GuardOptions): (() => number) => nowMs ?? (() => performance.now())

/** Metadata, remembered for an hour, a failure for a second; callers at once share a request. */
const rememberMetadata = (options: GuardOptions, fetching: FetchOptions): FindMetadata => {
  const steadyMs = steadyMsOf(options)
  const address = { issuer: options.issuer, discoveryUrl: options.discoveryUrl ?? null }
  let last: Promise<Result<IssuerMetadata, string>> | null = null
  let untilMs = 0
  return () => {
    if (last !== null && steadyMs() < untilMs) return last
    untilMs = Number.POSITIVE_INFINITY
    last = discoverIssuer(address, fetching).then((found) => {
      untilMs = steadyMs() + (found.ok ? metadataMsMax : metadataRetryMs)
      return found
    })
    return last
  }
}

/** Credentials go to an address that was stated, or to where the metadata is from. */
const isTrustedFor = (url: string, metadata: IssuerMetadata): boolean =>
  URL.canParse(url) && new URL(url).origin === metadata.origin

const keyAddress = async (
  options: GuardOptions,
  find: FindMetadata,
): Promise<Result<{ url: string; isTrusted: boolean }, string>> => {
  if (options.jwksUri !== undefined) return ok({ url: options.jwksUri, isTrusted: true })
  const metadata = await find()
  if (!metadata.ok) return metadata
  const url = metadata.value.jwksUri
  if (url === null) return fail('the metadata of the issuer has no jwks_uri')
  return ok({ url, isTrusted: isTrustedFor(url, metadata.value) })
}

const keyLoader =
  (options: GuardOptions, fetching: FetchOptions, rules: TokenRules) =>
  (find: FindMetadata) =>
  async (): Promise<Result<LoadedKeys, string>> => {
    const { signingCertificates } = options
    if (signingCertificates !== undefined) {
      return readCertificateKeys(await signingCertificates(), (options.nowMs ?? Date.now)())
    }
    const address = await keyAddress(options, find)
    if (!address.ok) return address
    const { url, isTrusted } = address.value
    const { keySetToken } = options
    if (keySetToken !== undefined && !isTrusted) {
      return fail(
        `${url} is of another origin than the issuer; state jwksUri to send a token there`,
      )
    }
    const token = keySetToken === undefined ? null : await keySetToken()
    const headers = token === null ? {} : { authorization: `Bearer ${token}` }
    const document = await fetchDocument(url, fetching, { headers })
    if (!document.ok) return fail(document.failure.message)
    const keys = readKeySet(document.value.json, rules.profile.ignoresKeyOperations)
    if (keys === null) return fail(`${url} answered no key set`)
    return ok({ keys, maxAgeSeconds: document.value.maxAgeSeconds })
  }

const introspectionAddress = async (
  options: GuardOptions,
  find: FindMetadata,
): Promise<Result<string, string>> => {
  const stated = options.introspection?.endpoint
  if (stated !== undefined) return ok(stated)
  const metadata = await find()
  if (!metadata.ok) return metadata
  const url = metadata.value.introspectionEndpoint
  if (url === null) return fail('the metadata of the issuer has no introspection_endpoint')
  if (isTrustedFor(url, metadata.value)) return ok(url)
  return fail(`${url} is of another origin than the issuer; state introspection.endpoint`)
}

const readyKeys = async (source: KeySource, lastTrouble: () => string): Promise<void> => {
  const keys = source.current() ?? (await source.renew())
  if (keys === null) throw new Error(lastTrouble())
  if (keys.length === 0) throw new Error('The issuer publishes no key that this profile can use.')
}

/** What the ways of validating share. */
interface ValidationParts {
  readonly options: GuardOptions
  readonly rules: TokenRules
  readonly fetching: FetchOptions
  readonly find: FindMetadata
  readonly tokenCharsMax: number
  readonly nowMs: () => number
  readonly steadyMs: () => number
  readonly report: Report
}

const validateByAsking = (
  parts: ValidationParts,
  introspection: IntrospectionOptions,
): TokenValidation => {
  const endpoint = () => introspectionAddress(parts.options, parts.find)
  const ready = async () => {
    const found = await endpoint()
    if (!found.ok) throw new Error(found.failure)
  }
  return { validate: createIntrospection({ ...parts, options: introspection, endpoint }), ready }
}

const validateByKeys = (parts: ValidationParts): TokenValidation & { keys: KeySource } => {
  const { options, rules, fetching, find, tokenCharsMax, nowMs, steadyMs } = parts
  let trouble = ''
  const keys = createKeySource({
    load: keyLoader(options, fetching, rules)(find),
    steadyMs,
    cooldownMs: (options.keyCooldownSeconds ?? cooldownSecondsDefault) * 1000,
    staleMsMax: (options.keyStaleSecondsMax ?? staleSecondsDefault) * 1000,
    report: (message) => {
      trouble = message
      parts.report(message)
    },
  })
  const rememberedTokensMax = options.rememberedTokensMax ?? rememberedTokensDefault
  const offline = { rules, keys, tokenCharsMax, rememberedTokensMax, nowMs }
  const ready = () => readyKeys(keys, () => trouble)
  return { validate: createOfflineValidation(offline), ready, keys }
}

/** By keys, and what the feed tells; asking only where it is not heard. */
const validateByFeed = (
  parts: ValidationParts,
  revocations: RevocationOptions,
  introspection: IntrospectionOptions | undefined,
): TokenValidation => {
  const { fetching, find, steadyMs, rules } = parts
  const byKeys = validateByKeys(parts)
  const access = createFeedAccess({ options: revocations, introspection, fetching, find, steadyMs })
  const follower = followRevocations({
    ...parts,
    access,
    keys: byKeys.keys,
    issuer: rules.issuer,
    skewSeconds: rules.skewSeconds,
    staleMsMax: (revocations.staleSecondsMax ?? feedStaleSecondsDefault) * 1000,
    entriesMax: revocations.entriesMax ?? revocationsDefault,
  })
  const ask = introspection === undefined ? null : validateByAsking(parts, introspection).validate
  const { validate } = byKeys
  const { timeoutMs } = fetching
  const { audience } = rules
  return {
    validate: createUnrevokedValidation({ validate, follower, audience, ask, timeoutMs }),
    ready: async () => {
      await byKeys.ready()
      await follower.begun(timeoutMs)
      const { state } = follower.status()
      if (state !== 'following') throw new Error(`The revocation feed is not heard: ${state}.`)
    },
    revocations: follower,
  }
}

/** @param report told what an operator should know */
export const createValidation = (
  options: GuardOptions,
  audience: readonly string[],
  report: Report,
): TokenValidation => {
  const fetching = fetchingOf(options)
  const parts: ValidationParts = {
    options,
    rules: rulesOf(options, audience),
    fetching,
    find: rememberMetadata(options, fetching),
    tokenCharsMax: options.tokenCharsMax ?? tokenCharsDefault,
    nowMs: options.nowMs ?? Date.now,
    steadyMs: steadyMsOf(options),
    report,
  }
  const { introspection, revocations } = options
  if (revocations !== undefined) return validateByFeed(parts, revocations, introspection)
  return introspection === undefined
    ? validateByKeys(parts)
    : validateByAsking(parts, introspection)
}
