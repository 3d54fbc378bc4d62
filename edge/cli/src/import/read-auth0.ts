import { createPublicKey, X509Certificate } from 'node:crypto'
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
import type { Reasons } from './import-notes.ts'

const noUsers = 'There are no users who sign in here.'

const clientFields = [
  'name',
  'client_id',
  'client_secret',
  'description',
  'app_type',
  'grant_types',
  'token_endpoint_auth_method',
  'client_authentication_methods',
  'require_proof_of_possession',
  // The same for every client, or about Auth0 itself.
  'tenant',
  'global',
  'is_first_party',
  'oidc_conformant',
  'cross_origin_authentication',
  'cross_origin_auth',
  'sso_disabled',
  'custom_login_page_on',
  'signing_keys',
]

const clientReasons: Reasons = {
  callbacks: [noUsers, ''],
  allowed_origins: [noUsers, ''],
  web_origins: [noUsers, ''],
  allowed_logout_urls: [noUsers, ''],
  refresh_token: [noUsers, ''],
  jwt_configuration: ['It is about ID tokens.', ''],
  client_metadata: ['Only a description is kept.', ''],
  token_quota: ['Limits are of the whole server here.', 'See rateLimit in the configuration.'],
}

const apiFields = [
  'id',
  'name',
  'identifier',
  'scopes',
  'signing_alg',
  'token_lifetime',
  'proof_of_possession',
  'is_system',
]

const apiReasons: Reasons = {
  token_dialect: ['Tokens here follow RFC 9068; permissions are in scope.', ''],
  enforce_policies: ['Roles of users are not carried over.', ''],
  allow_offline_access: [noUsers, ''],
  token_lifetime_for_web: [noUsers, ''],
  skip_consent_for_verifiable_first_party_clients: [noUsers, ''],
  signing_secret: ['Tokens are signed with a private key here.', ''],
}

