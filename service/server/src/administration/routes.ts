import type { AdministrationEndpoint } from '@mintmark/decisions/administration/built-in-roles'
import { appResource } from './app.ts'
import {
  appClientSecretRegeneratorSchema,
  endSecret,
  regenerateSecret,
} from './app-client-secret-regenerator.ts'
import { appRoleResource } from './app-role.ts'
import { appStatusChangerSchema, changeAppStatus } from './app-status-changer.ts'
import { asserterSchema, assertSubject } from './asserter.ts'
import type { ResourceSchema } from './attribute.ts'
import type { AdministrationCommand } from './command.ts'
import { customClaimResource } from './custom-claim.ts'
import type { Handler } from './exchange.ts'
import { grantResource } from './grant.ts'
import { groupResource } from './group.ts'
import { certificateResource } from './oauth-client-certificate.ts'
import { partnerCertificateResource } from './oauth-partner-certificate.ts'
import { oauth2ClientCredentialResource } from './oauth2-client-credential.ts'
import { routeOf } from './resource-route.ts'
import type { Route } from './route.ts'
import { settingsResource } from './settings.ts'
import { userResource } from './user.ts'

export const routes: Readonly<Partial<Record<AdministrationEndpoint, Route>>> = {
  Apps: {
    ...routeOf(appResource),
    replaceQuery: {
      revokeTokens: 'true: keys and certificates that it takes away end the tokens they obtained.',
    },
  },
  AppRoles: routeOf(appRoleResource),
  Grants: routeOf(grantResource),
  AppStatusChanger: { schema: appStatusChangerSchema, replace: changeAppStatus },
  AppClientSecretRegenerator: {
    schema: appClientSecretRegeneratorSchema,
    create: regenerateSecret,
    remove: endSecret,
    removeQuery: { revokeTokens: 'true: also ends the tokens that this secret has obtained.' },
  },
  OAuthClientCertificates: routeOf(certificateResource),
  OAuth2ClientCredentials: routeOf(oauth2ClientCredentialResource),
  Settings: routeOf(settingsResource),
  Users: routeOf(userResource),
  Groups: routeOf(groupResource),
  CustomClaims: routeOf(customClaimResource),
  OAuthPartnerCertificates: routeOf(partnerCertificateResource),
  Asserter: { schema: asserterSchema, create: assertSubject },
}

/** The schemas of everything that there is. */
export const schemas: readonly ResourceSchema[] = Object.values(routes).map(({ schema }) => schema)

/** What a path is about: the endpoint itself, its `.search`, or one of its resources. */
export type Target = 'list' | 'search' | 'resource'

const membersOf = {
  list: { GET: 'list', HEAD: 'list', POST: 'create' },
  search: { POST: 'search' },
  resource: { GET: 'read', HEAD: 'read', PUT: 'replace', PATCH: 'patch', DELETE: 'remove' },
} as const satisfies Readonly<Record<Target, Readonly<Record<string, keyof Route>>>>

/** The handler of a method. */
export const handlerOf = (route: Route, method: string, target: Target): Handler | undefined => {
  const members: Readonly<Record<string, Exclude<keyof Route, 'schema' | `${string}Query`>>> =
    membersOf[target]
  const member = Object.hasOwn(members, method) ? members[method] : undefined
  return member === undefined ? undefined : route[member]
}

/** RFC 9110 §10.2.1: the methods that would have been answered. */
export const allowedMethods = (route: Route | undefined, target: Target): string =>
  Object.keys(membersOf[target])
    .filter((method) => route && handlerOf(route, method, target) !== undefined)
    .join(', ')

const changing: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/** Whether a command only looks, or is refused, so that it needs no transaction of its own. */
export const isReadOnly = ({ method, path }: AdministrationCommand): boolean =>
  !changing.has(method) || (method === 'POST' && path.endsWith('/.search'))
