import type { Application, ResourceServerFacet } from '@mintmark/registry/application'
import { fullyQualifiedScope } from '@mintmark/registry/scope'

/** The resource servers of a domain by what may name them. */
export interface ResourceServerIndex {
  readonly byAudience: ReadonlyMap<string, Application>
  readonly byFullyQualifiedScope: ReadonlyMap<string, Application>
  readonly byId: ReadonlyMap<string, Application>
}

/** Every audience of a resource server, the primary one first. */
export const audiencesOf = (facet: ResourceServerFacet): readonly string[] => [
  facet.audience,
  ...facet.secondaryAudiences,
]

/** Every name under which the scopes of a resource server can be allowed to a client. */
export const fullyQualifiedScopesOf = (facet: ResourceServerFacet): readonly string[] =>
  audiencesOf(facet).flatMap((audience) =>
    facet.scopes.map((scope) => fullyQualifiedScope(audience, scope.value)),
  )

/** An index under way; decisions see it as it is when they are made. */
export interface GrowingResourceServerIndex extends ResourceServerIndex {
  readonly byAudience: Map<string, Application>
  readonly byFullyQualifiedScope: Map<string, Application>
  readonly byId: Map<string, Application>
}

/** Takes an application into the index, if it is a resource server that is not in it yet. */
export const addResourceServer = (
  index: GrowingResourceServerIndex,
  application: Application,
): void => {
  const facet = application.resourceServer
  if (facet === null) return
  index.byId.set(application.id, application)
  for (const audience of audiencesOf(facet)) index.byAudience.set(audience, application)
  for (const fqs of fullyQualifiedScopesOf(facet)) index.byFullyQualifiedScope.set(fqs, application)
}

/** Builds the index; cheap enough to build once a transaction. */
export const indexResourceServers = (
  applications: readonly Application[],
): GrowingResourceServerIndex => {
  const index = { byAudience: new Map(), byFullyQualifiedScope: new Map(), byId: new Map() }
  for (const application of applications) addResourceServer(index, application)
  return index
}

/** Fully qualified scopes that exist now and would not after the change. */
export const scopesTakenAway = (
  present: ResourceServerFacet | null,
  wished: ResourceServerFacet | null,
): readonly string[] => {
  if (present === null) return []
  const after = new Set(wished === null ? [] : fullyQualifiedScopesOf(wished))
  return fullyQualifiedScopesOf(present).filter((fqs) => !after.has(fqs))
}
