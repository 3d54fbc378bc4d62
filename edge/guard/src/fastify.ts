/** The guard for Fastify: `app.get('/orders', { onRequest: auth.requires('orders.read') }, …)`. */
import type { IncomingMessage } from 'node:http'
import { createGuard } from './guard.ts'
import type { GuardOptions } from './guard-options.ts'
import { nodeRequest, type WithCaller } from './node-request.ts'
import type { GuardAnswer } from './refusal-answer.ts'
import { type RequirementWish, readRequirement } from './requirement.ts'

export { callerOf } from './node-request.ts'

interface Request {
  readonly raw: IncomingMessage
}
interface Reply {
  code(status: number): unknown
  headers(headers: Record<string, string>): unknown
  send(body: string): unknown
}
interface App {
  get(path: string, handler: (request: Request, reply: Reply) => Promise<unknown>): unknown
}

const send = (reply: Reply, answer: GuardAnswer): Reply => {
  reply.code(answer.status)
  reply.headers({ ...answer.headers })
  reply.send(answer.body)
  return reply
}

/** @throws TypeError without issuer or audience */
export const guard = (options: GuardOptions) => {
  const core = createGuard(options)
  return {
    core,
    /** An `onRequest` hook. It sets `request.caller`; `callerOf(request)` has its type. */
    requires: (wish?: RequirementWish) => {
      const need = readRequirement(wish)
      return async (request: Request, reply: Reply): Promise<unknown> => {
        const verdict = await core.check(nodeRequest(request.raw), need)
        if (!verdict.ok) return send(reply, verdict.answer)
        ;(request as WithCaller).caller = verdict.caller
        return undefined
      }
    },
    /** A plugin: `app.register(auth.metadata)` serves the metadata of this API. */
    metadata: async (app: App): Promise<void> => {
      for (const path of core.metadataPaths) {
        app.get(path, async (_request, reply) => {
          const answer = core.answerMetadata('GET', path)
          return answer === null ? reply : send(reply, answer)
        })
      }
    },
  }
}
