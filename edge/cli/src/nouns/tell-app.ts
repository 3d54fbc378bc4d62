import { isObject, type Json, listOf, type Send, textOf } from '../domain-file/present-state.ts'
import { type Declared, declareApi, declareApplication } from '../export/declare-app.ts'
import type { DomainNames } from '../export/read-whole-domain.ts'
import { panelOf } from '../session/output.ts'
import { rolesOfApp } from './find.ts'

const appExtension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'

const apisOf = async (send: Send, app: Json): Promise<ReadonlyMap<string, Json>> => {
  const inside = app[appExtension]
  const fallback = isObject(inside) ? textOf(inside, 'defaultResourceServer') : ''
  const ids = listOf(app, 'allowedScopes').map((each) => textOf(each, 'idOfDefiningApp'))
  const apis = new Map<string, Json>()
  for (const id of new Set([...ids, fallback])) {
    if (id === '') continue
    const { status, body } = await send({ method: 'GET', path: `/Apps/${id}` })
    if (status === 200 && isObject(body)) apis.set(id, body)
  }
  return apis
}

/** An application as an entry of a domain file says it. */
export const describeApplication = async (
  send: Send,
  app: Json,
  nowMs: number,
): Promise<Declared> => {
  const apis = await apisOf(send, app)
  const held = listOf(app, 'grantedAppRoles').map((role) => ({
    api: textOf(role, 'appName'),
    role: textOf(role, 'display'),
  }))
  const names: DomainNames = {
    app: (id) => (apis.has(id) ? textOf(apis.get(id) as Json, 'displayName') : undefined),
    user: () => undefined,
    rolesOf: () => held,
    definedBy: () => [],
  }
  return declareApplication(app, false, { names, apis, nowMs })
}

/** An API as an entry of a domain file says it. */
export const describeApi = async (send: Send, app: Json): Promise<Declared> => {
  const roles = await rolesOfApp(send, app)
  return declareApi(app, {
    app: () => undefined,
    user: () => undefined,
    rolesOf: () => [],
    definedBy: () => roles,
  })
}

const accessText = (declared: Declared): string => {
  const access = (declared['access'] ?? []) as readonly Json[]
  return access
    .map((each) => {
      const words = ['scopes', 'roles'].flatMap((name) => (each[name] ?? []) as readonly string[])
      return `${textOf(each, 'api')}: ${words.join(' ')}`
    })
    .join('   ')
}

export const applicationPanel = (app: Json, declared: Declared): string =>
  panelOf([
    ['Name', textOf(app, 'displayName')],
    ['Client ID', textOf(app, 'name')],
    ['ID', textOf(app, 'id')],
    ['Description', textOf(app, 'description')],
    ['Status', app['active'] === true ? 'active' : 'inactive'],
    ['Type', textOf(app, 'clientType')],
    ['May use', accessText(declared)],
    ['Default API', String(declared['defaultApi'] ?? '')],
    ['May', ((declared['may'] ?? []) as readonly string[]).join(' ')],
    ['Reach', String(declared['reach'] ?? '')],
  ])

const nameOf = (each: unknown): string => (isObject(each) ? textOf(each, 'name') : String(each))

export const apiPanel = (app: Json, declared: Declared): string =>
  panelOf([
    ['Name', textOf(app, 'displayName')],
    ['Audience', textOf(app, 'audience')],
    ['ID', textOf(app, 'id')],
    ['Description', textOf(app, 'description')],
    ['Status', app['active'] === true ? 'active' : 'inactive'],
    ['Profile', String(declared['profile'] ?? 'identity-domain')],
    ['Token lifetime', String(declared['tokenLifetime'] ?? '')],
    ['Scopes', ((declared['scopes'] ?? []) as readonly unknown[]).map(nameOf).join(' ')],
    ['Roles', ((declared['roles'] ?? []) as readonly unknown[]).map(nameOf).join(', ')],
  ])
