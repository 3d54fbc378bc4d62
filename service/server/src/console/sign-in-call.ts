import type { Result } from '@mintmark/protocol/result'
import type { FastifyRequest } from 'fastify'
import { sourceOf } from '../http/request-source.ts'
import type { Services } from '../services.ts'
import type { ConsoleOutcome } from './console-command.ts'

/** One who wants to sign in. */
export interface SignInCall {
  readonly ecid: string
  readonly source: string
  readonly nowMs: number
  readonly services: Services
}

export const callOf = (request: FastifyRequest, services: Services): SignInCall => ({
  ecid: request.id,
  source: sourceOf(request, services),
  nowMs: Date.now(),
  services,
})

/** Why somebody is not signed in. */
export type SignInRefusal =
  | Extract<ConsoleOutcome, { kind: 'locked' | 'account-powerless' }>
  | { readonly kind: 'wrong'; readonly lockedForSeconds: number }
  /** The password is right, and there is nothing to show beside it. */
  | { readonly kind: 'factor-missing' }

export const refused = (failure: SignInRefusal): Result<never, SignInRefusal> => ({
  ok: false,
  failure,
})

/** Refusals of strangers, packed with their like. */
export const recordRefusal = (
  { ecid, source, nowMs, services }: SignInCall,
  reason: string,
  object?: string,
): void =>
  services.ledger.recordRefusal({
    at: nowMs,
    ecid,
    action: 'console.sign-in',
    result: 'refused',
    reason,
    source,
    ...(object === undefined ? {} : { object }),
  })

/** Puts on record why nobody was signed in. */
export const refuseOutcome = (
  call: SignInCall,
  outcome: ConsoleOutcome,
): Result<never, SignInRefusal> => {
  if (outcome.kind === 'locked') {
    recordRefusal(call, 'TOO_MANY_ATTEMPTS')
    return refused(outcome)
  }
  if (outcome.kind === 'account-powerless') {
    recordRefusal(call, 'ACCOUNT_POWERLESS')
    return refused(outcome)
  }
  recordRefusal(call, 'SIGN_IN_REFUSED')
  return refused({
    kind: 'wrong',
    lockedForSeconds: outcome.kind === 'code-wrong' ? outcome.lockedForSeconds : 0,
  })
}
