import { isObject, type Json, listOf, textOf } from '../domain-file/present-state.ts'
import {
  createImportDraft,
  type DraftApplication,
  finishDraft,
  type ImportDraft,
  type ImportedDomain,
  ImportMistake,
} from './import-draft.ts'
import type { Reasons } from './import-notes.ts'

const noUsers = 'There are no users who sign in here.'
const reasons: Reasons = {
  redirect_uris: [noUsers, ''],
  post_logout_redirect_uris: [noUsers, ''],
  client_credentials_grant_access_token_lifespan: [
    'The lifetime of tokens belongs to the API here.',
    'Set tokenLifetime of the API.',
  ],
  access_token_strategy: ['Tokens here are always JWTs.', ''],
  contacts: ['Only a description is kept.', ''],
  owner: ['Only a description is kept.', ''],
  metadata: ['Only a description is kept.', ''],
  client_secret_expires_at: [
    'The expiry is not carried over.',
    'Rotate the secret with an expiry of its own.',
  ],
}

/** Fields that were read, or that say what is so for every client. */
const carried = [
  'client_id',
  'client_name',
  'client_secret',
  'scope',
  'audience',
  'grant_types',
  'token_endpoint_auth_method',
  'token_endpoint_auth_signing_alg',
  'jwks',
  'jwks_uri',
  // The same for every client, or about users alone.
  'created_at',
  'updated_at',
  'registration_client_uri',
  'registration_access_token',
  'response_types',
  'subject_type',
  'userinfo_signed_response_alg',
]

const textsOf = (object: Json, name: string): readonly string[] => {
  const value = object[name]
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

const readCredentials = (draft: ImportDraft, client: Json, to: DraftApplication): void => {
  const method = textOf(client, 'token_endpoint_auth_method') || 'client_secret_basic'
  if (method.startsWith('client_secret')) {
    draft.takeSecret(to, client['client_secret'])
    return
  }
  const { jwks } = client
  const uri = textOf(client, 'jwks_uri')
  const hasKeys = isObject(jwks) && listOf(jwks, 'keys').length > 0
  if (method === 'private_key_jwt' && (hasKeys || uri !== '')) {
    to.authentication = hasKeys ? { jwks } : { jwksUri: uri }
    const algorithm = textOf(client, 'token_endpoint_auth_signing_alg')
    if (algorithm !== '') to.assertionAlgorithm = algorithm
    return
  }
  const why = `The method ${method} with what stands beside it is not known here.`
  draft.note(to.about, 'token_endpoint_auth_method', why, 'It has a secret that is minted here.')
}

/** Scopes of OpenID Connect, which mean users. */
const scopesOfUsers = ['openid', 'offline', 'offline_access']

const readScopes = (draft: ImportDraft, client: Json, to: DraftApplication, fallback: string) => {
  const audiences = textsOf(client, 'audience')
  if (audiences.length === 0) {
    const why = `It names none; its scopes belong to the API "${fallback}" here.`
    draft.note(to.about, 'audience', why, 'Say which audience the API expects: --audience.')
  }
  const names = textOf(client, 'scope').split(' ').filter(Boolean)
  const scopes = names.filter((name) => !scopesOfUsers.includes(name))
  const left = names.filter((name) => scopesOfUsers.includes(name))
  if (left.length > 0) draft.note(to.about, `scope ${left.join(' ')}`, noUsers)
  for (const audience of audiences.length === 0 ? [fallback] : audiences) {
    const api = draft.api(audience)
    const access = draft.accessOf(to, api)
    for (const scope of scopes) if (draft.addScope(api, scope)) access.scopes.add(scope)
  }
}

const readClient = (draft: ImportDraft, client: Json, fallback: string): void => {
  const clientId = textOf(client, 'client_id')
  const about = `client ${clientId || textOf(client, 'client_name')}`
  const grants = textsOf(client, 'grant_types')
  const method = textOf(client, 'token_endpoint_auth_method')
  if (!grants.includes('client_credentials') || method === 'none') {
    const why = method === 'none' ? 'It is public.' : 'It does not use client credentials.'
    draft.note(about, 'the whole client', `${why} ${noUsers}`)
    return
  }
  const to = draft.application(about, {
    clientId,
    name: textOf(client, 'client_name'),
    active: true,
  })
  if (to === null) return
  const others = grants.filter((grant) => grant !== 'client_credentials')
  if (others.length > 0) draft.note(about, `grant_types ${others.join(' ')}`, noUsers)
  readCredentials(draft, client, to)
  readScopes(draft, client, to, fallback)
  draft.noteRest(about, client, carried, reasons)
}

/**
 * Clients as `hydra list clients --format json` (2.x) lists them; a plain list is taken too.
 * @param fallback the audience of clients that name none
 * @throws ImportMistake
 */
export const readHydra = (file: unknown, fallback = 'hydra'): ImportedDomain => {
  const draft = createImportDraft()
  const clients = Array.isArray(file)
    ? file.filter(isObject)
    : isObject(file)
      ? clientsOf(file)
      : []
  if (clients.length === 0) {
    throw new ImportMistake('There are no clients in it. Make it: hydra list clients --format json')
  }
  for (const client of clients) readClient(draft, client, fallback)
  if (isObject(file) && file['is_last_page'] === false) {
    const why = 'The file is one page of several.'
    draft.note('the file', 'items', why, 'Import the next pages too: --page-token.')
  }
  return finishDraft(draft)
}

const clientsOf = (file: Json): readonly Json[] =>
  'client_id' in file ? [file] : listOf(file, 'items')
