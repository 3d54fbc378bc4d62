/** The guard for Hono: `app.get('/orders', auth.requires('orders.read'), handler)`. */
import { type Caller, createGuard } from './guard.ts'
import type { GuardOptions } from './guard-options.ts'
import { type RequirementWish, readRequirement } from './requirement.ts'
import { webRequest, webResponse } from './web.ts'

interface Context {
  readonly req: { readonly raw: Request }
  set(name: 'caller', caller: Caller): void
}
type Next = () => Promise<void>

/** For `new Hono<CallerEnvironment>()`: `context.get('caller')` then has its type. */
export interface CallerEnvironment {
  Variables: { caller: Caller }
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
        const verdict = await core.check(webRequest(raw), need)
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
