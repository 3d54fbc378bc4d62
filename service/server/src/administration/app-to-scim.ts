import type { AppRole } from '@mintmark/registry/app-role'
import type { Application, ClientFacet, ResourceServerFacet } from '@mintmark/registry/application'
import type { ClientCertificate, ClientSecret } from '@mintmark/registry/client-credential'
import type { Grant } from '@mintmark/registry/grant'
import { fullyQualifiedScope } from '@mintmark/registry/scope'
import { writeAllowance } from './allowance-attributes.ts'
import { appDefaults, appExtensionUrn, appSchema } from './app-schema.ts'
import { authorOf } from './kept-attributes.ts'
import { isObject, type Json } from './read-resource.ts'
import { frameAttributes } from './write-resource.ts'

/** An application with what belongs to its representation. */
export interface WholeApplication {
  readonly application: Application
  readonly certificates: readonly ClientCertificate[]
  readonly secrets: readonly ClientSecret[]
  /** When they were last used, by id. */
  readonly secretUses: ReadonlyMap<string, number>
  readonly held: readonly {
    readonly grant: Grant
    readonly role: AppRole
    readonly owner: string
  }[]
  /** Who defines a fully qualified scope, by id. */
  readonly definerOf: (fqs: string) => string | undefined
  readonly url: string
}

const clientAttributes = (client: ClientFacet, whole: WholeApplication): Json => ({
  isOAuthClient: true,
  clientType: client.clientType,
  allowedGrants: client.grantTypes,
  allowedOperations: client.operations,
  trustScope: client.policy.trustScope,
  allowedScopes: client.policy.allowedScopes.map((fqs) => {
    const idOfDefiningApp = whole.definerOf(fqs)
    return idOfDefiningApp === undefined ? { fqs } : { fqs, idOfDefiningApp }
  }),
  allowedTags: client.policy.allowedTags,
  certificates: whole.certificates.map((each) => ({
    certAlias: each.alias,
    kid: each.alias,
    x5t: each.x5t,
    sha1Thumbprint: each.x5t,
    x509Base64Certificate: each.der,
  })),
})

const resourceAttributes = (facet: ResourceServerFacet): Json => ({
  isOAuthResource: true,
  audience: facet.audience,
  scopes: facet.scopes.map((scope) => ({
    value: scope.value,
    fqs: fullyQualifiedScope(facet.audience, scope.value),
    ...(scope.displayName === null ? {} : { displayName: scope.displayName }),
    ...(scope.description === null ? {} : { description: scope.description }),
    requiresConsent: scope.requiresConsent,
  })),
  secondaryAudiences: facet.secondaryAudiences,
  protectableSecondaryAudiences: facet.secondaryAudiences.map((value) => ({ value })),
  accessTokenExpiry: facet.tokenLifetimeSeconds,
})

const timeOrNull = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString()

const withoutNull = (values: Json): Json =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))

/** Never a digest: label, ending and times are all that is told of a secret. */
const secretAttributes = (secret: ClientSecret, usedAtMs: number | undefined): Json =>
  withoutNull({
    id: secret.id,
    label: secret.label,
    origin: secret.origin,
    ending: secret.ending,
    created: timeOrNull(secret.createdAtMs),
    lastUsed: timeOrNull(usedAtMs ?? null),
    expires: timeOrNull(secret.expiresAtMs),
    ends: timeOrNull(secret.endsAtMs),
  })

const extensionAttributes = (whole: WholeApplication): Json => {
  const { client, resourceServer } = whole.application
  const ofResource =
    resourceServer === null
      ? {}
      : {
          tokenProfile: resourceServer.profile,
          signingAlgorithm: resourceServer.algorithm,
          resourceCertificateBoundTokens: resourceServer.certificateBoundTokens,
          // records from before there was this member have none
          resourceDpopBoundTokens: resourceServer.dpopBoundTokens ?? false,
          ...writeAllowance(resourceServer.allowance, 'api'),
        }
  if (client === null) return ofResource
  return withoutNull({
    ...ofResource,
    authenticationMethods: client.authenticationMethods,
    assertionPolicy: client.assertionPolicy,
    assertionAlgorithm: client.assertionAlgorithm,
    jwks: client.jwks === null ? null : { keys: client.jwks },
    jwksUri: client.jwksUri,
    certificateSubject: client.certificateSubject,
    certificateAnchors: client.certificateAnchors,
    certificateBoundTokens: client.certificateBoundTokens,
    dpopBoundTokens: client.dpopBoundTokens ?? false,
    rawBasicAccepted: client.rawBasicAccepted,
    defaultResourceServer: client.defaultResourceServerId,
    ...writeAllowance(client.allowance, 'client'),
    secrets: whole.secrets.map((each) => secretAttributes(each, whole.secretUses.get(each.id))),
  })
}

const grantedRoles = (whole: WholeApplication): readonly Json[] =>
  whole.held.map(({ grant, role, owner }) => ({
    value: role.id,
    $ref: `${whole.url}/admin/v1/AppRoles/${role.id}`,
    type: 'direct',
    display: role.displayName,
    appId: grant.applicationId,
    appName: owner,
    adminRole: role.adminRole,
  }))

const templateOf = (application: Application, url: string): Json => {
  const kept = application.attributes['basedOnTemplate']
  const value = isObject(kept) ? String(kept['value']) : 'CustomWebAppTemplateId'
  return { ...(isObject(kept) ? kept : { value }), $ref: `${url}/admin/v1/AppTemplates/${value}` }
}

/** The whole representation of an application: nothing left out, nothing secret in it. */
export const writeApp = (whole: WholeApplication): Json => {
  const { application, url } = whole
  const { client, resourceServer, attributes } = application
  const { idcsCreatedBy, idcsLastModifiedBy, ...kept } = attributes
  const extensions = appSchema.keptExtensions.filter((urn) => kept[urn] !== undefined)
  return {
    ...appDefaults,
    ...kept,
    schemas: [appSchema.urn, appExtensionUrn, ...extensions],
    ...frameAttributes({ ...application, url }, appSchema),
    idcsCreatedBy: authorOf(idcsCreatedBy, url),
    idcsLastModifiedBy: authorOf(idcsLastModifiedBy, url),
    idcsPreventedOperations: application.builtIn ? ['replace', 'update', 'delete'] : [],
    name: application.clientId,
    displayName: application.displayName,
    description: application.description,
    active: application.active,
    tags: application.tags,
    meterAsOPCService: false,
    migrated: false,
    infrastructure: false,
    isOPCService: false,
    isManagedApp: false,
    basedOnTemplate: templateOf(application, url),
    isOAuthClient: false,
    isOAuthResource: false,
    ...(client === null ? {} : clientAttributes(client, whole)),
    ...(resourceServer === null ? {} : resourceAttributes(resourceServer)),
    grantedAppRoles: grantedRoles(whole),
    [appExtensionUrn]: extensionAttributes(whole),
  }
}
