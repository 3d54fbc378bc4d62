import { isObject, type Json, listOf, textOf } from '../domain-file/present-state.ts'
import {
  createImportDraft,
  type DraftApi,
  type DraftApplication,
  finishDraft,
  type ImportDraft,
  type ImportedDomain,
  ImportMistake,
} from './import-draft.ts'
import { audiencesOfMappers, noteMappers, noUsers, readKeycloakClient } from './keycloak-client.ts'

/** Clients that every realm has, for Keycloak itself. */
const builtInClients = [
  'account',
  'account-console',
  'admin-cli',
  'broker',
  'realm-management',
  'security-admin-console',
]

/** Client scopes that every realm has: claims about users, and about the token itself. */
const builtInScopes = new Set([
  'acr',
  'address',
  'basic',
  'email',
  'microprofile-jwt',
  'offline_access',
  'organization',
  'phone',
  'profile',
  'role_list',
  'roles',
  'saml_organization',
  'service_account',
  'web-origins',
])

const carriedRealm = [
  'id',
  'realm',
  'keycloakVersion',
  'enabled',
  'accessTokenLifespan',
  'defaultSignatureAlgorithm',
  'clients',
  'clientScopes',
  'roles',
  'users',
]

interface Realm {
  readonly draft: ImportDraft
  readonly file: Json
  readonly fallback: string
  readonly scopes: ReadonlyMap<string, Json>
}

