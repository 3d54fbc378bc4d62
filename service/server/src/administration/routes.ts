import type { AdministrationEndpoint } from '@mintmark/decisions/administration/built-in-roles'
import { appResource, listApps } from './app.ts'
import {
  appClientSecretRegeneratorSchema,
  regenerateSecret,
} from './app-client-secret-regenerator.ts'
import { appRoleResource, listRoles } from './app-role.ts'
import { appStatusChangerSchema, changeAppStatus } from './app-status-changer.ts'
import type { ResourceSchema } from './attribute.ts'
import type { AdministrationCommand } from './command.ts'
import type { Handler } from './exchange.ts'
import { grantResource, listGrants } from './grant.ts'
import { certificateResource, listCertificates } from './oauth-client-certificate.ts'
import { routeOf } from './resource.ts'
import type { Route } from './route.ts'
import { listSettings, settingsResource } from './settings.ts'

export const routes: Readonly<Partial<Record<AdministrationEndpoint, Route>>> = {
  Apps: { ...routeOf(appResource), list: listApps },
  AppRoles: { ...routeOf(appRoleResource), list: listRoles },
  Grants: { ...routeOf(grantResource), list: listGrants },
  AppStatusChanger: { schema: appStatusChangerSchema, replace: changeAppStatus },
  AppClientSecretRegenerator: {
    schema: appClientSecretRegeneratorSchema,
    create: regenerateSecret,
  },
  OAuthClientCertificates: { ...routeOf(certificateResource), list: listCertificates },
  Settings: { ...routeOf(settingsResource), list: listSettings },
}

/** The schemas of everything that there is. */
export const schemas: readonly ResourceSchema[] = Object.values(routes).map(({ schema }) => schema)

/** The handler of a method, on the endpoint itself or on one of its resources. */
export const handlerOf = (
  route: Route,
  method: string,
  onResource: boolean,
): Handler | undefined => {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return onResource ? route.read : route.list
    case 'POST':
      return onResource ? undefined : route.create
    case 'PUT':
      return onResource ? route.replace : undefined
    case 'PATCH':
      return onResource ? route.patch : undefined
    case 'DELETE':
      return onResource ? route.remove : undefined
    default:
      return undefined
  }
}

/** RFC 9110 §10.2.1: the methods that would have been answered. */
export const allowedMethods = (route: Route | undefined, onResource: boolean): string =>
  ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
    .filter((method) => route && handlerOf(route, method, onResource) !== undefined)
    .join(', ')

/** Whether a command only looks, so that a reader without a transaction is enough for it. */
export const isReadOnly = (command: Pick<AdministrationCommand, 'method'>): boolean =>
  command.method === 'GET' || command.method === 'HEAD'
