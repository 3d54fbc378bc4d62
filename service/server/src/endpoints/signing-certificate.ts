import { mayUse } from '@mintmark/decisions/administration/decide-access'
import { keySet } from '@mintmark/protocol/rfc7517-key-set'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { proveAdministrator } from '../proof/prove-administrator.ts'
import type { Services } from '../services.ts'
import { accessDenied, answerAdministrator } from './administration.ts'
import { publishedKeys, sendDocument } from './discovery.ts'

/**
 * `GET /admin/v1/SigningCert/jwk`: the key set where an Oracle domain has it, certificates
 * included; for bearers whose roles open it, unless the setting `signingCertPublicAccess` does.
 */
export const signingCertificateRoute = (app: FastifyInstance, services: Services): void => {
  const answerOthers = (request: FastifyRequest, reply: FastifyReply) =>
    answerAdministrator(request, reply, services)
  app.get('/admin/v1/SigningCert/jwk', { config: { answerOthers } }, async (request, reply) => {
    const catalog = await services.registry.catalog()
    if (!catalog.settings.signingCertPublicAccess) {
      const principal = await proveAdministrator(request, services, Date.now())
      const may = principal !== null && mayUse(principal.roleNames, 'SigningCert', 'GET')
      if (!may) return accessDenied(reply, services)
    }
    return sendDocument(request, reply, JSON.stringify(keySet(publishedKeys(catalog), true)))
  })
}
