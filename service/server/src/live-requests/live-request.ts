import type { Refusal } from '@mintmark/protocol/refusal'
import { redact } from '../observability/secret-text.ts'

/** What is looked at of one call that was answered. */
export interface AnsweredCall {
  readonly spoken: {
    readonly result: { readonly ok: true } | { readonly ok: false; readonly failure: Refusal }
    readonly clientId: string | null
    readonly proven: boolean
    readonly isKnown?: boolean
    readonly detail?: Readonly<Record<string, unknown>> | undefined
  }
  readonly endpoint: string
  readonly ecid: string
  readonly source: string
  readonly status: number
  readonly milliseconds: number
}

/** What is remembered of one answered OAuth request: references only, so that it costs little. */
export interface LiveRequest {
  readonly atMs: number
  readonly ecid: string
  readonly endpoint: string
  readonly status: number
  readonly milliseconds: number
  readonly source: string
  /** null: nobody of ours; what stood there may have been a secret. */
  readonly client: string | null
  /** Names of the APIs that tokens were issued for or, of a refusal, were asked for. */
  readonly apis: readonly string[]
  /** As they were granted or, of a refusal, asked for. */
  readonly scopes: string | null
  readonly reason: string | null
  /** What the operator is told beside the reason. */
  readonly detail: string | null
}

const none: readonly string[] = []

/** What of an answered request is remembered; nothing of the answer's body. */
export const liveRequestOf = (observation: AnsweredCall, atMs: number): LiveRequest => {
  const { result, detail, proven, clientId } = observation.spoken
  const failure = result.ok ? null : result.failure
  const apis = detail?.['api']
  const scopes = detail?.['scope'] ?? detail?.['asked']
  const isKnown = proven || observation.spoken.isKnown === true
  return {
    atMs,
    ecid: observation.ecid,
    endpoint: observation.endpoint,
    status: observation.status,
    milliseconds: observation.milliseconds,
    source: observation.source,
    client: isKnown ? clientId : null,
    apis: Array.isArray(apis) ? apis : none,
    scopes: typeof scopes === 'string' ? scopes : null,
    reason: failure?.reason ?? null,
    detail: failure?.operator ?? failure?.detail ?? null,
  }
}

/** Which requests somebody wants to be told of; null asks nothing. */
export interface LiveFilter {
  readonly denied: boolean
  readonly clientId: string | null
  /** Display name of an API, in any case. */
  readonly api: string | null
  readonly reason: string | null
}

export const fits = (request: LiveRequest, filter: LiveFilter): boolean => {
  const { denied, clientId, api, reason } = filter
  if (denied && request.reason === null) return false
  if (clientId !== null && request.client !== clientId) return false
  if (reason !== null && request.reason !== reason) return false
  return api === null || request.apis.some((name) => name.toLowerCase() === api.toLowerCase())
}

/** As it is told: one line of JSON, from which whatever looks like a secret was taken out. */
export const lineOf = (request: LiveRequest): string =>
  redact(
    JSON.stringify({
      at: new Date(request.atMs).toISOString(),
      ecid: request.ecid,
      endpoint: request.endpoint,
      status: request.status,
      ms: Math.round(request.milliseconds * 100) / 100,
      source: request.source,
      client: request.client,
      api: request.apis.length === 0 ? null : request.apis.join(' '),
      scopes: request.scopes,
      reason: request.reason,
      detail: request.detail,
    }),
  )

/** Requests of another process, and how many more there were than it could say. */
export interface LiveBatch {
  readonly requests: readonly LiveRequest[]
  readonly dropped: number
}

/** How often processes tell each other. */
const batchMs = 100
/** Room in one batch; refusals have their own, so that no rush of successes hides them. */
const batchMax = 250

/** Gathers requests for other processes: one message a while, bounded whatever comes. */
export const createLiveBatch = (pass: (batch: LiveBatch) => void) => {
  let denied: LiveRequest[] = []
  let others: LiveRequest[] = []
  let dropped = 0
  let isDue = false
  const send = (): void => {
    isDue = false
    const requests = [...denied, ...others].toSorted((a, b) => a.atMs - b.atMs)
    pass({ requests, dropped })
    denied = []
    others = []
    dropped = 0
  }
  return {
    add: (request: LiveRequest): void => {
      const room = request.reason === null ? others : denied
      if (room.length < batchMax) room.push(request)
      else dropped += 1
      if (isDue) return
      isDue = true
      setTimeout(send, batchMs).unref()
    },
  }
}
