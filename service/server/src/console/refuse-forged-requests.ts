import type { FastifyInstance } from 'fastify'
import type { Services } from '../services.ts'
import { sendForgery } from './console-route.ts'
import { judgeSite, sessionTokenOf } from './request-site.ts'

const honouring = /^\/(?:admin|api)\//

/**
 * Whoever administers by a session is told why its request does not count. That it does not is
 * decided by `proveSession` as well, for whatever is not told here.
 */
export const refuseForgedRequests = (app: FastifyInstance, services: Services): void => {
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers.cookie === undefined || !honouring.test(request.url)) return
    const token = await sessionTokenOf(request, services)
    const forgery = token === null ? null : await judgeSite(request, token, services)
    if (forgery !== null) return sendForgery(reply, forgery)
  })
}
