import { keySet } from '@mintmark/protocol/rfc7517-key-set'
import type { FastifyInstance } from 'fastify'
import { proveAdministrator } from '../proof/prove-administrator.ts'
import type { Services } from '../services.ts'
import { accessDenied } from './administration.ts'
import { publishedKeys, sendDocument } from './discovery.ts'

/**
 * `GET /admin/v1/SigningCert/jwk`: the key set where an Oracle domain has it, certificates
 * included;
 * for bearers of any role of the domain unless the setting `signingCertPublicAccess` opens it.
 */
export const signingCertificateRoute = (app: FastifyInstance, services: Services): void => {
  app.get('/admin/v1/SigningCert/jwk', async (request, reply) => {
    const catalog = await services.registry.catalog()
    if (!catalog.settings.signingCertPublicAccess) {
      const { authorization } = request.headers
      const principal = await proveAdministrator(authorization, services, Date.now())
      if (principal === null) return accessDenied(reply, services)
    }
    return sendDocument(request, reply, JSON.stringify(keySet(publishedKeys(catalog), true)))
  })
}
