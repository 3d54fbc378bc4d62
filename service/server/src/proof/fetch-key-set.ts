/** One look at a client's key set behind a URL, without being led into our own network by it. */
import type { LookupAddress } from 'node:dns'
import type { IncomingMessage } from 'node:http'
import { isIP, type LookupFunction } from 'node:net'
import { fail, ok, type Result } from '@mintmark/protocol/result'
import { readRegisteredKeys } from '@mintmark/protocol/rfc7517-registered-key'
import { parseStrictJson } from '@mintmark/protocol/rfc8259-strict-json'
import type { PublicJwk } from '@mintmark/registry/application'
import { reachOf } from './public-address.ts'

// Imported as modules they would load every lazy part of theirs: 18 ms a start.
const { request: httpRequest } = process.getBuiltinModule('node:http')
const { request: httpsRequest } = process.getBuiltinModule('node:https')

/**
 * `unreachable`: there was no answer. `refused`: the URL, its address or its answer is not taken.
 */
export type KeySetFailure = 'unreachable' | 'refused'

export type ResolveHost = (hostname: string) => Promise<readonly LookupAddress[]>

export interface KeySetLimits {
  /** Also lets plain http through to loopback addresses. */
  readonly allowPrivateAddresses: boolean
  /** Asked once for each fetch; the connection is made to what it says and to nothing else. */
  readonly resolve: ResolveHost
  /** From the question for the address to the last byte of the body. */
  readonly totalTimeoutMs: number
  readonly bytesMax: number
}

const keysMax = 100
const depthMax = 8
const addressesMax = 4
const headerBytesMax = 16_384

/**
 * Fetches a JWK Set (RFC 7517 §5).
 * @param uri registered by the client, hence not to be trusted
 * @returns its usable public keys; keys of other kinds are passed over (RFC 7517 §5)
 */
export const fetchKeySet = async (
  uri: string,
  limits: KeySetLimits,
): Promise<Result<readonly PublicJwk[], KeySetFailure>> => {
  const url = URL.parse(uri)
  if (url === null || !isFetchable(url, limits)) return fail('refused')
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), limits.totalTimeoutMs)
  try {
    const addresses = await inTime(addressesOf(url, limits), controller.signal)
    if (addresses.length === 0) return fail('unreachable')
    if (!addresses.every(({ address }) => isAllowed(address, url, limits))) return fail('refused')
    const body = await readBody(await ask(url, addresses, controller.signal), limits.bytesMax)
    return body.ok ? readKeySet(body.value) : body
  } catch {
    return fail('unreachable') // the resolver, the connection, TLS or the time limit
  } finally {
    clearTimeout(timer)
    controller.abort() // whatever is still open of the connection
  }
}

const isFetchable = (url: URL, limits: KeySetLimits): boolean =>
  url.username === '' &&
  url.password === '' &&
  (url.protocol === 'https:' || (url.protocol === 'http:' && limits.allowPrivateAddresses))

/** Without the brackets of an IPv6 address. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')

/** `URL` has already made one form of the many spellings of an address (0x7f.1, 2130706433). */
export const addressesOf = async (
  url: URL,
  limits: Pick<KeySetLimits, 'resolve'>,
): Promise<readonly LookupAddress[]> => {
  const host = hostOf(url)
  const family = isIP(host)
  return family === 0 ? limits.resolve(host) : [{ address: host, family }]
}

const isAllowed = (address: string, url: URL, limits: KeySetLimits): boolean => {
  const reach = reachOf(address)
  if (url.protocol === 'http:') return reach === 'loopback'
  return reach === 'public' || (limits.allowPrivateAddresses && reach !== 'never')
}

/** The work, or a rejection when the signal says that it takes too long. */
export const inTime = <Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> => {
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  return Promise.race([work, late])
}

/** Answers with the addresses that were judged: a second question could get another answer. */
export const pinnedLookup = (addresses: readonly LookupAddress[]): LookupFunction => {
  const pinned = addresses
    .slice(0, addressesMax)
    .map(({ address }) => ({ address, family: isIP(address) }))
  return (_hostname, { all }, callback) => {
    if (all === true) callback(null, pinned)
    else callback(null, pinned[0]?.address ?? '', pinned[0]?.family)
  }
}

/**
 * Redirects are not followed, no proxy and no shared connection is used, no encoding is offered.
 */
const ask = (
  url: URL,
  addresses: readonly LookupAddress[],
  signal: AbortSignal,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = send({
      protocol: url.protocol,
      host: hostOf(url),
      port: url.port === '' ? null : Number(url.port),
      path: `${url.pathname}${url.search}`,
      headers: { accept: 'application/jwk-set+json, application/json' },
      agent: false,
      lookup: pinnedLookup(addresses),
      maxHeaderSize: headerBytesMax,
      rejectUnauthorized: true, // also where the environment says otherwise
      signal,
    })
    request.on('response', resolve)
    request.on('error', reject)
    request.on('close', () => reject(new Error('closed without an answer')))
    request.end()
  })

const failureOfStatus = (status: number): KeySetFailure =>
  status >= 500 || status === 429 || status === 408 ? 'unreachable' : 'refused'

const readBody = async (
  response: IncomingMessage,
  bytesMax: number,
): Promise<Result<string, KeySetFailure>> => {
  const { statusCode = 0, headers } = response
  if (statusCode !== 200) return fail(failureOfStatus(statusCode))
  // None was offered (RFC 9110 §12.5.3), and a small body could unpack to a large one.
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return fail('refused')
  if (Number(headers['content-length'] ?? 0) > bytesMax) return fail('refused')
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytesMax) return fail('refused')
    chunks.push(chunk)
  }
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)))
  } catch {
    return fail('refused')
  }
}

const readKeySet = (text: string): Result<readonly PublicJwk[], KeySetFailure> => {
  const json = parseStrictJson(text, depthMax)
  if (!json.ok || typeof json.value !== 'object' || json.value === null) return fail('refused')
  const keys = 'keys' in json.value ? json.value['keys'] : undefined
  if (!Array.isArray(keys) || keys.length > keysMax) return fail('refused')
  return ok(Object.freeze(keys.flatMap(readKey)))
}

/**
 * One by one, as a key that would not be registered does not spoil the others, and as two keys may
 * share a `kid` when their `alg` tells them apart (RFC 7517 §4.5).
 */
const readKey = (value: unknown): readonly PublicJwk[] => {
  const read = readRegisteredKeys([value])
  return read.ok ? read.value.map((key) => Object.freeze(key)) : []
}
