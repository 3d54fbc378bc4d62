import { type AppRecord, appExtension, type RoleRecord, type Tag } from '../server/records.ts'
import type { Json } from '../server/request.ts'
import type { PatchOperation } from '../server/scim.ts'
import {
  type AllowanceDraft,
  allowanceAttributes,
  allowanceOf,
  allowanceOperations,
  emptyAllowance,
  faultOfAllowance,
} from './allowance.ts'

export const jwtAssertionGrant = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const fieldGrants: readonly string[] = ['client_credentials', jwtAssertionGrant]

export interface ClientDraft {
  readonly configured: boolean
  readonly clientCredentials: boolean
  readonly jwtAssertion: boolean
  /** What the page has no field for, kept as it is. */
  readonly otherGrants: readonly string[]
  readonly otherOperations: readonly string[]
  readonly redirectUrl: string
  readonly postLogoutRedirectUrl: string
  readonly logoutUrl: string
  readonly clientType: 'confidential' | 'trusted' | 'public'
  readonly introspect: boolean
  readonly trustScope: 'Account' | 'Tags' | 'Explicit'
  readonly addResources: boolean
  /** Fully qualified. */
  readonly scopes: readonly string[]
  readonly tags: readonly Tag[]
  readonly addRoles: boolean
  readonly roles: readonly RoleRecord[]
  readonly allowance: AllowanceDraft
}

export interface DraftScope {
  readonly value: string
  readonly description: string
}

export interface ResourceDraft {
  readonly configured: boolean
  readonly audience: string
  readonly scopes: readonly DraftScope[]
  /** As typed; empty: what the domain has. */
  readonly lifetimeSeconds: string
  readonly profile: 'identity-domain' | 'rfc9068'
  readonly allowance: AllowanceDraft
}

export interface OAuthDraft {
  readonly client: ClientDraft
  readonly resource: ResourceDraft
}

export const emptyDraft: OAuthDraft = {
  client: {
    configured: false,
    clientCredentials: false,
    jwtAssertion: false,
    otherGrants: [],
    otherOperations: [],
    redirectUrl: '',
    postLogoutRedirectUrl: '',
    logoutUrl: '',
    clientType: 'confidential',
    introspect: false,
    trustScope: 'Explicit',
    addResources: false,
    scopes: [],
    tags: [],
    addRoles: false,
    roles: [],
    allowance: emptyAllowance,
  },
  resource: {
    configured: false,
    audience: '',
    scopes: [],
    lifetimeSeconds: '',
    profile: 'identity-domain',
    allowance: emptyAllowance,
  },
}

const clientDraftOf = (app: AppRecord, roles: readonly RoleRecord[]): ClientDraft => {
  const grants = app.allowedGrants ?? []
  const scopes = (app.allowedScopes ?? []).map(({ fqs }) => fqs)
  const trust = app.trustScope
  return {
    configured: app.isOAuthClient === true,
    clientCredentials: grants.includes('client_credentials'),
    jwtAssertion: grants.includes(jwtAssertionGrant),
    otherGrants: grants.filter((each) => !fieldGrants.includes(each)),
    otherOperations: (app.allowedOperations ?? []).filter((each) => each !== 'introspect'),
    redirectUrl: app.redirectUris?.[0] ?? '',
    postLogoutRedirectUrl: app.postLogoutRedirectUris?.[0] ?? '',
    logoutUrl: app.logoutUri ?? '',
    clientType: app.clientType ?? (isMobile(app) ? 'public' : 'confidential'),
    introspect: app.allowedOperations?.includes('introspect') === true,
    trustScope: trust === 'Account' || trust === 'Tags' ? trust : 'Explicit',
    addResources: scopes.length > 0,
    scopes,
    tags: (app.allowedTags ?? []).map(({ key, value }) => ({ key, value })),
    addRoles: roles.length > 0,
    roles,
    allowance: allowanceOf(app, 'client'),
  }
}

/** Made as a Mobile Application: it can keep no secret. */
export const isMobile = (app: AppRecord): boolean =>
  app.clientType === 'public' || app.basedOnTemplate?.value === 'CustomBrowserMobileTemplateId'

export const draftOf = (app: AppRecord, roles: readonly RoleRecord[]): OAuthDraft => ({
  client: clientDraftOf(app, roles),
  resource: {
    configured: app.isOAuthResource === true,
    audience: app.audience ?? '',
    scopes: (app.scopes ?? []).map(({ value, description = '' }) => ({ value, description })),
    lifetimeSeconds: app.accessTokenExpiry ? String(app.accessTokenExpiry) : '',
    profile: app[appExtension]?.tokenProfile ?? 'identity-domain',
    allowance: allowanceOf(app, 'api'),
  },
})

const oneOrNone = (text: string): readonly string[] => (text.trim() === '' ? [] : [text.trim()])

