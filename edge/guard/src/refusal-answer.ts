/** A refusal on the wire: status, RFC 6750 challenge and RFC 9457 body. */
import { type BearerError, bearerChallenge } from '@mintmark/protocol/rfc6750-bearer'
import { type DpopError, dpopChallenge } from '@mintmark/protocol/rfc9449-dpop-challenge'
import { type GuardRefusal, type RefusalKind, refusalKinds } from './guard-refusal.ts'

/** What a resource server answers instead of its own. */
export interface GuardAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface AnswerContext {
  readonly realm: string
  readonly problemBase: string
  /** URL of the RFC 9728 metadata; null: none. */
  readonly metadataUrl: string | null
  readonly requestId: string
  /** null: this API takes no tokens that are bound to keys. */
  readonly dpop: DpopContext | null
}

export interface DpopContext {
  /** Whether the request used the scheme DPoP. */
  readonly isUsed: boolean
  /** Whether every token must be bound to a key. */
  readonly isRequired: boolean
  /** The nonce of the next proof (RFC 9449 §9); null: none is asked for. */
  readonly nonce: string | null
}

const retryAfterSeconds = 5

/** RFC 6750 §3.1: no error where nothing was shown; RFC 9449 §7.2: only in the scheme used. */
const bearerPart = (refusal: GuardRefusal, context: AnswerContext, error?: BearerError): string =>
  bearerChallenge({
    realm: context.realm,
    ...(error === undefined ? {} : { error, description: refusal.detail }),
    ...(refusal.scope === undefined ? {} : { scope: refusal.scope }),
    ...(context.metadataUrl === null ? {} : { resourceMetadata: context.metadataUrl }),
  })

const dpopPart = (refusal: GuardRefusal, context: AnswerContext, error?: DpopError): string => {
  const { metadataUrl, realm } = context
  const parameters: (readonly [string, string | undefined])[] = [
    ['realm', realm],
    ['error', error],
    ['error_description', error === undefined ? undefined : refusal.detail],
    ['scope', error === undefined ? undefined : refusal.scope],
    ['resource_metadata', metadataUrl ?? undefined],
  ]
  return dpopChallenge({
    parameters: parameters.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  })
}

/** One challenge for each scheme that this API takes; the one that was used stands first. */
const challengeFor = (refusal: GuardRefusal, context: AnswerContext): string | null => {
  const { status, error }: RefusalKind = refusalKinds[refusal.reason]
  if (error === undefined && status !== 401) return null
  const { dpop } = context
  if (dpop === null) return bearerPart(refusal, context, error as BearerError | undefined)
  if (dpop.isUsed) {
    const first = dpopPart(refusal, context, error)
    return dpop.isRequired ? first : `${first}, ${bearerPart(refusal, context)}`
  }
  const isBearerShown = error !== undefined
  const bearer = bearerPart(refusal, context, error as BearerError | undefined)
  const second = dpopPart(refusal, context)
  return dpop.isRequired && !isBearerShown ? second : `${bearer}, ${second}`
}

/** Says no in a way that programs and people can act on. */
export const answerRefusal = (refusal: GuardRefusal, context: AnswerContext): GuardAnswer => {
  const { status, title } = refusalKinds[refusal.reason]
  const { reason, detail, expected, got, scope } = refusal
  const challenge = challengeFor(refusal, context)
  const type = context.problemBase + reason.toLowerCase().replaceAll('_', '-')
  const problem = { type, title, status, detail, reason, expected, got, scope }
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(challenge === null ? {} : { 'www-authenticate': challenge }),
      ...(context.dpop?.isUsed && context.dpop.nonce !== null
        ? { 'dpop-nonce': context.dpop.nonce }
        : {}),
      ...(status === 503 ? { 'retry-after': String(retryAfterSeconds) } : {}),
    },
    body: JSON.stringify({ ...problem, request_id: context.requestId }),
  }
}
