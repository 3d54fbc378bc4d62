import type { Application, ClientFacet, ResourceServerFacet } from '../application.ts'
import { fullyQualifiedScope } from '../scope.ts'
import type { SearchDefinition, SearchField } from '../search-definition.ts'
import type { TokenAllowance } from '../token-allowance.ts'
import {
  authorFields,
  elements,
  frameFields,
  partsOf,
  readAuthors,
  readFrame,
  related,
  valueFields,
} from './common-fields.ts'

type Values = Readonly<Record<string, unknown>>

const keptFlags =
  'isLoginTarget showInMyApps isFormFill isRadiusApp allUrlSchemesAllowed allowAccessControl ' +
  'allowOffline isMobileTarget isSamlServiceProvider isWebTierPolicy isKerberosRealm ' +
  'isObligationCapable isEnterpriseApp isUnmanagedApp isMulticloudServiceApp isAliasApp'

/** What an application that never said so has. */
const defaults: Values = {
  isAliasApp: false,
  isLoginTarget: true,
  showInMyApps: false,
  isMobileTarget: false,
  isUnmanagedApp: false,
  isSamlServiceProvider: false,
  isWebTierPolicy: false,
  loginMechanism: 'OIDC',
  allowAccessControl: false,
  isKerberosRealm: false,
  'basedOnTemplate.value': 'CustomWebAppTemplateId',
}

const tag = { key: 'folded', value: 'folded' } as const

const clientFields: Readonly<Record<string, SearchField>> = {
  ...valueFields('isOAuthClient', 'boolean'),
  ...valueFields('clientType', 'folded'),
  ...valueFields('trustScope', 'exact'),
  allowedGrants: { kind: 'values', type: 'exact' },
  allowedOperations: { kind: 'values', type: 'exact' },
  allowedScopes: elements({ fqs: 'exact' }),
  allowedTags: elements(tag),
  certificates: related({ certAlias: 'folded', kid: 'folded' }),
}

const resourceFields: Readonly<Record<string, SearchField>> = {
  ...valueFields('isOAuthResource', 'boolean'),
  ...valueFields('audience', 'folded'),
  ...valueFields('accessTokenExpiry', 'number'),
  secondaryAudiences: { kind: 'values', type: 'folded' },
  protectableSecondaryAudiences: elements({ value: 'folded' }),
  scopes: elements({
    value: 'exact',
    fqs: 'exact',
    displayName: 'folded',
    description: 'folded',
    requiresConsent: 'boolean',
  }),
}

const ownFields: Readonly<Record<string, SearchField>> = {
  ...valueFields('tokenProfile signingAlgorithm assertionPolicy assertionAlgorithm', 'exact'),
  ...valueFields(
    'jwksUri certificateSubject.kind certificateSubject.value defaultResourceServer',
    'exact',
  ),
  ...valueFields(
    'resourceCertificateBoundTokens certificateBoundTokens resourceDpopBoundTokens dpopBoundTokens',
    'boolean',
  ),
  ...valueFields('rawBasicAccepted', 'boolean'),
  ...valueFields('tokenReusePercent tokensPerMinute tokensPerDay', 'number'),
  ...valueFields(
    'resourceTokenReusePercent resourceTokensPerMinute resourceTokensPerDay',
    'number',
  ),
  ...valueFields('budgetMode resourceBudgetMode', 'exact'),
  authenticationMethods: { kind: 'values', type: 'exact' },
}

/** A mode is said of a budget alone. */
const modeOf = (allowance: TokenAllowance | undefined): string | undefined =>
  allowance === undefined || (allowance.tokensPerMinute ?? allowance.tokensPerDay) === null
    ? undefined
    : allowance.budgetMode

const readClient = (client: ClientFacet | null): Values =>
  client === null
    ? { isOAuthClient: false }
    : {
        isOAuthClient: true,
        clientType: client.clientType,
        allowedGrants: client.grantTypes,
        allowedOperations: client.operations,
        trustScope: client.policy.trustScope,
        allowedScopes: client.policy.allowedScopes.map((fqs) => ({ fqs })),
        allowedTags: client.policy.allowedTags,
        authenticationMethods: client.authenticationMethods,
        assertionPolicy: client.assertionPolicy,
        assertionAlgorithm: client.assertionAlgorithm,
        jwksUri: client.jwksUri,
        'certificateSubject.kind': client.certificateSubject?.kind,
        'certificateSubject.value': client.certificateSubject?.value,
        certificateBoundTokens: client.certificateBoundTokens,
        dpopBoundTokens: client.dpopBoundTokens ?? false,
        rawBasicAccepted: client.rawBasicAccepted,
        defaultResourceServer: client.defaultResourceServerId,
        tokenReusePercent: client.allowance?.reusePercent,
        tokensPerMinute: client.allowance?.tokensPerMinute,
        tokensPerDay: client.allowance?.tokensPerDay,
        budgetMode: modeOf(client.allowance),
      }

const readResourceServer = (facet: ResourceServerFacet | null): Values =>
  facet === null
    ? { isOAuthResource: false }
    : {
        isOAuthResource: true,
        audience: facet.audience,
        secondaryAudiences: facet.secondaryAudiences,
        protectableSecondaryAudiences: facet.secondaryAudiences.map((value) => ({ value })),
        scopes: facet.scopes.map((scope) => ({
          ...scope,
          fqs: fullyQualifiedScope(facet.audience, scope.value),
        })),
        accessTokenExpiry: facet.tokenLifetimeSeconds,
        tokenProfile: facet.profile,
        signingAlgorithm: facet.algorithm,
        resourceCertificateBoundTokens: facet.certificateBoundTokens,
        resourceDpopBoundTokens: facet.dpopBoundTokens ?? false,
        resourceTokenReusePercent: facet.allowance?.reusePercent,
        resourceTokensPerMinute: facet.allowance?.tokensPerMinute,
        resourceTokensPerDay: facet.allowance?.tokensPerDay,
        resourceBudgetMode: modeOf(facet.allowance),
      }

/** SCIM `App`, with the plain names of our extension's attributes. */
export const applicationSearch: SearchDefinition<Application> = {
  fields: {
    ...frameFields,
    ...authorFields,
    ...valueFields('name displayName description serviceTypeURN serviceTypeVersion', 'folded'),
    ...valueFields('active migrated infrastructure isOPCService isManagedApp', 'boolean'),
    ...valueFields('meterAsOPCService', 'boolean'),
    ...valueFields(keptFlags, 'boolean'),
    ...valueFields('loginMechanism basedOnTemplate.value', 'exact'),
    ...valueFields('basedOnTemplate.wellKnownId', 'folded'),
    tags: elements(tag),
    grantedAppRoles: related({
      value: 'exact',
      display: 'folded',
      appId: 'folded',
      appName: 'folded',
      adminRole: 'boolean',
      type: 'folded',
    }),
    ...clientFields,
    ...resourceFields,
    ...ownFields,
  },
  read: (item) => ({
    ...defaults,
    ...item.attributes,
    ...partsOf(item.attributes, 'basedOnTemplate', 'value wellKnownId'),
    ...readFrame(item),
    ...readAuthors(item.attributes),
    name: item.clientId,
    displayName: item.displayName,
    description: item.description,
    active: item.active,
    migrated: false,
    infrastructure: false,
    isOPCService: false,
    isManagedApp: false,
    meterAsOPCService: false,
    tags: item.tags,
    ...readClient(item.client),
    ...readResourceServer(item.resourceServer),
  }),
}
