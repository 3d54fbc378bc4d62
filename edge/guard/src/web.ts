/** The guard for handlers of `Request` and `Response`: Deno, Bun, workers, Next, tests. */
import { type Caller, createGuard } from './guard.ts'
import type { GuardOptions } from './guard-options.ts'
import type { GuardRequest } from './guard-request.ts'
import type { GuardAnswer } from './refusal-answer.ts'
import { type RequirementWish, readRequirement } from './requirement.ts'

/** A request as the guard reads it; fields of one name come joined, and such are refused. */
export const webRequest = (request: Request): GuardRequest => ({
  method: request.method,
  url: request.url,
  fields: (name) => {
    const value = request.headers.get(name)
    return value === null ? [] : [value]
  },
  raw: request,
})

/** The guard's own answer. */
export const webResponse = (answer: GuardAnswer, method: string): Response => {
  const { status, headers } = answer
  return new Response(method === 'HEAD' ? null : answer.body, { status, headers })
}

export type GuardedHandler = (request: Request, caller: Caller) => Response | Promise<Response>

/** @throws TypeError without issuer or audience */
export const guard = (options: GuardOptions) => {
  const core = createGuard(options)
  return {
    core,
    /** A handler that runs only for callers who hold what is required. */
    requires: (wish: RequirementWish | undefined, handler: GuardedHandler) => {
      const need = readRequirement(wish)
      return async (request: Request): Promise<Response> => {
        const verdict = await core.check(webRequest(request), need)
        if (verdict.ok) return handler(request, verdict.caller)
        return webResponse(verdict.answer, request.method)
      }
    },
    /** The answer to a request for the metadata of this API; null: it is not for that. */
    metadata: (request: Request): Response | null => {
      const answer = core.answerMetadata(request.method, request.url)
      return answer === null ? null : webResponse(answer, request.method)
    },
  }
}
