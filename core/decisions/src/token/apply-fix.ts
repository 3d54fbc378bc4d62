import type { Application, ClientFacet } from '@mintmark/registry/application'
import type { ClientSecret } from '@mintmark/registry/client-credential'
import type { Catalog, ResourceServer, ScopeTarget, Snapshot } from '@mintmark/registry/snapshot'
import type { FixChange, RequestChange, Situation } from './explanation.ts'

/** Stands for the certificate that a fix tells the client to present. */
const presentedCertificate = 'the-certificate-of-the-client'
const presentedKey = 'the-key-of-the-client'

/** The situation as it is after a change was made; the records are what SCIM would store. */
export const applyFix = (change: FixChange, situation: Situation): Situation => {
  switch (change.kind) {
    case 'change-request':
      return changeRequest(change, situation)
    case 'activate':
      return activate(change.applicationId, situation)
    case 'make-confidential':
      return withFacet(situation, { clientType: 'confidential' })
    case 'allow-method':
      return withFacet(situation, (facet) => ({
        authenticationMethods: [...facet.authenticationMethods, change.method],
      }))
    case 'add-credential':
      return addSecret(situation)
    case 'allow-grant-type':
      return withFacet(situation, (facet) => ({
        grantTypes: [...facet.grantTypes, 'client_credentials'],
      }))
    case 'grant-scope':
      return withFacet(situation, ({ policy }) => ({
        policy: { ...policy, allowedScopes: [...policy.allowedScopes, ...change.scopes] },
      }))
    case 'assign-role':
      return withClient(situation, {
        roleIds: new Set([...situation.snapshot.client.roleIds, change.roleId]),
      })
    case 'define-scope':
      return defineScope(change.resourceServerId, change.scope, situation)
    case 'set-default-api':
      return withFacet(situation, { defaultResourceServerId: change.resourceServerId })
  }
}

const changeRequest = (change: RequestChange, situation: Situation): Situation => {
  const { request, proof } = situation
  return {
    ...situation,
    request: {
      grantType: change.grantType ?? request.grantType,
      scope: change.scope === undefined ? request.scope : change.scope,
      resources: change.resources ?? request.resources,
    },
    proof: {
      ...proof,
      ...(change.method !== undefined && { method: change.method, credential: null }),
      ...(change.certificate && { certificateThumbprint: presentedCertificate }),
      ...(change.dpop && { keyThumbprint: presentedKey }),
    },
  }
}

const withClient = (situation: Situation, members: Partial<Snapshot['client']>): Situation => {
  const { snapshot } = situation
  return { ...situation, snapshot: { ...snapshot, client: { ...snapshot.client, ...members } } }
}

const withFacet = (
  situation: Situation,
  change: Partial<ClientFacet> | ((facet: ClientFacet) => Partial<ClientFacet>),
): Situation => {
  const { application } = situation.snapshot.client
  const { client } = application
  if (client === null) return situation
  const members = typeof change === 'function' ? change(client) : change
  return withClient(situation, {
    application: { ...application, client: { ...client, ...members } },
  })
}

const addSecret = (situation: Situation): Situation => {
  const { application, secrets } = situation.snapshot.client
  const isSealed = application.client?.authenticationMethods.includes('client_secret_jwt') === true
  const secret: ClientSecret = {
    kind: 'secret',
    domain: application.domain,
    id: 'a-new-secret',
    applicationId: application.id,
    label: 'new',
    origin: 'minted',
    digest: '',
    sealed: isSealed ? '' : null,
    ending: '',
    createdAtMs: situation.nowMs,
    expiresAtMs: null,
    endsAtMs: null,
  }
  const added = withClient(situation, { secrets: [secret, ...secrets] })
  return { ...added, proof: { ...added.proof, credential: null } }
}

/** A client and an API may be one application: then both sides become active. */
const activate = (id: string, situation: Situation): Situation => {
  const { application } = situation.snapshot.client
  const own =
    application.id === id
      ? withClient(situation, { application: { ...application, active: true } })
      : situation
  return withServer(own, id, (server) => ({
    ...server,
    application: { ...server.application, active: true },
  }))
}

const defineScope = (id: string, value: string, situation: Situation): Situation =>
  withServer(situation, id, (server) => ({
    ...server,
    application: withScope(server.application, value),
    scopes: new Set([...server.scopes, value]),
  }))

const withScope = (application: Application, value: string): Application => {
  const facet = application.resourceServer
  if (facet === null) return application
  const scope = { value, displayName: null, description: null, requiresConsent: false }
  return { ...application, resourceServer: { ...facet, scopes: [...facet.scopes, scope] } }
}

const withServer = (
  situation: Situation,
  id: string,
  change: (server: ResourceServer) => ResourceServer,
): Situation => {
  const { snapshot } = situation
  const before = snapshot.catalog.byId.get(id)
  if (before === undefined) return situation
  const catalog = replaceServer(snapshot.catalog, before, change(before))
  return { ...situation, snapshot: { ...snapshot, catalog } }
}

/** Every index of the catalog knows resource servers by reference, so all are made anew. */
const replaceServer = (
  catalog: Catalog,
  before: ResourceServer,
  after: ResourceServer,
): Catalog => {
  const servers = [...catalog.byId].map(([, server]) => (server === before ? after : server))
  const byFullyQualifiedScope = new Map<string, ScopeTarget[]>()
  for (const resourceServer of servers) {
    for (const audience of new Set(resourceServer.audiences)) {
      for (const scope of resourceServer.scopes) {
        const targets = byFullyQualifiedScope.get(audience + scope)
        if (targets === undefined) {
          byFullyQualifiedScope.set(audience + scope, [{ resourceServer, scope }])
        } else targets.push({ resourceServer, scope })
      }
    }
  }
  const moved = (server: ResourceServer) => (server === before ? after : server)
  return {
    ...catalog,
    byId: new Map([...catalog.byId].map(([id, server]) => [id, moved(server)])),
    byAudience: new Map([...catalog.byAudience].map(([name, server]) => [name, moved(server)])),
    byFullyQualifiedScope,
  }
}
