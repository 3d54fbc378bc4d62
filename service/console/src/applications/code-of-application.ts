import {
  type AllowanceSide,
  allowanceAttributes,
  allowanceOf,
  emptyAllowance,
} from '../oauth-configuration/allowance.ts'
import { type AppRecord, appExtension, appSchema } from '../server/records.ts'

/** Scopes and roles of one API that an application may use. */
export interface Access {
  readonly api: string
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
}

/** By the name of the API; what nobody known defines is left out. */
export const accessByApi = (app: AppRecord, apis: readonly AppRecord[]): readonly Access[] => {
  const found = new Map<string, { scopes: string[]; roles: string[] }>()
  const at = (api: string) => {
    const present = found.get(api) ?? { scopes: [], roles: [] }
    found.set(api, present)
    return present
  }
  for (const { fqs } of app.allowedScopes ?? []) {
    for (const { displayName, scopes = [] } of apis) {
      const scope = scopes.find((each) => each.fqs === fqs)
      if (scope !== undefined) at(displayName).scopes.push(scope.value)
    }
  }
  for (const { display, appName } of app.grantedAppRoles ?? []) {
    if (appName !== undefined && display !== undefined) at(appName).roles.push(display)
  }
  return [...found].map(([api, { scopes, roles }]) => ({ api, scopes, roles }))
}

/** Something that a shell would take apart is quoted. */
const word = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** What makes it, and what it may, line by line. */
export const commandLines = (app: AppRecord, access: readonly Access[]): string => {
  const name = word(app.displayName)
  if (app.isOAuthResource && !app.isOAuthClient) {
    const scopes = (app.scopes ?? []).map(({ value }) => ` --scope ${word(value)}`).join('')
    return `mintmark api create ${name} --audience ${word(app.audience ?? '')}${scopes}`
  }
  const lines = [
    `mintmark app create ${name} --new-client-id ${word(app.name)}` +
      `${app.clientType && app.clientType !== 'confidential' ? ` --type ${app.clientType}` : ''}` +
      `${app.active ? '' : ' --inactive'}`,
  ]
  for (const { api, scopes, roles } of access) {
    if (scopes.length > 0) {
      lines.push(`mintmark app grant ${name} ${word(api)} ${scopes.map(word).join(' ')}`)
    }
    for (const role of roles) {
      lines.push(`mintmark api role assign ${word(api)} ${word(role)} ${name}`)
    }
  }
  return lines.join('\n')
}

/** A YAML scalar: plain where nothing can be misread, else as JSON, which YAML reads too. */
const scalar = (text: string): string =>
  /^[A-Za-z][\w./-]*(?: [\w./-]+)*$/.test(text) &&
  !/^(?:true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : JSON.stringify(text)

const flow = (words: readonly string[]): string => `[${words.map(scalar).join(', ')}]`

/** Under the names that they have in a file, on either side. */
const allowanceLines = (app: AppRecord, side: AllowanceSide): readonly string[] => {
  const names = Object.keys(allowanceAttributes(emptyAllowance, 'client'))
  const values = Object.values(allowanceAttributes(allowanceOf(app, side), side))
  return names.flatMap((name, at) => {
    const value = values[at] ?? null
    return value === null || value === 'enforce' ? [] : [`    ${name}: ${value}`]
  })
}

/** An entry for `mintmark apply -f`. */
export const domainFile = (app: AppRecord, access: readonly Access[]): string => {
  const common = [
    `  - name: ${scalar(app.displayName)}`,
    ...(app.description ? [`    description: ${scalar(app.description)}`] : []),
  ]
  const state = `    active: ${app.active}`
  const api = app.isOAuthResource
    ? [
        'apis:',
        ...common,
        `    audience: ${scalar(app.audience ?? '')}`,
        `    scopes: ${flow((app.scopes ?? []).map(({ value }) => value))}`,
        ...(app[appExtension]?.tokenProfile === 'rfc9068' ? ['    profile: rfc9068'] : []),
        ...allowanceLines(app, 'api'),
        ...(app.isOAuthClient ? [] : [state]),
      ]
    : []
  if (!app.isOAuthClient) return api.length > 0 ? api.join('\n') : '# not configured yet'
  const client = [
    'applications:',
    ...common,
    `    clientId: ${scalar(app.name)}`,
    ...(app.isOAuthResource ? ['    alsoApi: true'] : []),
    state,
    ...(app.clientType && app.clientType !== 'confidential' ? [`    type: ${app.clientType}`] : []),
    ...allowanceLines(app, 'client'),
    ...(access.length > 0 ? ['    access:'] : []),
    ...access.flatMap(({ api: name, scopes, roles }) => [
      `      - api: ${scalar(name)}`,
      ...(scopes.length > 0 ? [`        scopes: ${flow(scopes)}`] : []),
      ...(roles.length > 0 ? [`        roles: ${flow(roles)}`] : []),
    ]),
  ]
  return [...api, ...client].join('\n')
}

const told = [
  'name',
  'displayName',
  'description',
  'active',
  'basedOnTemplate',
  'isOAuthClient',
  'clientType',
  'allowedGrants',
  'allowedOperations',
  'trustScope',
  'allowedScopes',
  'isOAuthResource',
  'audience',
  'scopes',
] as const

const serverMembers = ['idOfDefiningApp', '$ref', 'lastModified']

const saysNothing = (value: unknown): boolean =>
  value === undefined || value === false || (Array.isArray(value) && value.length === 0)

const withoutReadOnly = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (name, inner) => (serverMembers.includes(name) ? undefined : inner)),
  )

/** The request that makes the same application in another domain. */
export const scimRequest = (app: AppRecord, url: string): string => {
  const said = told
    .filter((name) => name === 'active' || !saysNothing(app[name]))
    .map((name) => {
      if (name === 'scopes') {
        return [name, (app.scopes ?? []).map(({ fqs: _, ...scope }) => scope)] as const
      }
      return [name, withoutReadOnly(app[name])] as const
    })
  const body = { schemas: [appSchema], ...Object.fromEntries(said) }
  return [
    `curl -X POST ${url}/admin/v1/Apps \\`,
    `  -H "Authorization: Bearer $ADMINISTRATOR_TOKEN" \\`,
    `  -H 'Content-Type: application/scim+json' \\`,
    `  -d '${JSON.stringify(body, null, 2).replaceAll("'", `'\\''`)}'`,
  ].join('\n')
}
