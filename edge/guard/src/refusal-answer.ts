/** A refusal on the wire: status, RFC 6750 challenge and RFC 9457 body. */
import { bearerChallenge } from '@mintmark/protocol/rfc6750-bearer'
import { type GuardRefusal, refusalKinds } from './guard-refusal.ts'

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
}

const retryAfterSeconds = 5

const challengeFor = (refusal: GuardRefusal, context: AnswerContext): string | null => {
  const { status, error } = { error: undefined, ...refusalKinds[refusal.reason] }
  if (error === undefined && status !== 401) return null
  return bearerChallenge({
    realm: context.realm,
    ...(error === undefined ? {} : { error, description: refusal.detail }),
    ...(refusal.scope === undefined ? {} : { scope: refusal.scope }),
    ...(context.metadataUrl === null ? {} : { resourceMetadata: context.metadataUrl }),
  })
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
      ...(status === 503 ? { 'retry-after': String(retryAfterSeconds) } : {}),
    },
    body: JSON.stringify({ ...problem, request_id: context.requestId }),
  }
}
