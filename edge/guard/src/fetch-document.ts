/** JSON from the issuer, with bounds: time, size, no redirects, https or this machine only. */
import { fail, ok, type Result } from '@mintmark/protocol/result'
import { isLoopbackHost } from '@mintmark/protocol/rfc6761-localhost'
import { type JsonObject, parseStrictJson } from '@mintmark/protocol/rfc8259-strict-json'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface FetchOptions {
  /** How requests are sent; the global `fetch` unless stated. */
  readonly fetch: Fetch
  readonly timeoutMs: number
  /** http:// is taken for hosts other than this machine. For closed networks only. */
  readonly allowHttp: boolean
}

export interface Document {
  readonly json: JsonObject
  /** `max-age` of the answer; null: none stated. */
  readonly maxAgeSeconds: number | null
}

/** 500 keys with their certificates. */
export const documentBytesMax = 1_048_576
const depthMax = 16

/** Why an address is not asked; null: it may be. */
export const addressFault = (url: string, allowHttp: boolean): string | null => {
  if (!URL.canParse(url)) return `'${url}' is no URL`
  const { protocol, hostname } = new URL(url)
  if (protocol === 'https:') return null
  if (protocol !== 'http:') return `${protocol} is neither https nor http`
  if (allowHttp || isLoopbackHost(hostname)) return null
  return `${url} is http; keys and credentials travel by https only (or set allowHttp)`
}

/** Reads a body up to a bound. */
const readText = async (response: Response): Promise<string | null> => {
  if (response.body === null) return ''
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
    length += piece.byteLength
    if (length > documentBytesMax) return null
    pieces.push(piece)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces))
  } catch {
    return null
  }
}

const maxAgeOf = (response: Response): number | null => {
  const digits = /(?:^|[\s,])max-age="?(\d{1,9})/i.exec(response.headers.get('cache-control') ?? '')
  return digits === null ? null : Number(digits[1])
}

/** What went wrong, in words for the operator. */
export interface FetchFault {
  /** Absent where no answer came. */
  readonly status?: number
  readonly message: string
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message
}

/**
 * Sends one request and reads one JSON object.
 * @param url asked as it is; no redirect is followed, so credentials go nowhere else
 */
export const fetchDocument = async (
  url: string,
  options: FetchOptions,
  init: RequestInit = {},
): Promise<Result<Document, FetchFault>> => {
  const fault = addressFault(url, options.allowHttp)
  if (fault !== null) return fail({ message: fault })
  try {
    const signal = AbortSignal.timeout(options.timeoutMs)
    const response = await options.fetch(url, { redirect: 'error', signal, ...init })
    if (response.status !== 200) {
      await response.body?.cancel()
      return fail({ status: response.status, message: `${url} answered ${response.status}` })
    }
    const text = await readText(response)
    if (text === null) return fail({ message: `${url} answered more than JSON may be here` })
    const parsed = parseStrictJson(text, depthMax)
    const isObject = parsed.ok && typeof parsed.value === 'object' && parsed.value !== null
    if (!isObject || Array.isArray(parsed.value)) {
      return fail({ message: `${url} answered no JSON object` })
    }
    return ok({ json: parsed.value as JsonObject, maxAgeSeconds: maxAgeOf(response) })
  } catch (error) {
    return fail({ message: `${url} could not be asked: ${reasonOf(error)}` })
  }
}
