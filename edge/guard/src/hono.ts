/** The guard for Hono: `app.get('/orders', auth.requires('orders.read'), handler)`. */
import type { IncomingMessage } from 'node:http'
import { type Caller, createGuard } from './guard.ts'
import type { GuardOptions } from './guard-options.ts'
import type { GuardRequest } from './guard-request.ts'
import { nodeRequest } from './node-request.ts'
import { type RequirementWish, readRequirement } from './requirement.ts'
import { webRequest, webResponse } from './web.ts'

interface Context {
  readonly req: { readonly raw: Request }
  /** With `@hono/node-server`, what the request came over. */
  readonly env?: unknown
  set(name: 'caller', caller: Caller): void
}
type Next = () => Promise<void>

/** For `new Hono<CallerEnvironment>()`: `context.get('caller')` then has its type. */
export interface CallerEnvironment {
  Variables: { caller: Caller }
}

/** Where Node is below, its request tells of the connection, and of each field as it was sent. */
const requestOf = ({ req, env }: Context): GuardRequest => {
  const web = webRequest(req.raw)
  const { incoming } = (env ?? {}) as { readonly incoming?: IncomingMessage }
  if (incoming?.socket === undefined || !Array.isArray(incoming.rawHeaders)) return web
  const { fields, connection } = nodeRequest(incoming)
  return { ...web, fields, ...(connection && { connection }) }
}

/** @throws TypeError without issuer or audience */
export const guard = (options: GuardOptions) => {
  const core = createGuard(options)
  return {
    core,
    /** Middleware of a route. It sets the variable `caller`. */
    requires: (wish?: RequirementWish) => {
      const need = readRequirement(wish)
      // biome-ignore lint/suspicious/noConfusingVoidType: Hono's own type of a middleware.
      return async (context: Context, next: Next): Promise<Response | void> => {
        const { raw } = context.req
        const verdict = await core.check(requestOf(context), need)
        if (!verdict.ok) return webResponse(verdict.answer, raw.method)
        context.set('caller', verdict.caller)
        await next()
      }
    },
    /** Middleware that answers requests for the metadata of this API. */
    // biome-ignore lint/suspicious/noConfusingVoidType: Hono's own type of a middleware.
    metadata: async (context: Context, next: Next): Promise<Response | void> => {
      const { raw } = context.req
      const answer = core.answerMetadata(raw.method, raw.url)
      if (answer !== null) return webResponse(answer, raw.method)
      await next()
    },
  }
}
