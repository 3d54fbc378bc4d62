import type { AccessToken } from './access-token.ts'
import { type ApiRequest, readApiRequest, redirected, sendOnce } from './api-request.ts'
import { ClientError } from './client-error.ts'
import type { Fetch } from './client-options.ts'
import { jsonObject } from './find-issuer.ts'
import type { ClientSettings, TokenTarget } from './read-settings.ts'
import { tokenChallenge } from './rfc9110-challenge.ts'
import {
  covers,
  metadataAddress,
  type ResourceQuestion,
  readProtectedResource,
} from './rfc9728-protected-resource.ts'
import type { TokenKeeper } from './token-keeper.ts'
import type { World } from './world.ts'

const redirectsMax = 10
const metadataBytesMax = 65_536
const metadataTimeoutMs = 10_000
/** An API that refuses a brand-new token will refuse the next one too. */
const refusalHoldMs = 30_000
const resourcesMax = 100

/** Everything that requests to APIs share. */
export interface ApiDoor {
  readonly settings: ClientSettings
  readonly keeper: TokenKeeper
  readonly world: World
  /** Requests that get a token. */
  readonly send: Fetch
  /** Requests that do not. */
  readonly sendPlain: Fetch
  /** What APIs said about where their tokens come from, by origin and path of the resource. */
  readonly resources: Map<string, TokenTarget>
  /** Until when a target's new tokens are not worth another request. */
  readonly refused: Map<string, number>
}

/** A target was stated, so there is something to send before an API asks for it. */
const hasTarget = ({ settings }: ApiDoor): boolean => {
  const { target, domainUrl, tokenEndpoint } = settings
  return (target.issuer ?? domainUrl ?? tokenEndpoint) !== null
}

/** Of the resources that cover a URL, the nearest says. */
const targetOf = (door: ApiDoor, url: URL): TokenTarget | null => {
  const [nearest] = [...door.resources.keys()]
    .filter((resource) => covers(resource, url))
    .toSorted((a, b) => b.length - a.length)
  const found = nearest === undefined ? null : (door.resources.get(nearest) ?? null)
  return found ?? (hasTarget(door) ? door.settings.target : null)
}

interface Sent {
  readonly response: Response
  readonly target: TokenTarget | null
  readonly token: AccessToken | null
}

const signalOf = ({ init }: ApiRequest): AbortSignal | undefined => init.signal ?? undefined

/** The one place where a token meets a request. */
const send = async (door: ApiDoor, request: ApiRequest): Promise<Sent> => {
  const isAllowed = door.settings.allowedOrigins.has(request.url.origin)
  if (!isAllowed) {
    door.settings.emit({ type: 'token_withheld', origin: request.url.origin })
    return { response: await sendOnce(door.sendPlain, request, null), target: null, token: null }
  }
  const target = targetOf(door, request.url)
  const token = target && (await door.keeper.get(target, signalOf(request)))
  const shown = token && { ...token, proof: proofOf(door, request, token) }
  const response = await sendOnce(door.send, request, shown)
  door.settings.dpop?.noteNonce(request.url, response.headers.get('dpop-nonce'))
  return { response, target, token }
}

const proofOf = (door: ApiDoor, { method, url }: ApiRequest, token: AccessToken): string | null => {
  const nowMs = door.world.nowMs()
  return door.settings.dpop?.proof({ method, url, token: token.value, nowMs }) ?? null
}

const wantsNonce = ({ response, token }: Sent): boolean =>
  response.status === 401 &&
  token?.type === 'DPoP' &&
  response.headers.has('dpop-nonce') &&
  errorOf(response) === 'use_dpop_nonce'

/** RFC 9449 §9: an API may want a nonce of its own, which it tells when it refuses. */
const sendWithNonce = async (door: ApiDoor, request: ApiRequest): Promise<Sent> => {
  const sent = await send(door, request)
  if (!request.isReplayable || !wantsNonce(sent)) return sent
  await discard(sent.response)
  return send(door, request)
}

const errorOf = ({ headers }: Response): string | undefined =>
  tokenChallenge(headers.get('www-authenticate'))?.parameters.get('error')