const textsOf = (object: Json, name: string): readonly string[] => {
  const value = object[name]
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

const readAlgorithm = (draft: ImportDraft, server: Json, api: DraftApi): void => {
  const algorithm = textOf(server, 'signing_alg') || 'RS256'
  api.algorithm = 'RS256'
  if (algorithm === 'RS256') return
  const why = `Tokens are signed with RS256 or ES256 here, not ${algorithm}.`
  draft.note(`API ${api.name}`, 'signing_alg', why, 'Let the API check RS256 with our keys.')
}

const readBinding = (draft: ImportDraft, server: Json, api: DraftApi): void => {
  const proof = server['proof_of_possession']
  if (!isObject(proof)) return
  const mechanism = textOf(proof, 'mechanism')
  if (proof['required'] !== true) {
    draft.note(`API ${api.name}`, 'proof_of_possession', 'It is not required, so it is left out.')
  } else if (mechanism === 'mtls') api.certificateBound = true
  else if (mechanism === 'dpop') api.dpopBound = true
  else draft.note(`API ${api.name}`, 'proof_of_possession', `"${mechanism}" is not known here.`)
}

const readResourceServer = (draft: ImportDraft, server: Json): void => {
  const audience = textOf(server, 'identifier')
  const name = textOf(server, 'name') || audience
  if (server['is_system'] === true || /\/api\/v2\/$/.test(audience)) {
    draft.note(`API ${name}`, 'the whole API', 'It administers Auth0.', 'See mintmark app and api.')
    return
  }
  const api = draft.api(audience, name)
  readAlgorithm(draft, server, api)
  readBinding(draft, server, api)
  const lifetime = server['token_lifetime']
  if (typeof lifetime === 'number' && lifetime > 0) api.tokenLifetimeSeconds = lifetime
  for (const scope of listOf(server, 'scopes')) {
    draft.addScope(api, textOf(scope, 'value'), textOf(scope, 'description'))
  }
  draft.noteRest(`API ${api.name}`, server, apiFields, apiReasons)
}

/** A PEM, of a public key or of a certificate, as a JWK. */
const jwkOf = (pem: string): Json | null => {
  try {
    const isCertificate = pem.includes('BEGIN CERTIFICATE')
    const key = isCertificate ? new X509Certificate(pem).publicKey : createPublicKey(pem)
    return key.export({ format: 'jwk' }) as Json
  } catch {
    return null
  }
}

const readMethods = (draft: ImportDraft, methods: Json, to: DraftApplication): void => {
  const [method = ''] = Object.keys(methods)
  const inside = methods[method]
  const credentials = isObject(inside) ? listOf(inside, 'credentials') : []
  const keys = credentials.flatMap((credential) => {
    const jwk = jwkOf(textOf(credential, 'pem'))
    const kid = textOf(credential, 'kid')
    return jwk === null ? [] : [{ ...jwk, ...(kid === '' ? {} : { kid }) }]
  })
  const subject = credentials.map((each) => textOf(each, 'subject_dn')).find(Boolean)
  const [pem] = credentials.map((each) => textOf(each, 'pem')).filter(Boolean)
  if (method === 'private_key_jwt' && keys.length > 0) {
    to.authentication = { jwks: { keys } }
  } else if (method === 'tls_client_auth' && subject !== undefined) {
    to.authentication = { tlsSubject: subject }
    const fix = 'Name the authority of its certificates: clientCa, or tlsAuthorities.'
    draft.note(to.about, 'trust store', 'It is no part of the export.', fix)
  } else if (method === 'self_signed_tls_client_auth' && pem?.includes('BEGIN CERTIFICATE')) {
    to.authentication = { certificate: pem, methods: [method] }
  } else {
    const why = `It uses ${method}, and the export names its keys without holding them.`
    const fix = 'Add them: jwks, jwksUri, certificate or tlsSubject. Until then it has a secret.'
    draft.note(to.about, 'client_authentication_methods', why, fix)
  }
}

const readClient = (draft: ImportDraft, client: Json): DraftApplication | null => {
  const name = textOf(client, 'name')
  const about = `client ${name}`
  const grants = textsOf(client, 'grant_types')
  const isMachine = textOf(client, 'app_type') === 'non_interactive'
  const uses = grants.length === 0 ? isMachine : grants.includes('client_credentials')
  const method = textOf(client, 'token_endpoint_auth_method')
  const methods = client['client_authentication_methods']
  if (!uses || method === 'none') {
    const why =
      method === 'none' && !isObject(methods)
        ? 'It is public.'
        : 'It does not use client credentials.'
    draft.note(about, 'the whole client', `${why} ${noUsers}`)
    if (!uses || !isObject(methods)) return null
  }
  const clientId = textOf(client, 'client_id')
  const description = textOf(client, 'description')
  const to = draft.application(about, { clientId, name, description, active: true })
  if (to === null) return null
  if (isObject(methods)) readMethods(draft, methods, to)
  else draft.takeSecret(to, client['client_secret'])
  const others = grants.filter((grant) => grant !== 'client_credentials')
  if (others.length > 0) draft.note(about, `grant_types ${others.join(' ')}`, noUsers)
  if (client['require_proof_of_possession'] === true) {
    const fix = 'Set certificateBound or dpopBound.'
    draft.note(about, 'require_proof_of_possession', 'It does not say by which of the two.', fix)
  }
  draft.noteRest(about, client, clientFields, clientReasons)
  return to
}

const grantFields = ['id', 'client_id', 'audience', 'scope', 'subject_type', 'allow_all_scopes']

const readGrant = (
  draft: ImportDraft,
  grant: Json,
  clients: ReadonlyMap<string, DraftApplication | null>,
): void => {
  const client = textOf(grant, 'client_id')
  const audience = textOf(grant, 'audience')
  const about = `client grant ${client} → ${audience}`
  const to = clients.get(client)
  const api = draft.apis.get(audience)
  if (to === null || textOf(grant, 'subject_type') === 'user') {
    draft.note(about, 'the whole grant', noUsers)
  } else if (to === undefined || api === undefined) {
    const what = to === undefined ? 'client' : 'API'
    draft.note(about, 'the whole grant', `The ${what} is not in the export.`)
  } else {
    const access = draft.accessOf(to, api)
    const all = grant['allow_all_scopes'] === true
    for (const scope of all ? api.scopes.keys() : textsOf(grant, 'scope')) {
      if (api.scopes.has(scope)) access.scopes.add(scope)
      else draft.note(about, `scope ${scope}`, 'The API has no such scope.')
    }
    draft.noteRest(about, grant, grantFields)
  }
}

/**
 * A tenant as auth0-deploy-cli 8 exports it: `tenant.yaml`, or the same as JSON.
 * @throws ImportMistake
 */
export const readAuth0 = (file: unknown): ImportedDomain => {
  if (
    !isObject(file) ||
    !(Array.isArray(file['clients']) || Array.isArray(file['resourceServers']))
  ) {
    throw new ImportMistake('It is no tenant export: it needs "clients" and "resourceServers".')
  }
  const draft = createImportDraft()
  for (const server of listOf(file, 'resourceServers')) readResourceServer(draft, server)
  const clients = new Map<string, DraftApplication | null>()
  for (const client of listOf(file, 'clients')) {
    const read = readClient(draft, client)
    // Grants name clients by name, and by id where the export has ids.
    for (const key of [textOf(client, 'name'), textOf(client, 'client_id')]) {
      if (key !== '') clients.set(key, read)
    }
  }
  for (const grant of listOf(file, 'clientGrants')) readGrant(draft, grant, clients)
  const others = Object.keys(file).filter(
    (name) => !['clients', 'resourceServers', 'clientGrants'].includes(name),
  )
  if (others.length > 0) draft.note('the tenant', others.toSorted().join(', '), noUsers)
  return finishDraft(draft)
}
