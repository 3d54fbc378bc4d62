/** Registers what tests need through the administration API, as an administrator would. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, basic, form, formHeaders, send } from './http.ts'
import {
  type AllowanceWish,
  type Api,
  type ApiWish,
  type Client,
  type ClientWish,
  tokenPath,
} from './test-domain.ts'

const core = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const own = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:'
export const appSchema = `${core}App`
export const appExtension = `${own}App`
const scimJson = 'application/scim+json'

type Json = Readonly<Record<string, unknown>>

/** SCIM with the bearer token of the first administrator. */
export interface Administration {
  /** The bearer token it speaks with. */
  readonly token: string
  /** @throws when the answer is no success */
  call(method: string, path: string, body?: Json): Promise<Json>
  /** The answer as it is. */
  ask(method: string, path: string, body?: Json): Promise<Answer>
  createApi(wish: ApiWish): Promise<Api>
  createClient(wish: ClientWish): Promise<Client>
  setActive(id: string, active: boolean): Promise<void>
  rotateSecret(client: Client, overlapSeconds: number, expires?: Date): Promise<Client>
  /** A certificate in the domain's store, under an alias. */
  uploadCertificate(alias: string, der: Uint8Array): Promise<void>
  /** A user who administers nothing; gives back its id. */
  createUser(userName: string): Promise<string>
  /** A role of an API that confers scopes; gives back its id. */
  createRole(api: Api, name: string, scopes: readonly string[]): Promise<string>
  /** Gives a role to a client. */
  grantRole(appId: string, roleId: string, client: Client): Promise<void>
}

let counter = 0
/** Display names are unique in a domain. */
const nextName = (kind: string): string => {
  counter += 1
  return `${kind} ${counter}`
}

const said = (members: Readonly<Record<string, unknown>>): Json =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

const base = (displayName: string, active: boolean): Json => ({
  schemas: [appSchema, appExtension],
  displayName,
  active,
  basedOnTemplate: { value: 'CustomWebAppTemplateId' },
})

const clientSide = (wish: ClientWish): Json =>
  said({
    isOAuthClient: true,
    clientType: wish.clientType ?? 'confidential',
    allowedGrants: wish.grants ?? ['client_credentials'],
    allowedScopes: wish.scopes?.map((fqs) => ({ fqs })),
    allowedOperations: wish.operations,
    trustScope: wish.trustScope,
    allowedTags: wish.allowedTags,
    certificates: wish.certificates?.map((certAlias) => ({ certAlias })),
  })

const clientExtension = (wish: ClientWish): Json =>
  said({
    secret: wish.secret,
    authenticationMethods: wish.methods,
    assertionAlgorithm: wish.assertionAlgorithm,
    assertionPolicy: wish.assertionPolicy,
    jwks: wish.keys === undefined ? undefined : { keys: wish.keys },
    jwksUri: wish.jwksUri,
    certificateSubject: wish.certificateSubject,
    certificateAnchors: wish.certificateAnchors,
    certificateBoundTokens: wish.certificateBoundTokens,
    dpopBoundTokens: wish.dpopBoundTokens,
    rawBasicAccepted: wish.rawBasicAccepted,
    defaultResourceServer: wish.defaultApi,
    ...wish.allowance,
  })

/** `tokensPerDay` of a client is `resourceTokensPerDay` of an API. */
const ofResource = (members: AllowanceWish): Json =>
  Object.fromEntries(
    Object.entries(members).map(([name, value]) => [
      `resource${name[0]?.toUpperCase()}${name.slice(1)}`,
      value,
    ]),
  )

const apiBody = (wish: ApiWish): Json =>
  said({
    ...base(nextName('API'), true),
    ...(wish.introspects ? clientSide({ operations: ['introspect'] }) : {}),
    isOAuthResource: true,
    audience: wish.audience,
    secondaryAudiences: wish.secondaryAudiences,
    scopes: wish.scopes.map((value) => ({ value, description: value, requiresConsent: false })),
    accessTokenExpiry: wish.lifetimeSeconds,
    tags: wish.tags,
    [appExtension]: said({
      tokenProfile: wish.profile,
      signingAlgorithm: wish.algorithm,
      resourceCertificateBoundTokens: wish.certificateBoundTokens,
      resourceDpopBoundTokens: wish.dpopBoundTokens,
      ...ofResource(wish.allowance ?? {}),
    }),
  })