const textsOf = (object: Json, name: string): readonly string[] => {
  const value = object[name]
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

const rolesOfRealm = (file: Json): Json => (isObject(file['roles']) ? file['roles'] : {})

/** What the realm says of all tokens. */
const settleApi = ({ draft, file }: Realm, api: DraftApi): DraftApi => {
  if (api.algorithm !== undefined) return api
  const algorithm = textOf(file, 'defaultSignatureAlgorithm') || 'RS256'
  const lifetime = file['accessTokenLifespan']
  if (typeof lifetime === 'number' && lifetime > 0) api.tokenLifetimeSeconds = lifetime
  api.algorithm = algorithm === 'ES256' ? 'ES256' : 'RS256'
  if (algorithm !== api.algorithm) {
    const why = `Tokens are signed with RS256 or ES256 here, not ${algorithm}.`
    draft.note(`API ${api.name}`, 'defaultSignatureAlgorithm', why, 'See that the API takes RS256.')
  }
  return api
}

/** Client scopes of a client to scopes of APIs: those of its audiences. */
const readScopes = (realm: Realm, client: Json, to: DraftApplication): void => {
  const { draft } = realm
  const own = audiencesOfMappers(client)
  for (const audience of own) draft.accessOf(to, settleApi(realm, draft.api(audience)))
  const optional = textsOf(client, 'optionalClientScopes').filter(
    (name) => !builtInScopes.has(name),
  )
  const names = textsOf(client, 'defaultClientScopes').filter((name) => !builtInScopes.has(name))
  if (optional.length > 0) {
    const why = 'A request without scope gets every scope of the API, optional ones too.'
    draft.note(
      to.about,
      `optionalClientScopes ${optional.join(' ')}`,
      why,
      'Name scopes in requests.',
    )
  }
  for (const name of [...names, ...optional]) {
    const scope = realm.scopes.get(name)
    if (scope === undefined) {
      draft.note(to.about, `client scope ${name}`, 'The realm has none of this name.')
      continue
    }
    grantScope(realm, scope, own, to)
  }
}

const grantScope = (
  realm: Realm,
  scope: Json,
  own: readonly string[],
  to: DraftApplication,
): void => {
  const { draft, fallback } = realm
  const named = audiencesOfMappers(scope)
  const name = textOf(scope, 'name')
  const attributes = isObject(scope['attributes']) ? scope['attributes'] : {}
  // A client scope that only adds an audience is no scope of the token.
  const isScope = attributes['include.in.token.scope'] !== 'false'
  const audiences = named.length > 0 ? named : own.length > 0 ? own : [fallback]
  if (named.length + own.length === 0) {
    const why = `Nothing gives it an audience; it belongs to the API "${fallback}" here.`
    draft.note(
      to.about,
      `client scope ${name}`,
      why,
      'Say which audience the API expects: --audience.',
    )
  }
  for (const audience of audiences) {
    const api = settleApi(realm, draft.api(audience))
    const access = draft.accessOf(to, api)
    if (isScope && draft.addScope(api, name, textOf(scope, 'description'))) access.scopes.add(name)
  }
}

const noteRole = (draft: ImportDraft, about: string, role: Json): void => {
  const name = textOf(role, 'name')
  const { composite, attributes } = role
  if (composite === true) {
    const why = 'A role contains no other roles here.'
    draft.note(about, `role ${name}: composites`, why, 'Give its holders those roles too.')
  }
  if (isObject(attributes) && Object.keys(attributes).length > 0) {
    draft.note(about, `role ${name}: attributes`, 'There is nothing like it here.')
  }
}

/** Roles of clients belong to the API whose audience is the client id, as in Keycloak's tokens. */
const readRoles = (realm: Realm): void => {
  const { draft, file } = realm
  const roles = rolesOfRealm(file)
  const ofClients = isObject(roles['client']) ? roles['client'] : {}
  for (const clientId of Object.keys(ofClients)) {
    if (builtInClients.includes(clientId)) continue
    for (const role of listOf(ofClients, clientId)) {
      const api = settleApi(realm, draft.api(clientId))
      api.roles.set(textOf(role, 'name'), textOf(role, 'description'))
      noteRole(draft, `API ${api.name}`, role)
    }
  }
  const name = textOf(file, 'realm')
  const usual = ['offline_access', 'uma_authorization', `default-roles-${name.toLowerCase()}`]
  for (const role of listOf(roles, 'realm')) {
    if (usual.includes(textOf(role, 'name'))) continue
    const api = draft.api(realmRoles(realm), `${name} realm roles`)
    api.acceptsTokens = false
    api.roles.set(textOf(role, 'name'), textOf(role, 'description'))
    noteRole(draft, `realm ${name}`, role)
  }
}

/** Roles of the realm are of no audience: the key keeps them apart from audiences. */
const realmRoles = ({ file }: Realm): string => `\u0000realm ${textOf(file, 'realm')}`

const giveRole = (realm: Realm, to: DraftApplication, audience: string, role: string): void => {
  const api = realm.draft.apis.get(audience)
  if (api?.roles.has(role)) realm.draft.accessOf(to, api).roles.add(role)
  else realm.draft.note(to.about, `role ${role}`, 'It is not among the roles of the export.')
}

/** What a service account was given, by the client that it belongs to. */
const readServiceAccounts = (
  realm: Realm,
  applications: ReadonlyMap<string, DraftApplication>,
): void => {
  const { draft, file } = realm
  const usual = `default-roles-${textOf(file, 'realm').toLowerCase()}`
  let people = 0
  for (const user of listOf(file, 'users')) {
    const clientId = textOf(user, 'serviceAccountClientId')
    const to = applications.get(clientId)
    if (clientId === '') people++
    if (to === undefined) continue
    const ofClients = isObject(user['clientRoles']) ? user['clientRoles'] : {}
    for (const audience of Object.keys(ofClients)) {
      for (const role of textsOf(ofClients, audience)) giveRole(realm, to, audience, role)
    }
    for (const role of textsOf(user, 'realmRoles')) {
      if (role !== usual) giveRole(realm, to, realmRoles(realm), role)
    }
  }
  if (people > 0) draft.note(`realm ${textOf(file, 'realm')}`, `users (${people})`, noUsers)
  if (!('users' in file) && applications.size > 0) {
    const why = 'A partial export holds no service accounts, so no roles were given.'
    const fix = 'Make it with: kc.sh export --realm NAME --users same_file --file realm.json'
    draft.note(`realm ${textOf(file, 'realm')}`, 'users', why, fix)
  }
}

const readClients = (realm: Realm): ReadonlyMap<string, DraftApplication> => {
  const { draft } = realm
  const applications = new Map<string, DraftApplication>()
  for (const client of listOf(realm.file, 'clients')) {
    const clientId = textOf(client, 'clientId')
    const about = `client ${clientId}`
    if (builtInClients.includes(clientId) || clientId.endsWith('-realm')) {
      draft.note(about, 'the whole client', 'It is for Keycloak itself.')
    } else if (textOf(client, 'protocol') === 'saml') {
      draft.note(about, 'the whole client', 'SAML signs users in.')
    } else if (client['bearerOnly'] === true) {
      settleApi(realm, draft.api(clientId)).description = textOf(client, 'description')
    } else if (client['publicClient'] === true || client['serviceAccountsEnabled'] !== true) {
      const why = client['publicClient'] === true ? 'It is public.' : 'It has no service account.'
      draft.note(about, 'the whole client', `${why} ${noUsers}`)
    } else {
      const to = readKeycloakClient(draft, client)
      if (to === null) continue
      applications.set(clientId, to)
      noteMappers(draft, about, client)
      readScopes(realm, client, to)
    }
  }
  return applications
}

/**
 * A realm as Keycloak 26 exports it (`kc.sh export`, or the partial export of its console).
 * @param fallback the audience of client scopes that nothing gives one; usually the realm's name
 * @throws ImportMistake
 */
export const readKeycloak = (file: unknown, fallback?: string): ImportedDomain => {
  const realm = Array.isArray(file) && file.length === 1 ? file[0] : file
  if (!isObject(realm) || textOf(realm, 'realm') === '' || !Array.isArray(realm['clients'])) {
    throw new ImportMistake('It is no realm export: it needs "realm" and "clients".')
  }
  const draft = createImportDraft()
  const scopes = new Map(listOf(realm, 'clientScopes').map((each) => [textOf(each, 'name'), each]))
  const around: Realm = { draft, file: realm, fallback: fallback ?? textOf(realm, 'realm'), scopes }
  for (const [name, scope] of scopes) {
    if (!builtInScopes.has(name)) noteMappers(draft, `client scope ${name}`, scope)
  }
  const applications = readClients(around)
  readRoles(around)
  readServiceAccounts(around, applications)
  const about = `realm ${textOf(realm, 'realm')}`
  const names = Object.keys(realm).filter((name) => !carriedRealm.includes(name))
  if (names.length > 0) {
    const why = 'Settings of the realm are for users, sessions and Keycloak itself.'
    draft.note(about, names.toSorted().join(', '), why)
  }
  return finishDraft(draft)
}
