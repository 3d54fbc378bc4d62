import { allowanceBody } from './allowance.ts'
import { appExtension } from './app-view.ts'
import type { ApiEntry, ApplicationEntry, Entry, TagEntry } from './domain-document.ts'
import { isObject, type Json } from './present-state.ts'

const appSchema = 'urn:ietf:params:scim:schemas:oracle:idcs:App'
const consumerAll = 'urn:opc:resource:consumer::all'

const newApp: Json = {
  schemas: [appSchema],
  basedOnTemplate: { value: 'CustomWebAppTemplateId' },
}
const newPublicApp: Json = {
  schemas: [appSchema],
  basedOnTemplate: { value: 'CustomBrowserMobileTemplateId' },
}

/** What the server alone says of an App; a replacement need not repeat it. */
const serverAttributes = [
  'meta',
  'idcsLastModifiedBy',
  'grantedAppRoles',
  'idcsPreventedOperations',
]

const without = (object: Json, names: readonly string[]): Json =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))

const extensionOf = (app: Json): Json => {
  const inside = app[appExtension]
  return isObject(inside) ? without(inside, ['secrets']) : {}
}

const withSchema = (app: Json): readonly unknown[] => {
  const schemas = Array.isArray(app['schemas']) ? app['schemas'] : []
  return schemas.includes(appExtension) ? schemas : [...schemas, appExtension]
}

const plainTags = (tags: readonly TagEntry[]): readonly Json[] =>
  tags.map(({ key, value }) => ({ key, value }))

const isChosenClientId = (text: string): boolean => /^[A-Za-z0-9_.-]+$/.test(text)

/** A client id that could not be chosen here is one of another server: new ones say so. */
const importedName = (entry: Entry, present: Json | undefined): Json =>
  present !== undefined || entry.clientId === null || isChosenClientId(entry.clientId)
    ? {}
    : { importedName: true }

/** What is said of an App whatever it is; `null` clears. */
const entryAttributes = (
  entry: Entry,
  present: Json | undefined,
  activeByDefault: boolean,
): Json => ({
  displayName: entry.name,
  description: entry.description,
  active: entry.active ?? (present === undefined ? activeByDefault : present['active'] === true),
  tags: plainTags(entry.tags),
  ...(entry.clientId === null ? {} : { name: entry.clientId }),
  ...entry.attributes,
})

const resourceAttributes = [
  'audience',
  'scopes',
  'secondaryAudiences',
  'protectableSecondaryAudiences',
  'accessTokenExpiry',
]
const resourceExtension = ['tokenProfile', 'signingAlgorithm', 'resourceCertificateBoundTokens']

/** An application that defines roles and accepts no tokens. */
const roleOwnerBody = (entry: ApiEntry, present: Json | undefined): Json => {
  const base = without(present ?? newApp, [...serverAttributes, ...resourceAttributes])
  return {
    ...base,
    ...entryAttributes(entry, present, true),
    schemas: withSchema(base),
    isOAuthResource: false,
    [appExtension]: {
      ...without(extensionOf(base), resourceExtension),
      ...importedName(entry, present),
    },
  }
}

/** Names that an API keeps until those who use them have been changed. */
export interface KeptForNow {
  readonly scopes: readonly Json[]
  readonly audiences: readonly string[]
}

/**
 * An API as App. Everything that the file cannot say stays as it is.
 * @param present the App as it is, with all attributes; undefined: it does not exist
 */
export const apiBody = (entry: ApiEntry, present: Json | undefined, kept: KeptForNow): Json => {
  if (!entry.acceptsTokens) return roleOwnerBody(entry, present)
  const base = without(present ?? newApp, serverAttributes)
  const secondary = [...entry.secondaryAudiences, ...kept.audiences]
  return {
    ...base,
    ...entryAttributes(entry, present, true),
    schemas: withSchema(base),
    isOAuthResource: true,
    audience: entry.audience,
    secondaryAudiences: secondary,
    protectableSecondaryAudiences: secondary.map((value) => ({ value })),
    scopes: [
      ...entry.scopes.map(({ value, displayName, description, requiresConsent }) => ({
        value,
        requiresConsent,
        ...(displayName === null ? {} : { displayName }),
        ...(description === null ? {} : { description }),
      })),
      ...kept.scopes,
    ],
    accessTokenExpiry: entry.tokenLifetimeSeconds,
    [appExtension]: {
      ...extensionOf(base),
      tokenProfile: entry.profile,
      signingAlgorithm: entry.algorithm ?? (entry.profile === 'rfc9068' ? 'ES256' : 'RS256'),
      resourceCertificateBoundTokens: entry.certificateBound,
      resourceDpopBoundTokens: entry.dpopBound,
      ...allowanceBody(entry, 'api'),
      ...importedName(entry, present),
    },
  }
}