const clientOf = (created: Json, secret?: string): Client => ({
  id: String(created['id']),
  clientId: String(created['name']),
  secret: secret ?? String(created['clientSecret'] ?? ''),
})

/** Gets the first administrator's token and speaks SCIM with it. */
export const openAdministration = async (
  url: string,
  credentials: { readonly clientId: string; readonly secret: string },
): Promise<Administration> => {
  const askToken = () =>
    send({
      url: url + tokenPath,
      headers: formHeaders({ authorization: basic(credentials.clientId, credentials.secret) }),
      body: form({ grant_type: 'client_credentials', scope: 'urn:opc:idm:__myscopes__' }),
    })
  let answer = await askToken()
  // a database on a machine that does much else may be late
  for (let again = 0; answer.status === 503 && again < 5; again += 1) {
    await sleep(Number(answer.headers['retry-after'] ?? 1) * 1000)
    answer = await askToken()
  }
  const token = answer.json?.['access_token']
  if (typeof token !== 'string')
    throw new Error(`no administrator: ${answer.status} ${answer.text}`)
  const ask: Administration['ask'] = (method, path, body) =>
    send({
      url: `${url}/admin/v1${path}`,
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': scimJson },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const call: Administration['call'] = async (method, path, body) => {
    const reply = await ask(method, path, body)
    if (reply.status < 300) return reply.json ?? {}
    throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`)
  }
  return { token, ask, call, ...registering(call) }
}

type Registering = Omit<Administration, 'token' | 'ask' | 'call'>

const registering = (call: Administration['call']): Registering => ({
  createApi: async (wish) => {
    const created = await call('POST', '/Apps', apiBody(wish))
    const { audience, scopes } = wish
    const client = wish.introspects ? clientOf(created) : null
    return { id: String(created['id']), audience, scopes, client }
  },
  createClient: async (wish) => {
    const created = await call('POST', '/Apps', {
      ...base(nextName('Client'), wish.active ?? true),
      ...said({ name: wish.clientId }),
      ...clientSide(wish),
      [appExtension]: clientExtension(wish),
    })
    return clientOf(created, wish.secret)
  },
  setActive: async (id, active) => {
    const schemas = [`${core}AppStatusChanger`]
    await call('PUT', `/AppStatusChanger/${id}`, { schemas, active })
  },
  rotateSecret: async (client, overlapSeconds, expires) => {
    const extension = `${own}AppClientSecretRegenerator`
    const created = await call('POST', '/AppClientSecretRegenerator', {
      schemas: [`${core}AppClientSecretRegenerator`, extension],
      appId: client.id,
      [extension]: said({ overlapSeconds, expires: expires?.toISOString() }),
    })
    return { ...client, secret: String(created['clientSecret']) }
  },
  uploadCertificate: async (certificateAlias, der) => {
    await call('POST', '/OAuthClientCertificates', {
      schemas: [`${core}OAuthClientCertificate`],
      certificateAlias,
      x509Base64Certificate: Buffer.from(der).toString('base64'),
    })
  },
  createUser: async (userName) => {
    const created = await call('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName,
      name: { familyName: userName },
      emails: [{ value: `${userName}@example.com`, type: 'work', primary: true }],
    })
    return String(created['id'])
  },
  createRole: async (api, displayName, scopes) => {
    const extension = `${own}AppRole`
    const created = await call('POST', '/AppRoles', {
      schemas: [`${core}AppRole`, extension],
      displayName,
      app: { value: api.id },
      availableToClients: true,
      [extension]: { scopes },
    })
    return String(created['id'])
  },
  grantRole: async (appId, roleId, client) => {
    await call('POST', '/Grants', {
      schemas: [`${core}Grant`],
      app: { value: appId },
      entitlement: { attributeName: 'appRoles', attributeValue: roleId },
      grantMechanism: 'ADMINISTRATOR_TO_APP',
      grantee: { value: client.id, type: 'App' },
    })
  },
})

const errorSchema = 'urn:ietf:params:scim:api:oracle:idcs:extension:messages:Error'

/** The reason that a refusal of `/admin/v1` names. */
export const scimReasonOf = ({ json }: Answer): unknown => {
  const error = json?.[errorSchema] as Json | undefined
  return (error?.['additionalData'] as Json | undefined)?.['reason']
}
