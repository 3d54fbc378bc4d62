/** One POST of JSON to where the operator wants to be told, without being led elsewhere. */
import type { LookupAddress } from 'node:dns'
import { addressesOf, hostOf, inTime, pinnedLookup } from '../proof/fetch-key-set.ts'
import { reachOf } from '../proof/public-address.ts'

// Imported as modules they would load every lazy part of theirs: 18 ms a start.
const { request: httpRequest } = process.getBuiltinModule('node:http')
const { request: httpsRequest } = process.getBuiltinModule('node:https')

export interface NoticeLimits {
  readonly resolve: (hostname: string) => Promise<readonly LookupAddress[]>
  /** From the question for the address to the head of the answer. */
  readonly totalTimeoutMs: number
  /** Waits between the attempts, in milliseconds: one attempt more than there are waits. */
  readonly retryAfterMs: readonly number[]
}

export const defaultNoticeLimits = async (): Promise<NoticeLimits> => {
  const { lookup } = await import('node:dns/promises')
  return {
    resolve: (hostname) => lookup(hostname, { all: true }),
    totalTimeoutMs: 5000,
    retryAfterMs: [1000, 5000],
  }
}

/**
 * Link-local addresses, where clouds keep credentials, are never reached. Others of our own network
 * are, over https: the operator chose the address, no client did. Plain http goes to loopback only.
 */
const isAllowed = (url: URL, address: string): boolean => {
  const reach = reachOf(address)
  return url.protocol === 'http:' ? reach === 'loopback' : reach !== 'never'
}

/**
 * Sends a notice; redirects are not followed, the answer is not read.
 * @param uri from the configuration
 * @returns null when it was taken (any 2xx), else why not; never the URL, which may hold a secret
 */
export const postNotice = async (
  uri: string,
  body: Readonly<Record<string, unknown>>,
  limits: NoticeLimits,
): Promise<string | null> => {
  let fault: string | null = null
  for (const waitMs of [0, ...limits.retryAfterMs]) {
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs).unref())
    fault = await postText(uri, { type: 'application/json', text: JSON.stringify(body) }, limits)
    if (fault === null) return null
  }
  return fault
}

export interface PostedText {
  /** `Content-Type`. */
  readonly type: string
  readonly text: string
  /** Ends the attempt before its time is over. */
  readonly signal?: AbortSignal
}

/** One attempt of `postNotice`, of any text. */
export const postText = async (
  uri: string,
  posted: PostedText,
  limits: Pick<NoticeLimits, 'resolve' | 'totalTimeoutMs'>,
): Promise<string | null> => {
  const url = new URL(uri)
  const controller = new AbortController()
  const end = () => controller.abort()
  const timer = setTimeout(end, limits.totalTimeoutMs)
  posted.signal?.addEventListener('abort', end, { once: true })
  try {
    const addresses = await inTime(addressesOf(url, limits), controller.signal)
    if (addresses.length === 0) return 'its host has no address'
    if (!addresses.every(({ address }) => isAllowed(url, address))) {
      return 'its host leads to an address that notices are not sent to'
    }
    const status = await send(url, posted, addresses, controller.signal)
    return status >= 200 && status < 300 ? null : `it answered ${status}`
  } catch (error) {
    return controller.signal.aborted ? 'it did not answer in time' : codeOf(error)
  } finally {
    clearTimeout(timer)
    posted.signal?.removeEventListener('abort', end)
    controller.abort()
  }
}

/** A code such as ECONNREFUSED; messages would name the host. */
const codeOf = (error: unknown): string => {
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' ? code : 'it cannot be reached'
}

const send = (
  url: URL,
  { type, text }: PostedText,
  addresses: readonly LookupAddress[],
  signal: AbortSignal,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const start = url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = start({
      protocol: url.protocol,
      method: 'POST',
      host: hostOf(url),
      port: url.port === '' ? null : Number(url.port),
      path: `${url.pathname}${url.search}`,
      headers: { 'content-type': type, 'content-length': Buffer.byteLength(text) },
      agent: false,
      lookup: pinnedLookup(addresses),
      maxHeaderSize: 16_384,
      rejectUnauthorized: true, // also where the environment says otherwise
      signal,
    })
    request.on('response', (response) => {
      response.destroy()
      resolve(response.statusCode ?? 0)
    })
    request.on('error', reject)
    request.end(text)
  })
