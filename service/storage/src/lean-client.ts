import type { Application, ClientFacet } from '@mintmark/registry/application'
import type { ClientCertificate, ClientSecret } from '@mintmark/registry/client-credential'
import type { LoadedClient } from './client-snapshot.ts'

/** What many clients have alike, kept once. */
export interface LeanClients {
  /** The same client for decisions, in less than half the memory. */
  lean(client: LoadedClient): LoadedClient
}

const nothing = Object.freeze({})
const noTags: Application['tags'] = Object.freeze([])
const noCertificates: readonly ClientCertificate[] = Object.freeze([])
const noRoles: ReadonlySet<string> = new Set()

/** Facets of clients that were made alike: a domain of many applications has few kinds of them. */
const facetKindsMax = 1000

const leanSecret = (secret: ClientSecret, { id, domain }: Application): ClientSecret => ({
  kind: 'secret',
  // the texts of the application, not others that say the same
  domain,
  id: secret.id,
  applicationId: id,
  label: secret.label,
  origin: secret.origin,
  digest: secret.digest,
  sealed: secret.sealed,
  ending: secret.ending,
  createdAtMs: secret.createdAtMs,
  expiresAtMs: secret.expiresAtMs,
  endsAtMs: secret.endsAtMs,
})

/** Makes clients lean that belong to one domain. */
export const createLeanClients = (domainId: string): LeanClients => {
  const facets = new Map<string, ClientFacet>()

  const sharedFacet = (facet: ClientFacet | null): ClientFacet | null => {
    // keys and authorities are a client's own
    if (facet === null || facet.jwks !== null || facet.certificateAnchors.length > 0) return facet
    const text = JSON.stringify(facet)
    const known = facets.get(text)
    if (known !== undefined) return known
    if (facets.size >= facetKindsMax) facets.clear()
    facets.set(text, facet)
    return facet
  }

  return {
    lean: ({ application: full, secrets, certificates, roleIds }) => {
      const application: Application = {
        domain: domainId,
        id: full.id,
        clientId: full.clientId,
        displayName: full.displayName,
        description: full.description,
        active: full.active,
        builtIn: full.builtIn,
        tags: full.tags.length === 0 ? noTags : full.tags,
        client: sharedFacet(full.client),
        resourceServer: full.resourceServer,
        // kept for administrators; no decision reads them
        attributes: nothing,
        version: full.version,
        createdAtMs: full.createdAtMs,
        modifiedAtMs: full.modifiedAtMs,
      }
      return {
        application,
        secrets: secrets.map((secret) => leanSecret(secret, application)),
        certificates: certificates.length === 0 ? noCertificates : certificates,
        roleIds: roleIds.size === 0 ? noRoles : roleIds,
      }
    },
  }
}

const usualBytes = 1024

/** How much room a client takes, in those of usual size: a large one must not pass for one. */
export const weighClient = ({
  application,
  secrets,
  certificates,
  roleIds,
}: LoadedClient): number => {
  const { client, tags, displayName, description, resourceServer } = application
  let bytes = 320 + displayName.length + (description?.length ?? 0)
  bytes += secrets.length * 400 + roleIds.size * 80 + tags.length * 200
  for (const { der } of certificates) bytes += 600 + der.length
  for (const key of client?.jwks ?? []) bytes += 2 * JSON.stringify(key).length
  for (const anchor of client?.certificateAnchors ?? []) bytes += anchor.length
  for (const { value } of resourceServer?.scopes ?? []) bytes += 200 + value.length
  // most lists of scopes are shared with others; long ones may not be
  const { allowedScopes = [], allowedTags = [] } = client?.policy ?? {}
  bytes += Math.max(0, allowedScopes.length + allowedTags.length - 4) * 150
  return Math.max(1, Math.ceil(bytes / usualBytes))
}
