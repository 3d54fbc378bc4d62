import { X509Certificate } from 'node:crypto'
import { isObject, type Json, listOf, textOf } from '../domain-file/present-state.ts'
import { pemOf } from '../export/declare-app.ts'
import type { DraftApplication, ImportDraft } from './import-draft.ts'
import type { Reasons } from './import-notes.ts'

export const noUsers = 'There are no users who sign in here.'

/** The attributes of a Keycloak client are texts by name. */
export const attributesOf = (client: Json): Json => {
  const { attributes } = client
  return isObject(attributes) ? attributes : {}
}

const noteMethod = (draft: ImportDraft, to: DraftApplication, why: string): void =>
  draft.note(to.about, 'clientAuthenticatorType', why, 'It has a secret that is minted here.')

const parseKeys = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const readKeys = (draft: ImportDraft, client: Json, to: DraftApplication): void => {
  const attributes = attributesOf(client)
  const said = (name: string): string => textOf(attributes, name)
  const certificate = said('jwt.credential.certificate')
  if (said('use.jwks.url') === 'true' && said('jwks.url') !== '') {
    to.authentication = { jwksUri: said('jwks.url') }
  } else if (said('use.jwks.string') === 'true' && isObject(parseKeys(said('jwks.string')))) {
    to.authentication = { jwks: parseKeys(said('jwks.string')) }
  } else if (certificate !== '' && isCertificate(certificate)) {
    to.authentication = { certificate: pemOf(certificate.replaceAll(/\s/g, '')) }
  } else {
    noteMethod(draft, to, 'It signs assertions, and the export holds none of its public keys.')
    return
  }
  const algorithm = said('token.endpoint.auth.signing.alg')
  if (algorithm !== '') to.assertionAlgorithm = algorithm
}

const isCertificate = (base64: string): boolean => {
  try {
    return new X509Certificate(pemOf(base64.replaceAll(/\s/g, ''))).raw.length > 0
  } catch {
    return false
  }
}

/** Keycloak reads the subject as a pattern unless the client says otherwise. */
const isPattern = (subject: string, allowed: string): boolean =>
  allowed !== 'false' && /[*?^$|()[\]{}]/.test(subject)

const readSubject = (draft: ImportDraft, client: Json, to: DraftApplication): void => {
  const attributes = attributesOf(client)
  const subject = textOf(attributes, 'x509.subjectdn')
  if (subject === '') {
    noteMethod(draft, to, 'It has a certificate, and the export does not name its subject.')
  } else if (isPattern(subject, textOf(attributes, 'x509.allow.regex.pattern.comparison'))) {
    noteMethod(draft, to, `"${subject}" is a pattern; the subject of a certificate is a name here.`)
  } else {
    to.authentication = { tlsSubject: subject }
    const fix = 'Name the authority of its certificates: clientCa, or tlsAuthorities.'
    draft.note(to.about, 'trust store', 'It is no part of the export.', fix)
  }
}

const readCredentials = (draft: ImportDraft, client: Json, to: DraftApplication): void => {
  const type = textOf(client, 'clientAuthenticatorType') || 'client-secret'
  if (type === 'client-jwt') readKeys(draft, client, to)
  else if (type === 'client-x509') readSubject(draft, client, to)
  else if (type === 'client-secret') draft.takeSecret(to, client['secret'])
  else if (type === 'client-secret-jwt') {
    noteMethod(draft, to, 'A secret that signs must be minted here.')
    to.authentication = { secret: true, methods: ['client_secret_jwt'] }
  } else noteMethod(draft, to, `"${type}" is not known here.`)
}

const carriedFields = [
  'clientId',
  'name',
  'description',
  'enabled',
  'clientAuthenticatorType',
  'secret',
  'serviceAccountsEnabled',
  'publicClient',
  'bearerOnly',
  'protocol',
  'attributes',
  'protocolMappers',
  'defaultClientScopes',
  'optionalClientScopes',
  // Ids, defaults that every client has, and what they are for: nothing that somebody chose.
  'id',
  'surrogateAuthRequired',
  'alwaysDisplayInConsole',
  'nodeReRegistrationTimeout',
  'access',
]

