/** The guard for Express: `app.get('/orders', auth.requires('orders.read'), handler)`. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createGuard } from './guard.ts'
import type { GuardOptions } from './guard-options.ts'
import { nodeRequest, sendAnswer, type WithCaller } from './node-request.ts'
import { type RequirementWish, readRequirement } from './requirement.ts'

export { callerOf } from './node-request.ts'

type Request = IncomingMessage & { readonly originalUrl?: string }
type Next = (error?: unknown) => void

/** @throws TypeError without issuer or audience */
export const guard = (options: GuardOptions) => {
  const core = createGuard(options)
  return {
    core,
    /** Middleware of a route. It sets `request.caller`; `callerOf(request)` has its type. */
    requires: (wish?: RequirementWish) => {
      const need = readRequirement(wish)
      return (request: Request, response: ServerResponse, next: Next): void => {
        core.check(nodeRequest(request, request.originalUrl), need).then((verdict) => {
          if (!verdict.ok) return sendAnswer(response, verdict.answer)
          ;(request as WithCaller).caller = verdict.caller
          next()
        }, next)
      }
    },
    /** Middleware that answers requests for the metadata of this API. */
    metadata: (request: Request, response: ServerResponse, next: Next): void => {
      const url = request.originalUrl ?? request.url ?? ''
      const answer = core.answerMetadata(request.method ?? '', url)
      if (answer === null) next()
      else sendAnswer(response, answer)
    },
  }
}
