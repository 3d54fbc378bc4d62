import { allowanceWords } from './allowance.ts'
import { isObject, type Json, listOf, textOf } from './present-state.ts'

export const appExtension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'

/** One property of an App as people read it: two with one key are the same, whatever the text. */
export interface Property {
  /** Tells apart what both sides of an application call by one label. */
  readonly side: 'both' | 'resource' | 'client'
  readonly label: string
  readonly key: string
  readonly text: string
}

/** How ids and fully qualified scopes are called by people. */
export interface Names {
  /** Scope without its audience, where the API is known. */
  scope(fqs: string): string
  api(id: string): string
}

const strings = (object: Json, name: string): readonly string[] => {
  const value = object[name]
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

const keyMembers = ['kty', 'kid', 'alg', 'use', 'n', 'e', 'crv', 'x', 'y', 'x5c']

/** The part of a key set that is registered, in one spelling. */
const keysOf = (jwks: unknown): { readonly key: string; readonly text: string } => {
  const keys = isObject(jwks) ? listOf(jwks, 'keys') : []
  const spelt = keys.map((key) => JSON.stringify(keyMembers.map((name) => key[name] ?? null)))
  const names = keys.map((key) => textOf(key, 'kid') || textOf(key, 'kty'))
  return { key: spelt.join('\n'), text: names.join(' ') }
}

const property = (label: string, text: string, key = text): Property => ({
  side: 'both',
  label,
  key,
  text,
})

const onSide = (side: Property['side'], properties: readonly Property[]): readonly Property[] =>
  properties.map((each) => ({ ...each, side }))

const words = (label: string, list: readonly string[]): Property =>
  property(label, list.join(' '), list.toSorted().join(' '))

const tagText = (tags: readonly Json[]): readonly string[] =>
  tags.map((tag) => `${textOf(tag, 'key')}=${textOf(tag, 'value')}`)

const flag = (label: string, value: unknown): Property =>
  property(label, value === true ? 'yes' : 'no')

const resourceProperties = (app: Json, extension: Json): readonly Property[] => {
  const scopes = listOf(app, 'scopes')
  const values = scopes.map((scope) => textOf(scope, 'value'))
  const said = scopes.map((scope) =>
    JSON.stringify([
      ...['value', 'displayName', 'description'].map((name) => textOf(scope, name)),
      scope['requiresConsent'] === true,
    ]),
  )
  const secondary = listOf(app, 'protectableSecondaryAudiences')
  const expiry = app['accessTokenExpiry']
  return [
    property('audience', textOf(app, 'audience')),
    words(
      'secondary audiences',
      secondary.map((each) => textOf(each, 'value')),
    ),
    words('scopes', values),
    property('scope descriptions', `${said.length} scopes`, said.toSorted().join()),
    property('profile', textOf(extension, 'tokenProfile')),
    property('algorithm', textOf(extension, 'signingAlgorithm')),
    property('token lifetime', typeof expiry === 'number' ? `${expiry} s` : 'default'),
    flag('tokens bound to certificates', extension['resourceCertificateBoundTokens']),
    flag('tokens bound by DPoP', extension['resourceDpopBoundTokens']),
    ...allowanceWords(extension, 'api').map(([name, text]) => property(`API: ${name}`, text)),
  ]
}

const clientProperties = (app: Json, extension: Json, names: Names): readonly Property[] => {
  const fqs = listOf(app, 'allowedScopes').map((each) => textOf(each, 'fqs'))
  const subject = extension['certificateSubject']
  const keys = keysOf(extension['jwks'])
  const defaultApi = textOf(extension, 'defaultResourceServer')
  return [
    property('type', textOf(app, 'clientType')),
    words('grants', strings(app, 'allowedGrants')),
    property('scopes', fqs.map((each) => names.scope(each)).join(' '), fqs.toSorted().join(' ')),
    property('reach', textOf(app, 'trustScope')),
    words('reach tags', tagText(listOf(app, 'allowedTags'))),
    words('may', strings(app, 'allowedOperations')),
    words('authentication', strings(extension, 'authenticationMethods')),
    property('keys', keys.text, keys.key),
    property('key set URL', textOf(extension, 'jwksUri')),
    words(
      'certificates',
      listOf(app, 'certificates').map((each) => textOf(each, 'certAlias')),
    ),
    property(
      'certificate subject',
      isObject(subject) ? `${textOf(subject, 'kind')} ${textOf(subject, 'value')}` : '',
    ),
    words('trusted authorities', strings(extension, 'certificateAnchors')),
    property('default API', defaultApi === '' ? '' : names.api(defaultApi), defaultApi),
    property('assertion policy', textOf(extension, 'assertionPolicy')),
    property('assertion algorithm', textOf(extension, 'assertionAlgorithm')),
    flag('bound to certificate', extension['certificateBoundTokens']),
    flag('bound by DPoP', extension['dpopBoundTokens']),
    flag('raw Basic', extension['rawBasicAccepted']),
    ...allowanceWords(extension, 'client').map(([name, text]) => property(name, text)),
  ]
}

/** What a value comes to, whatever the server adds to it and in which order its members stand. */
export const plainForm = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plainForm)
  if (!isObject(value)) return value ?? null
  const members = Object.entries(value)
    .filter(([name, each]) => name !== '$ref' && name !== 'lastModified' && each !== null)
    .map(([name, each]) => [name, plainForm(each)] as const)
  return Object.fromEntries(members.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

const isNothing = (form: unknown): boolean =>
  form === null || (Array.isArray(form) && form.length === 0) || JSON.stringify(form) === '{}'

/** One spelling of a value; what is not there, and what is empty, is the same nothing. */
export const keyOf = (value: unknown): string => {
  const form = plainForm(value)
  return isNothing(form) ? '' : JSON.stringify(form)
}

/**
 * Everything that a domain file can say of an App, as people read it.
 * @param kept the names of further attributes that the file speaks of
 */
export const viewApp = (
  app: Json,
  names: Names,
  kept: readonly string[] = [],
): readonly Property[] => {
  const inside = app[appExtension]
  const extension = isObject(inside) ? inside : {}
  return [
    property('name', textOf(app, 'displayName')),
    property('description', textOf(app, 'description')),
    property('state', app['active'] === true ? 'active' : 'inactive'),
    words('tags', tagText(listOf(app, 'tags'))),
    ...(app['isOAuthResource'] === true
      ? onSide('resource', resourceProperties(app, extension))
      : []),
    ...(app['isOAuthClient'] === true
      ? onSide('client', clientProperties(app, extension, names))
      : []),
    ...kept.map((name) => property(name, keyOf(app[name]))),
  ]
}

const shown = (text: string): string => (text === '' ? '(none)' : text)

/** `label  before → after` for every property that differs. */
export const differences = (
  before: readonly Property[],
  after: readonly Property[],
): readonly string[] =>
  after.flatMap(({ side, label, key, text }) => {
    const old = before.find((each) => each.label === label && each.side === side)
    if (old?.key === key) return []
    const from = shown(old?.text ?? '')
    return [from === shown(text) ? `${label}  changed` : `${label}  ${from} → ${shown(text)}`]
  })

/** Whether a change would change nothing. */
export const sameView = (before: readonly Property[], after: readonly Property[]): boolean =>
  differences(before, after).length === 0
