import { appDefaults, appSchema, keptAttributes } from '@mintmark/server/administration/app-schema'
import { declareAllowance } from '../domain-file/allowance.ts'
import { methodsThatFollow, scopesThatFollow } from '../domain-file/app-body.ts'
import { appExtension, keyOf, plainForm } from '../domain-file/app-view.ts'
import { isObject, type Json, listOf, textOf } from '../domain-file/present-state.ts'
import type { DomainNames } from './read-whole-domain.ts'

/** A part of a domain file as plain values; `undefined` members are left out. */
export type Declared = Readonly<Record<string, unknown>>

export const inOrder = (texts: Iterable<string>): readonly string[] => [...texts].toSorted()

/** Without what is not there. */
export const tidy = (values: Declared): Declared =>
  Object.fromEntries(
    Object.entries(values).filter(
      ([, value]) =>
        value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0),
    ),
  )

/** Attributes that are kept and mean nothing here; what everybody has by default is left out. */
export const keptOf = (resource: Json, names: readonly string[], defaults: Json = {}) => {
  const kept = names
    .filter((name) => keyOf(resource[name]) !== keyOf(defaults[name]))
    .map((name) => [name, plainForm(resource[name])] as const)
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

const texts = (object: Json, name: string): readonly string[] => {
  const value = object[name]
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

export const extensionOf = (app: Json): Json => {
  const inside = app[appExtension]
  return isObject(inside) ? inside : {}
}

const tagsOf = (app: Json, name: string): readonly Json[] =>
  listOf(app, name)
    .map((tag) => ({ key: textOf(tag, 'key'), value: textOf(tag, 'value') }))
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

const templateOf = (app: Json): string =>
  app['clientType'] === 'public' ? 'CustomBrowserMobileTemplateId' : 'CustomWebAppTemplateId'

const keptNames = [...keptAttributes.map(({ name }) => name), ...appSchema.keptExtensions]

const declareEntry = (app: Json): Declared => ({
  name: textOf(app, 'displayName'),
  clientId: textOf(app, 'name'),
  description: textOf(app, 'description'),
  active: app['active'] === true,
  tags: tagsOf(app, 'tags'),
  attributes: keptOf(app, keptNames, {
    ...appDefaults,
    basedOnTemplate: { value: templateOf(app) },
  }),
})

const durationText = (seconds: unknown): string | number | undefined => {
  if (typeof seconds !== 'number') return undefined
  if (seconds % 3600 === 0) return `${seconds / 3600}h`
  return seconds % 60 === 0 ? `${seconds / 60}m` : seconds
}

const declareScope = (scope: Json): string | Declared => {
  const more = tidy({
    title: textOf(scope, 'displayName'),
    description: textOf(scope, 'description'),
    requiresConsent: scope['requiresConsent'] === true ? true : undefined,
  })
  const name = textOf(scope, 'value')
  return Object.keys(more).length === 0 ? name : { name, ...more }
}

const roleExtension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:AppRole'

const declareRole = (role: Json): string | Declared => {
  const inside = role[roleExtension]
  const only = (name: string) => (role[name] === true ? true : undefined)
  const more = tidy({
    description: textOf(role, 'description'),
    scopes: isObject(inside) ? inOrder(texts(inside, 'scopes')) : [],
    admin: only('adminRole'),
    clients: role['availableToClients'] === true ? undefined : false,
    users: only('availableToUsers'),
    groups: only('availableToGroups'),
    public: only('public'),
  })
  const name = textOf(role, 'displayName')
  return Object.keys(more).length === 0 ? name : { name, ...more }
}

const byName = (roles: readonly Json[]): readonly Json[] =>
  roles.toSorted((a, b) => (textOf(a, 'displayName') < textOf(b, 'displayName') ? -1 : 1))

/** An entry of `apis:`. */
export const declareApi = (app: Json, names: DomainNames): Declared => {
  const roles = byName(names.definedBy(textOf(app, 'id'))).map(declareRole)
  if (app['isOAuthResource'] !== true) {
    return tidy({ ...declareEntry(app), acceptsTokens: false, roles })
  }
  const extension = extensionOf(app)
  const profile = textOf(extension, 'tokenProfile')
  const algorithm = textOf(extension, 'signingAlgorithm')
  const usual = profile === 'rfc9068' ? 'ES256' : 'RS256'
  return tidy({
    ...declareEntry(app),
    audience: textOf(app, 'audience'),
    secondaryAudiences: texts(app, 'secondaryAudiences'),
    profile: profile === 'identity-domain' ? undefined : profile,
    algorithm: algorithm === usual ? undefined : algorithm,
    tokenLifetime: durationText(app['accessTokenExpiry']),
    certificateBound: extension['resourceCertificateBoundTokens'] === true ? true : undefined,
    dpopBound: extension['resourceDpopBoundTokens'] === true ? true : undefined,
    ...declareAllowance(extension, 'api'),
    scopes: listOf(app, 'scopes').map(declareScope),
    roles,
  })
}

export const pemOf = (base64: string): string =>
  [
    '-----BEGIN CERTIFICATE-----',
    ...(base64.match(/.{1,64}/g) ?? []),
    '-----END CERTIFICATE-----\n',
  ].join('\n')

const subjectFields: Readonly<Record<string, string>> = {
  subject_dn: 'dn',
  san_dns: 'dns',
  san_uri: 'uri',
  san_ip: 'ip',
  san_email: 'email',
}

const subjectOf = (value: unknown): Declared | undefined =>
  isObject(value)
    ? { [subjectFields[textOf(value, 'kind')] ?? 'dn']: textOf(value, 'value') }
    : undefined

/** Whether a client has a secret that works. */
export const hasSecret = (app: Json, nowMs: number): boolean =>
  app['clientType'] !== 'public' &&
  listOf(extensionOf(app), 'secrets').some((secret) =>
    ['ends', 'expires'].every((name) => {
      const time = textOf(secret, name)
      return time === '' || Date.parse(time) > nowMs
    }),
  )

const declareAuthentication = (app: Json, nowMs: number): unknown => {
  const extension = extensionOf(app)
  const { jwks } = extension
  const keys = isObject(jwks) ? listOf(jwks, 'keys') : []
  const secret = hasSecret(app, nowMs)
  const aliases = listOf(app, 'certificates').map((each) => textOf(each, 'certAlias'))
  const subject = subjectOf(extension['certificateSubject'])
  const methods = texts(extension, 'authenticationMethods')
  const usual = methodsThatFollow({
    secret: secret ? 'minted' : null,
    jwks: keys.length === 0 ? null : keys,
    jwksUri: textOf(extension, 'jwksUri') || null,
    certificate: null,
    certificates: aliases.map((value) => ({
      value,
      at: { file: '', line: 1, column: 1 },
      path: '',
    })),
    subject: subject === undefined ? null : { kind: 'subject_dn', value: '' },
  })
  const isUsual = keyOf(inOrder(methods)) === keyOf(inOrder(usual))
  const said = tidy({
    secret: secret ? true : undefined,
    jwks: keys.length === 0 ? undefined : { keys: plainForm(keys) },
    jwksUri: textOf(extension, 'jwksUri'),
    certificates: inOrder(aliases),
    tlsSubject: subject,
    tlsAuthorities: texts(extension, 'certificateAnchors').map(pemOf),
  })
  // An empty list says something: any method that there is a credential for.
  const all = isUsual ? said : { ...said, methods: inOrder(methods) }
  if (Object.keys(all).length === 0) return 'none'
  return keyOf(all) === keyOf({ secret: true }) ? 'secret' : all
}

/** Scopes and roles by API; scopes of no API that is known go apart. */
const declareAccess = (app: Json, names: DomainNames, apis: ReadonlyMap<string, Json>) => {
  const access = new Map<string, { scopes: string[]; roles: string[] }>()
  const others: string[] = []
  const of = (api: string) => {
    const found = access.get(api) ?? { scopes: [], roles: [] }
    access.set(api, found)
    return found
  }
  for (const allowed of listOf(app, 'allowedScopes')) {
    const fqs = textOf(allowed, 'fqs')
    const api = apis.get(textOf(allowed, 'idOfDefiningApp'))
    if (api === undefined) others.push(fqs)
    else of(textOf(api, 'displayName')).scopes.push(shortScope(fqs, api))
  }
  for (const { api, role } of names.rolesOf(textOf(app, 'id'))) of(api).roles.push(role)
  return { access: listAccess(access), others: inOrder(others) }
}

const shortScope = (fqs: string, api: Json): string => {
  const audience = textOf(api, 'audience')
  const short = fqs.startsWith(audience) ? fqs.slice(audience.length) : ''
  const isKnown = listOf(api, 'scopes').some((scope) => textOf(scope, 'value') === short)
  return isKnown ? short : fqs
}

export const listAccess = (
  access: ReadonlyMap<string, { readonly scopes: string[]; readonly roles: string[] }>,
): readonly Declared[] =>
  inOrder(access.keys()).map((api) => {
    const { scopes = [], roles = [] } = access.get(api) ?? {}
    return tidy({ api, scopes: inOrder(scopes), roles: inOrder(roles) })
  })

const reaches: Readonly<Record<string, 'specific' | 'all' | 'tagged'>> = {
  Explicit: 'specific',
  Account: 'all',
  Tags: 'tagged',
}

/** What else is declared, and when it is. */
export interface DeclarationContext {
  readonly names: DomainNames
  /** APIs by id. */
  readonly apis: ReadonlyMap<string, Json>
  readonly nowMs: number
}

/** An entry of `applications:`. */
export const declareApplication = (
  app: Json,
  alsoApi: boolean,
  { names, apis, nowMs }: DeclarationContext,
): Declared => {
  const extension = extensionOf(app)
  const type = textOf(app, 'clientType')
  const reach = reaches[textOf(app, 'trustScope')] ?? 'specific'
  const grants = texts(app, 'allowedGrants')
  const usualGrants = type === 'public' ? [] : ['client_credentials']
  const { access, others } = declareAccess(app, names, apis)
  const isUsual = keyOf(others) === keyOf(scopesThatFollow(reach))
  const authentication = declareAuthentication(app, nowMs)
  const entry = alsoApi ? { name: textOf(app, 'displayName'), alsoApi } : declareEntry(app)
  const said = tidy({
    ...entry,
    type: type === 'confidential' ? undefined : type,
    authentication: authentication === 'secret' ? undefined : authentication,
    access,
    reach: reach === 'specific' ? undefined : reach,
    reachTags: tagsOf(app, 'allowedTags'),
    defaultApi: names.app(textOf(extension, 'defaultResourceServer')),
    may: inOrder(texts(app, 'allowedOperations')),
    certificateBound: extension['certificateBoundTokens'] === true ? true : undefined,
    dpopBound: extension['dpopBoundTokens'] === true ? true : undefined,
    rawBasic: extension['rawBasicAccepted'] === true ? true : undefined,
    assertionPolicy: textOf(extension, 'assertionPolicy'),
    assertionAlgorithm: textOf(extension, 'assertionAlgorithm'),
    ...declareAllowance(extension, 'client'),
  })
  return {
    ...said,
    // Empty lists say something here: they stand against a default.
    ...(keyOf(inOrder(grants)) === keyOf(usualGrants) ? {} : { grants: inOrder(grants) }),
    ...(isUsual ? {} : { otherScopes: others }),
  }
}