const clientAttributes = (draft: ClientDraft): Json => {
  if (!draft.configured) {
    return {
      allowedGrants: [],
      allowedScopes: [],
      allowedTags: [],
      allowedOperations: [],
      isOAuthClient: false,
    }
  }
  const explicit = draft.trustScope === 'Explicit' && draft.addResources
  // a client with a wide reach asks with the one wide scope
  const wide = draft.trustScope === 'Explicit' ? [] : ['urn:opc:resource:consumer::all']
  const scopes = explicit ? draft.scopes : [...new Set([...draft.scopes, ...wide])]
  return {
    isOAuthClient: true,
    clientType: draft.clientType,
    allowedGrants: [
      ...(draft.clientCredentials ? ['client_credentials'] : []),
      ...(draft.jwtAssertion ? [jwtAssertionGrant] : []),
      ...draft.otherGrants,
    ],
    allowedOperations: [...(draft.introspect ? ['introspect'] : []), ...draft.otherOperations],
    redirectUris: oneOrNone(draft.redirectUrl),
    postLogoutRedirectUris: oneOrNone(draft.postLogoutRedirectUrl),
    logoutUri: draft.logoutUrl.trim(),
    trustScope: draft.trustScope,
    allowedScopes: (draft.trustScope === 'Explicit' && !explicit ? [] : scopes).map((fqs) => ({
      fqs,
    })),
    allowedTags: draft.trustScope === 'Tags' ? draft.tags : [],
  }
}

const resourceAttributes = (draft: ResourceDraft, present: AppRecord | null): Json => {
  if (!draft.configured) {
    return { scopes: [], audience: '', accessTokenExpiry: null, isOAuthResource: false }
  }
  const before = present?.scopes ?? []
  return {
    isOAuthResource: true,
    audience: draft.audience.trim(),
    scopes: draft.scopes.map(({ value, description }) => {
      const known = before.find((scope) => scope.value === value)
      return {
        value,
        ...(description.trim() === '' ? {} : { description: description.trim() }),
        ...(known?.displayName === undefined ? {} : { displayName: known.displayName }),
        ...(known?.requiresConsent === true ? { requiresConsent: true } : {}),
      }
    }),
    accessTokenExpiry: draft.lifetimeSeconds.trim() === '' ? null : Number(draft.lifetimeSeconds),
  }
}

const isNothing = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  (Array.isArray(value) && value.length === 0)

/** Of a side that is not configured nothing is said. */
const allowances = ({ client, resource }: OAuthDraft) => ({
  client: client.configured ? client.allowance : emptyAllowance,
  resource: resource.configured ? resource.allowance : emptyAllowance,
})

const saidAllowances = (draft: OAuthDraft): Json => {
  const { client, resource } = allowances(draft)
  const all = { ...allowanceAttributes(client, 'client'), ...allowanceAttributes(resource, 'api') }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null))
}

/** What `POST /admin/v1/Apps` reads; an empty attribute is left out. */
export const attributesForCreation = (draft: OAuthDraft): Json => {
  const all = { ...clientAttributes(draft.client), ...resourceAttributes(draft.resource, null) }
  const said = Object.entries(all).filter(([, value]) => !isNothing(value) && value !== false)
  const { profile, configured } = draft.resource
  const extension = {
    // no secret until somebody asks to see one
    ...(draft.client.configured ? { secret: null } : {}),
    ...(configured ? { tokenProfile: profile } : {}),
    ...saidAllowances(draft),
  }
  return { ...Object.fromEntries(said), [appExtension]: extension }
}

/** What has to change so that the application says what the draft says. */
export const operationsOf = (draft: OAuthDraft, present: AppRecord): readonly PatchOperation[] => {
  const before = present as unknown as Json
  const wanted = {
    ...clientAttributes(draft.client),
    ...resourceAttributes(draft.resource, present),
  }
  const operations: PatchOperation[] = []
  for (const [path, value] of Object.entries(wanted)) {
    if (isNothing(value)) {
      if (!isNothing(before[path])) operations.push({ op: 'remove', path })
    } else if (value !== false || before[path] === true) {
      operations.push({ op: 'replace', path, value })
    }
  }
  const { client, resource } = allowances(draft)
  operations.push(...allowanceOperations(client, present, 'client'))
  operations.push(...allowanceOperations(resource, present, 'api'))
  const profile = `${appExtension}:tokenProfile`
  if (draft.resource.configured) {
    operations.push({ op: 'replace', path: profile, value: draft.resource.profile })
  } else if (present.isOAuthResource) {
    // what says how tokens for an API are written means nothing without one
    operations.push({ op: 'remove', path: profile })
    operations.push({ op: 'remove', path: `${appExtension}:signingAlgorithm` })
  }
  return operations
}

/** What stands in the way of saving, in words; null: nothing. */
export const faultOfDraft = ({ client, resource }: OAuthDraft): string | null => {
  if (resource.configured && resource.audience.trim() === '') {
    return 'Primary audience is missing: the address or name that tokens for this API carry.'
  }
  if (resource.configured && resource.lifetimeSeconds.trim() !== '') {
    if (!/^[1-9]\d{0,8}$/.test(resource.lifetimeSeconds.trim())) {
      return 'Access token expiration is a number of seconds.'
    }
  }
  if (client.configured && client.trustScope === 'Tags' && client.tags.length === 0) {
    return 'Tagged needs at least one tag.'
  }
  const said = allowances({ client, resource })
  return faultOfAllowance(said.client) ?? faultOfAllowance(said.resource)
}
