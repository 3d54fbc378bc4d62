/** The guard for `node:http`. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Caller, createGuard } from './guard.ts'
import type { GuardOptions } from './guard-options.ts'
import { nodeRequest, sendAnswer } from './node-request.ts'
import { type RequirementWish, readRequirement } from './requirement.ts'

export type GuardedListener = (
  request: IncomingMessage,
  response: ServerResponse,
  caller: Caller,
) => void | Promise<void>

/** @throws TypeError without issuer or audience */
export const guard = (options: GuardOptions) => {
  const core = createGuard(options)
  return {
    core,
    /** A listener that runs only for callers who hold what is required. */
    requires: (wish: RequirementWish | undefined, listener: GuardedListener) => {
      const need = readRequirement(wish)
      return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
        const verdict = await core.check(nodeRequest(request), need)
        if (verdict.ok) await listener(request, response, verdict.caller)
        else sendAnswer(response, verdict.answer)
      }
    },
    /** Answers requests for the metadata of this API; false: it was not for that. */
    metadata: (request: IncomingMessage, response: ServerResponse): boolean => {
      const answer = core.answerMetadata(request.method ?? '', request.url ?? '')
      if (answer !== null) sendAnswer(response, answer)
      return answer !== null
    },
  }
}
