/** The resources of `/admin/v1` as the pages read them. */

export const appSchema = 'urn:ietf:params:scim:schemas:oracle:idcs:App'
export const appExtension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'
export const roleExtension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:AppRole'
export const regeneratorSchema =
  'urn:ietf:params:scim:schemas:oracle:idcs:AppClientSecretRegenerator'
export const regeneratorExtension =
  'urn:ietf:params:scim:schemas:extension:mintmark:1.0:AppClientSecretRegenerator'

export interface ScopeRecord {
  readonly value: string
  readonly fqs?: string
  readonly displayName?: string
  readonly description?: string
  readonly requiresConsent?: boolean
}

export interface SecretRecord {
  readonly id: string
  readonly label?: string
  readonly ending?: string
  readonly created: string
  readonly lastUsed?: string
  readonly expires?: string
  readonly ends?: string
}

export interface Tag {
  readonly key: string
  readonly value: string
}

export type BudgetMode = 'enforce' | 'reissue' | 'observe'

export interface AppRecord {
  readonly id: string
  /** The client id. */
  readonly name: string
  readonly displayName: string
  readonly description?: string
  readonly contactEmailAddress?: string
  readonly tags?: readonly Tag[]
  readonly active: boolean
  readonly isOAuthClient?: boolean
  readonly clientType?: 'confidential' | 'trusted' | 'public'
  readonly allowedGrants?: readonly string[]
  readonly allowedOperations?: readonly string[]
  readonly trustScope?: 'Explicit' | 'Account' | 'Tags' | 'Default'
  readonly allowedScopes?: readonly { readonly fqs: string; readonly idOfDefiningApp?: string }[]
  readonly allowedTags?: readonly Tag[]
  readonly isOAuthResource?: boolean
  readonly audience?: string
  readonly scopes?: readonly ScopeRecord[]
  readonly accessTokenExpiry?: number
  readonly redirectUris?: readonly string[]
  readonly postLogoutRedirectUris?: readonly string[]
  readonly logoutUri?: string
  readonly basedOnTemplate?: { readonly value: string }
  readonly certificates?: readonly { readonly certAlias: string; readonly x5t?: string }[]
  readonly grantedAppRoles?: readonly {
    readonly value: string
    readonly display?: string
    readonly appId?: string
    readonly appName?: string
  }[]
  readonly idcsLastModifiedBy?: { readonly display?: string }
  readonly meta?: { readonly created?: string; readonly lastModified?: string }
  readonly [appExtension]?: {
    readonly tokenProfile?: 'identity-domain' | 'rfc9068'
    readonly signingAlgorithm?: 'RS256' | 'ES256'
    readonly authenticationMethods?: readonly string[]
    readonly jwksUri?: string
    readonly jwks?: { readonly keys: readonly { readonly kid?: string; readonly kty: string }[] }
    readonly certificateSubject?: unknown
    readonly defaultResourceServer?: string
    readonly secrets?: readonly SecretRecord[]
    readonly tokenReusePercent?: number
    readonly tokensPerMinute?: number
    readonly tokensPerDay?: number
    readonly budgetMode?: BudgetMode
    readonly resourceTokenReusePercent?: number
    readonly resourceTokensPerMinute?: number
    readonly resourceTokensPerDay?: number
    readonly resourceBudgetMode?: BudgetMode
  }
}

export interface RoleRecord {
  readonly id: string
  readonly displayName: string
  readonly description?: string
  readonly adminRole?: boolean
  readonly availableToClients?: boolean
  readonly availableToUsers?: boolean
  readonly availableToGroups?: boolean
  readonly app: { readonly value: string; readonly display: string }
  readonly [roleExtension]?: { readonly scopes?: readonly string[] }
}

export type GranteeType = 'User' | 'Group' | 'App'

export interface GrantRecord {
  readonly id: string
  readonly app: { readonly value: string }
  readonly entitlement: { readonly attributeValue: string }
  readonly grantee: { readonly value: string; readonly type: GranteeType }
}

export interface PersonRecord {
  readonly id: string
  readonly userName?: string
  readonly displayName?: string
}

/** What an application is, in one word of the list. */
export const kindOf = (app: AppRecord): string => {
  if (app.isOAuthClient && app.isOAuthResource) return 'Application and API'
  if (app.isOAuthResource) return 'API'
  if (!app.isOAuthClient) return 'Not configured'
  return app.clientType === 'public' ? 'Mobile Application' : 'Confidential Application'
}

export const secretsOf = (app: AppRecord): readonly SecretRecord[] =>
  app[appExtension]?.secrets ?? []