const trustScopes = { specific: 'Explicit', all: 'Account', tagged: 'Tags' } as const

/** Methods that follow from what is registered; none named: whatever there is a credential for. */
export const methodsThatFollow = (
  authentication: Omit<ApplicationEntry['authentication'], 'methods' | 'anchors'>,
): readonly string[] => {
  const { secret, jwks, jwksUri, certificate, certificates, subject } = authentication
  if (secret !== null) return []
  const certified = certificate !== null || certificates.length > 0
  const keyed = jwks !== null || jwksUri !== null || certified
  return [
    ...(keyed ? ['private_key_jwt'] : []),
    ...(certified ? ['self_signed_tls_client_auth'] : []),
    ...(subject === null ? [] : ['tls_client_auth']),
  ]
}

/** The wide scope that a client with a wide reach has, unless the file says otherwise. */
export const scopesThatFollow = (reach: ApplicationEntry['reach']): readonly string[] =>
  reach === 'specific' ? [] : [consumerAll]

const jwkSet = (jwks: unknown): unknown => (Array.isArray(jwks) ? { keys: jwks } : jwks)

/** What names in the file came to. */
export interface ResolvedAccess {
  readonly allowedScopes: readonly string[]
  readonly defaultApiId: string | null
  readonly certificateAliases: readonly string[]
}

const clientExtension = (entry: ApplicationEntry, access: ResolvedAccess, isNew: boolean): Json => {
  const { secret, jwks, jwksUri, subject, anchors, methods } = entry.authentication
  const chosen = secret !== null && secret !== 'minted' ? secret.chosen : null
  return {
    authenticationMethods: methods ?? methodsThatFollow(entry.authentication),
    jwks: jwkSet(jwks),
    jwksUri,
    certificateSubject: subject,
    certificateAnchors: anchors,
    certificateBoundTokens: entry.certificateBound,
    dpopBoundTokens: entry.dpopBound,
    rawBasicAccepted: entry.rawBasic,
    defaultResourceServer: access.defaultApiId,
    assertionPolicy: entry.assertionPolicy,
    assertionAlgorithm: entry.assertionAlgorithm,
    ...allowanceBody(entry, 'client'),
    // null: none; left out, the server mints one where the methods need it.
    ...(isNew && secret !== 'minted' ? { secret: chosen } : {}),
  }
}

/** An application as App. Everything that the file cannot say stays as it is. */
export const applicationBody = (
  entry: ApplicationEntry,
  present: Json | undefined,
  access: ResolvedAccess,
): Json => {
  const isPublic = entry.type === 'public'
  const base = without(present ?? (isPublic ? newPublicApp : newApp), serverAttributes)
  const others = entry.otherScopes ?? scopesThatFollow(entry.reach)
  return {
    ...base,
    ...entryAttributes(entry, present, false),
    schemas: withSchema(base),
    isOAuthClient: true,
    clientType: entry.type,
    allowedGrants: entry.grants,
    allowedOperations: entry.may,
    trustScope: trustScopes[entry.reach],
    allowedScopes: [...new Set([...access.allowedScopes, ...others])].map((fqs) => ({ fqs })),
    allowedTags: plainTags(entry.reachTags),
    certificates: access.certificateAliases.map((certAlias) => ({ certAlias })),
    [appExtension]: {
      ...extensionOf(base),
      ...clientExtension(entry, access, present === undefined),
      ...importedName(entry, present),
    },
  }
}
