import type { AppRole } from '@mintmark/registry/app-role'
import type { Application, SigningAlgorithm } from '@mintmark/registry/application'
import type { CustomClaim } from '@mintmark/registry/custom-claim'
import type { IdentityDomain } from '@mintmark/registry/identity-domain'
import type { PartnerCertificate } from '@mintmark/registry/partner-certificate'
import { fullyQualifiedScope } from '@mintmark/registry/scope'
import type { SigningKey } from '@mintmark/registry/signing-key'
import type { Catalog, ResourceServer, ScopeTarget } from '@mintmark/registry/snapshot'
import type { Row, Statements } from './database.ts'
import { parseSettings } from './tables/settings.ts'
import { oldestFirst } from './tables/signing-key.ts'
import { parseRecord } from './tables/table.ts'

/** One statement, so that roles, scopes, keys and claims are of one moment. */
const catalogQuestion = `
SELECT 'domain' AS part, record FROM identity_domain WHERE domain_id = $1
UNION ALL
SELECT 'settings', record FROM domain_settings WHERE domain_id = $1
UNION ALL
SELECT 'key', record FROM signing_key WHERE domain_id = $1
UNION ALL
SELECT 'claim', record FROM custom_claim WHERE domain_id = $1
UNION ALL
SELECT 'partner-certificate', record FROM partner_certificate WHERE domain_id = $1
UNION ALL
SELECT 'role', record FROM app_role WHERE domain_id = $1
UNION ALL
SELECT 'resource-server', record FROM application
WHERE domain_id = $1 AND audience IS NOT NULL`

interface Parts {
  readonly applications: Application[]
  readonly roles: AppRole[]
  readonly keys: SigningKey[]
  readonly claims: CustomClaim[]
  readonly partnerCertificates: PartnerCertificate[]
  domain: IdentityDomain | null
  settings: Row | undefined
}

const partsOf = (rows: readonly Row[]): Parts => {
  const parts: Parts = {
    applications: [],
    roles: [],
    keys: [],
    claims: [],
    partnerCertificates: [],
    domain: null,
    settings: undefined,
  }
  for (const row of rows) {
    const part = row['part']
    if (part === 'role') parts.roles.push(parseRecord<AppRole>(row))
    else if (part === 'resource-server') parts.applications.push(parseRecord<Application>(row))
    else if (part === 'key') parts.keys.push(parseRecord<SigningKey>(row))
    else if (part === 'claim') parts.claims.push(parseRecord<CustomClaim>(row))
    else if (part === 'partner-certificate') {
      parts.partnerCertificates.push(parseRecord<PartnerCertificate>(row))
    } else if (part === 'settings') parts.settings = row
    else parts.domain = parseRecord<IdentityDomain>(row)
  }
  // an audience or scope claimed twice must always mean the same one: the older
  parts.applications.sort((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1))
  return parts
}

const resourceServerOf = (application: Application, roles: readonly AppRole[]): ResourceServer => {
  const facet = application.resourceServer
  if (facet === null) throw new Error('application: an audience without a resource server')
  return {
    application,
    audience: facet.audience,
    audiences: [facet.audience, ...facet.secondaryAudiences],
    scopes: new Set(facet.scopes.map((scope) => scope.value)),
    roles,
  }
}

/** The key that signs; the newest if a crash left two. */
const activeKeyOf = (keys: readonly SigningKey[], algorithm: SigningAlgorithm): SigningKey | null =>
  keys.findLast((key) => key.algorithm === algorithm && key.state === 'active') ?? null

const indexScopes = (
  byFullyQualifiedScope: Map<string, ScopeTarget[]>,
  resourceServer: ResourceServer,
): void => {
  for (const audience of new Set(resourceServer.audiences)) {
    for (const scope of resourceServer.scopes) {
      const name = fullyQualifiedScope(audience, scope)
      const targets = byFullyQualifiedScope.get(name)
      if (targets === undefined) byFullyQualifiedScope.set(name, [{ resourceServer, scope }])
      else targets.push({ resourceServer, scope })
    }
  }
}

/**
 * Reads what all requests share: resource servers with their scopes and roles, settings, keys,
 * custom claims, trusted authorities.
 * Deactivated resource servers are among them; what that means is for decisions to say.
 *
 * @throws when the domain does not exist
 */
export const loadCatalog = async (statements: Statements, domainId: string): Promise<Catalog> => {
  const parts = partsOf(await statements.all(catalogQuestion, [domainId]))
  if (parts.domain === null) throw new Error(`identity domain ${domainId}: not in this database`)
  const rolesOf = Map.groupBy(parts.roles, (role) => role.applicationId)
  const byId = new Map<string, ResourceServer>()
  const byAudience = new Map<string, ResourceServer>()
  const byFullyQualifiedScope = new Map<string, ScopeTarget[]>()
  for (const application of parts.applications) {
    const resourceServer = resourceServerOf(application, rolesOf.get(application.id) ?? [])
    byId.set(application.id, resourceServer)
    indexScopes(byFullyQualifiedScope, resourceServer)
  }
  // a primary audience is never taken away by another's secondary one
  for (const resourceServer of byId.values()) {
    if (!byAudience.has(resourceServer.audience)) {
      byAudience.set(resourceServer.audience, resourceServer)
    }
  }
  for (const resourceServer of byId.values()) {
    for (const audience of resourceServer.audiences) {
      if (!byAudience.has(audience)) byAudience.set(audience, resourceServer)
    }
  }
  const signingKeys = oldestFirst(parts.keys)
  return {
    domain: parts.domain,
    settings: parseSettings(parts.settings),
    byId,
    byAudience,
    byFullyQualifiedScope,
    rolesById: new Map(parts.roles.map((role) => [role.id, role])),
    signingKeys,
    activeKey: {
      RS256: activeKeyOf(signingKeys, 'RS256'),
      ES256: activeKeyOf(signingKeys, 'ES256'),
    },
    customClaims: parts.claims.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    partnerCertificates: parts.partnerCertificates.toSorted((a, b) => (a.alias < b.alias ? -1 : 1)),
  }
}
