import { hash } from 'node:crypto'
import { identityDomainConfiguration } from '@mintmark/protocol/identity-domain-configuration'
import { keySet } from '@mintmark/protocol/rfc7517-key-set'
import { clientAssertionAlgorithms } from '@mintmark/protocol/rfc7523-client-assertion'
import { metadataPathOf, serverMetadata } from '@mintmark/protocol/rfc8414-server-metadata'
import { identityProviderMetadata } from '@mintmark/protocol/saml-identity-provider-metadata'
import type { Catalog } from '@mintmark/registry/snapshot'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Services } from '../services.ts'
import { version } from '../version.ts'

/** How long others may keep the key set; a new key is published for longer before it signs. */
export const keySetMaxAgeSeconds = 300

const algorithms = [...clientAssertionAlgorithms.keys()]

/** The documents from which callers and resource servers configure themselves; all public. */
export const discoveryRoutes = (app: FastifyInstance, services: Services): void => {
  const metadata = (catalog: Catalog) => serverMetadata(services.address(catalog), algorithms)
  const document = (path: string, make: (catalog: Catalog) => unknown) =>
    app.get(path, async (request, reply) =>
      sendDocument(request, reply, JSON.stringify(make(await services.registry.catalog()))),
    )
  document('/.well-known/oauth-authorization-server', metadata)
  document('/.well-known/openid-configuration', metadata)
  document('/.well-known/idcs-configuration', (catalog) =>
    identityDomainConfiguration(metadata(catalog), version),
  )
  document('/.well-known/jwks.json', (catalog) => keySet(publishedKeys(catalog), false))
  app.get('/fed/v1/metadata', async (request, reply) => {
    const catalog = await services.registry.catalog()
    const { issuer, url } = services.address(catalog)
    const certificates = publishedKeys(catalog)
      .filter((key) => key.algorithm === 'RS256')
      .map((key) => key.certificate)
    const xml = identityProviderMetadata(issuer, url, certificates)
    return sendDocument(request, reply, xml, 'application/samlmetadata+xml')
  })
}

/**
 * RFC 8414 §3.1 and OpenID Connect Discovery §4: where an issuer has a path, its metadata is also
 * at
 * the path-derived places; looked up late, because the issuer is a setting.
 */
export const issuerPathDocument = async (
  request: FastifyRequest,
  services: Services,
): Promise<string | null> => {
  if (!request.url.includes('/.well-known/')) return null
  const catalog = await services.registry.catalog()
  const { issuer } = services.address(catalog)
  const path = URL.parse(issuer)?.pathname.replace(/\/$/, '')
  if (path === undefined) return null // a word has none
  const asked = request.url.split('?')[0]
  const matches =
    asked === metadataPathOf(issuer) || asked === `${path}/.well-known/openid-configuration`
  return matches ? JSON.stringify(serverMetadata(services.address(catalog), algorithms)) : null
}

/** Announced keys stay unseen: they are not durable everywhere yet. */
export const publishedKeys = (catalog: Catalog) =>
  catalog.signingKeys.filter((key) => key.state !== 'announced')

/** RFC 9110 §13.1.2: a list of tags, compared weakly, or any. */
const names = (field: string | undefined, tag: string): boolean =>
  field?.split(',').some((each) => ['*', tag].includes(each.trim().replace(/^W\//, ''))) ?? false

/** RFC 9111 §5.2.2, RFC 9110 §8.8.3: cacheable, and cheap to ask again for. */
export const sendDocument = (
  request: FastifyRequest,
  reply: FastifyReply,
  text: string,
  type = 'application/json',
): FastifyReply => {
  const tag = `"${hash('sha256', text, 'base64url').slice(0, 27)}"`
  reply.headers({
    'cache-control': `public, max-age=${keySetMaxAgeSeconds}`,
    etag: tag,
    'access-control-allow-origin': '*', // RFC 9700 §2.6: public documents, readable from anywhere
  })
  if (names(request.headers['if-none-match'], tag)) return reply.code(304).send()
  return reply.header('content-type', type).send(text)
}