const discard = async (response: Response): Promise<void> => {
  await response.body?.cancel().catch(() => {})
}

/** The beginning of a body: what is longer is no metadata, and no JSON either once it is cut. */
const readBounded = async (response: Response): Promise<string> => {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of response.body ?? []) {
    pieces.push(piece)
    bytes += piece.length
    if (bytes > metadataBytesMax) return ''
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** RFC 9728 §5.1: the challenge says where the API's metadata is, that says who issues for it. */
const discoverTarget = async (
  door: ApiDoor,
  request: ApiRequest,
  field: string | null,
): Promise<TokenTarget | null> => {
  const challenge = tokenChallenge(field)
  const { trustedIssuers, target } = door.settings
  if (challenge === null || trustedIssuers.length === 0) return null
  const question: ResourceQuestion = {
    url: request.url,
    challenge,
    trustedIssuers: [...trustedIssuers, ...(target.issuer === null ? [] : [target.issuer])],
    scopes: target.scopes,
  }
  const address = metadataAddress(question)
  if (address === null) return null
  const signal = AbortSignal.timeout(metadataTimeoutMs)
  const response = await door.send(address.href, {
    headers: { accept: 'application/json' },
    redirect: 'manual',
    signal,
  })
  if (response.status !== 200) await discard(response)
  const document = response.status === 200 ? jsonObject(await readBounded(response)) : null
  const found = document && readProtectedResource(document, question)
  if (found?.resource != null && door.resources.size < resourcesMax) {
    door.resources.set(found.resource, found)
  }
  return found ?? null
}

const nameOf = (target: TokenTarget): string => JSON.stringify(target)

/** Whether a refused request is worth one more try, with what is remembered by then. */
const canRepeat = async (door: ApiDoor, request: ApiRequest, sent: Sent): Promise<boolean> => {
  const { response, target, token } = sent
  if (response.status !== 401 || !request.isReplayable) return false
  if (!door.settings.allowedOrigins.has(request.url.origin)) return false
  const field = response.headers.get('www-authenticate')
  const heldUntil = (target && door.refused.get(nameOf(target))) ?? 0
  if (door.world.monotonicMs() < heldUntil) return false
  // The API's own 401 says more than a metadata document that cannot be had.
  const found = await discoverTarget(door, request, field).catch(() => null)
  if (found !== null && (target === null || nameOf(found) !== nameOf(target))) return true
  if (target === null || token === null || errorOf(response) !== 'invalid_token') return false
  door.keeper.drop(target, token.value)
  return true
}

const sendTwice = async (door: ApiDoor, request: ApiRequest): Promise<Sent> => {
  const first = await sendWithNonce(door, request)
  if (!(await canRepeat(door, request, first))) return first
  await discard(first.response)
  door.settings.emit({ type: 'request_repeated', origin: request.url.origin })
  const second = await sendWithNonce(door, request)
  if (second.response.status === 401 && second.target !== null) {
    door.refused.set(nameOf(second.target), door.world.monotonicMs() + refusalHoldMs)
  }
  return second
}

/**
 * `fetch` with a token: for the allowed origins only, on every hop. Redirects are followed here,
 * one by one, so that each next address is judged like the first.
 */
export const authorizedFetch = async (
  door: ApiDoor,
  input: string | URL | Request,
  init?: RequestInit,
): Promise<Response> => {
  if (door.settings.allowedOrigins.size === 0) {
    throw new ClientError(
      'not_configured',
      'Which origins may see the token? The audience is no URL that says it: set allowedOrigins.',
    )
  }
  let request = readApiRequest(input, init)
  for (let redirects = 0; redirects <= redirectsMax; redirects += 1) {
    const { response } = await sendTwice(door, request)
    const next = redirected(request, response)
    if (next === null) {
      if (redirects > 0) Object.defineProperty(response, 'redirected', { value: true })
      return response
    }
    await discard(response)
    request = next
  }
  throw new ClientError('too_many_redirects', `More than ${redirectsMax} redirects.`)
}