const reasons: Reasons = {
  redirectUris: [noUsers, ''],
  webOrigins: [noUsers, ''],
  rootUrl: [noUsers, ''],
  baseUrl: [noUsers, ''],
  adminUrl: [noUsers, ''],
  standardFlowEnabled: [noUsers, ''],
  implicitFlowEnabled: [noUsers, ''],
  directAccessGrantsEnabled: [noUsers, ''],
  consentRequired: [noUsers, ''],
  frontchannelLogout: [noUsers, ''],
  fullScopeAllowed: ['An application has the roles that it was given, and no others.', ''],
  notBefore: ['Tokens of before are not known here.', ''],
  authorizationServicesEnabled: ['Policies on resources are for the API to keep.', ''],
  authorizationSettings: ['Policies on resources are for the API to keep.', ''],
}

const carriedAttributes = [
  'use.jwks.url',
  'jwks.url',
  'use.jwks.string',
  'jwks.string',
  'jwt.credential.certificate',
  'token.endpoint.auth.signing.alg',
  'x509.subjectdn',
  'x509.allow.regex.pattern.comparison',
  'tls.client.certificate.bound.access.tokens',
  'dpop.bound.access.tokens',
  'client.secret.creation.time',
  'realm_client',
]

const attributeReasons: Reasons = {
  'access.token.lifespan': [
    'The lifetime of tokens belongs to the API here.',
    'Set tokenLifetime of the API.',
  ],
  'access.token.signed.response.alg': [
    'The algorithm of tokens belongs to the API here.',
    'Set algorithm of the API.',
  ],
  'client.secret.expiration.time': [
    'The expiry is not carried over.',
    'Rotate the secret with an expiry of its own.',
  ],
}

/** A client with a service account, without what it may do. */
export const readKeycloakClient = (draft: ImportDraft, client: Json): DraftApplication | null => {
  const clientId = textOf(client, 'clientId')
  const about = `client ${clientId}`
  const name = textOf(client, 'name')
  const to = draft.application(about, {
    clientId,
    // A name in ${…} is a message in the language of whoever looks at it.
    name: name === '' || name.startsWith('${') ? clientId : name,
    description: textOf(client, 'description'),
    active: client['enabled'] !== false,
  })
  if (to === null) return null
  readCredentials(draft, client, to)
  const attributes = attributesOf(client)
  to.certificateBound = attributes['tls.client.certificate.bound.access.tokens'] === 'true'
  to.dpopBound = attributes['dpop.bound.access.tokens'] === 'true'
  draft.noteRest(about, client, carriedFields, reasons)
  const unset = Object.entries(attributes).filter(
    ([, value]) => value !== 'false' && value !== '-1',
  )
  draft.noteRest(about, Object.fromEntries(unset), carriedAttributes, attributeReasons)
  return to
}

const audienceMapper = 'oidc-audience-mapper'

/** Audiences that the mappers of a client or a client scope put into access tokens. */
export const audiencesOfMappers = (owner: Json): readonly string[] =>
  listOf(owner, 'protocolMappers')
    .filter((mapper) => textOf(mapper, 'protocolMapper') === audienceMapper)
    .flatMap(({ config }) =>
      isObject(config) && config['access.token.claim'] !== 'false' ? [config] : [],
    )
    .flatMap((config) => {
      const ofClient = textOf(config, 'included.client.audience')
      return [ofClient || textOf(config, 'included.custom.audience')].filter(Boolean)
    })

/** Mappers that every client with a service account has: they say who the client is. */
const usualMappers = new Set(['Client ID', 'Client Host', 'Client IP Address'])

/** Notes the mappers that make other claims. */
export const noteMappers = (draft: ImportDraft, about: string, owner: Json): void => {
  for (const mapper of listOf(owner, 'protocolMappers')) {
    const kind = textOf(mapper, 'protocolMapper')
    const name = textOf(mapper, 'name')
    if (kind === audienceMapper || usualMappers.has(name)) continue
    const why = `Claims of the kind ${kind} are not carried over.`
    draft.note(about, `protocolMappers: ${name}`, why, 'A fixed claim can be one under claims.')
  }
}
