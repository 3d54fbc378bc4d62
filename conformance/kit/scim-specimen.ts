/** For every kind of resource: a body that is right, and values for its attributes. */
import { makeAuthority, makeCertificate, nameOf } from './certificate.ts'
import type { MintmarkDomain } from './mintmark-domain.ts'
import type { AttributeFact, ResourceName } from './scim-attribute.ts'

export type Json = Readonly<Record<string, unknown>>
/** Two values that are both right. */
export type Pair = readonly [unknown, unknown]

export interface Specimen {
  readonly endpoint: string
  /** Which of PUT and PATCH there are: all or none. */
  readonly isChangeable: boolean
  /** Body with what is required, and nothing that another body has to have for itself. */
  base(): Json
  /** Values that are not made from the type alone; they may differ from call to call. */
  readonly pairs: Readonly<Record<string, () => Pair>>
}

let counter = 0
/** A text that no other resource has. */
export const unused = (word: string): string => {
  counter += 1
  return `${word}-Case-${counter}`
}

const core = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const template = { value: 'CustomWebAppTemplateId' }
const certificateText = (kind: 'Client' | 'Partner'): string => {
  const name = unused('Specimen')
  const made =
    kind === 'Client' ? makeCertificate({ subject: nameOf(['CN', name]) }) : makeAuthority(name)
  return made.der.toString('base64')
}

/** What specimens refer to. */
export interface References {
  readonly apiId: string
  readonly scopes: readonly [string, string]
  readonly roleId: string
  readonly userIds: readonly [string, string]
  readonly aliases: readonly [string, string]
  newClientId(): Promise<string>
}

/** Makes what specimens refer to. */
export const makeReferences = async ({ admin }: MintmarkDomain): Promise<References> => {
  const audience = 'https://specimen.example/'
  const api = await admin.createApi({ audience, scopes: ['Read', 'Write'] })
  const userIds: string[] = []
  for (const userName of [unused('member'), unused('member')]) {
    const user = await admin.call('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName,
    })
    userIds.push(String(user['id']))
  }
  const aliases = [unused('alias'), unused('alias')] as const
  for (const alias of aliases) {
    const { der } = makeCertificate({ subject: nameOf(['CN', alias]) })
    await admin.uploadCertificate(alias, der)
  }
  return {
    apiId: api.id,
    scopes: [`${audience}Read`, `${audience}Write`],
    roleId: await admin.createRole(api, 'Specimen', []),
    userIds: userIds as [string, string],
    aliases,
    newClientId: async () => (await admin.createClient({})).id,
  }
}

const app = (references: References): Specimen => {
  const [read, write] = references.scopes
  const [first, second] = references.aliases
  const tag = (value: string) => [{ key: 'Colour', value }]
  return {
    endpoint: 'Apps',
    isChangeable: true,
    base: () => ({
      schemas: [`${core}App`],
      displayName: unused('App'),
      basedOnTemplate: template,
      isOAuthClient: true,
      clientType: 'confidential',
      isOAuthResource: true,
      audience: `urn:${unused('audience')}:`,
    }),
    pairs: {
      displayName: () => [unused('App'), unused('App')],
      name: () => [unused('name'), unused('name')],
      audience: () => [`urn:${unused('audience')}:`, `urn:${unused('audience')}:`],
      clientType: () => ['trusted', 'confidential'],
      allowedGrants: () => [['client_credentials'], ['password']],
      allowedOperations: () => [['introspect'], ['onBehalfOfUser']],
      trustScope: () => ['Account', 'Explicit'],
      loginMechanism: () => ['SAML', 'OIDC'],
      clientIPChecking: () => ['anywhere', 'whitelisted'],
      allowedScopes: () => [[{ fqs: read }], [{ fqs: write }]],
      allowedTags: () => [tag('Green'), tag('Blue')],
      tags: () => [tag('Green'), tag('Blue')],
      isLoginTarget: () => [false, true],
      secondaryAudiences: () => [['urn:One'], ['urn:Two']],
      protectableSecondaryAudiences: () => [[{ value: 'urn:One' }], [{ value: 'urn:Two' }]],
      certificates: () => [[{ certAlias: first }], [{ certAlias: second }]],
      scopes: () => [[{ value: 'Read' }], [{ value: 'Write' }]],
      serviceParams: () => [[{ name: 'One', value: 'x' }], [{ name: 'Two', value: 'x' }]],
      basedOnTemplate: () => [template, { value: 'CustomBrowserMobileTemplateId' }],
      attrRenderingMetadata: () => [[{ name: 'One' }], [{ name: 'Two' }]],
    },
  }
}

const appRole = ({ apiId }: References): Specimen => ({
  endpoint: 'AppRoles',
  isChangeable: true,
  base: () => ({
    schemas: [`${core}AppRole`],
    displayName: unused('Role'),
    app: { value: apiId },
  }),
  pairs: {
    displayName: () => [unused('Role'), unused('Role')],
    app: () => [{ value: apiId }, { value: 'IDCSAppId' }],
    availableToClients: () => [false, true],
  },
})

const grant = ({ apiId, roleId }: References, clientIds: readonly string[]): Specimen => {
  const left = [...clientIds]
  const grantee = () => ({ value: left.pop() ?? 'there are no more clients', type: 'App' })
  const entitlement = { attributeName: 'appRoles', attributeValue: roleId }
  return {
    endpoint: 'Grants',
    isChangeable: false,
    base: () => ({
      schemas: [`${core}Grant`],
      app: { value: apiId },
      entitlement,
      grantMechanism: 'ADMINISTRATOR_TO_APP',
      grantee: grantee(),
    }),
    pairs: {
      app: () => [{ value: apiId }, { value: apiId }],
      entitlement: () => [entitlement, entitlement],
      isFulfilled: () => [false, true],
      grantMechanism: () => ['ADMINISTRATOR_TO_APP', 'ADMINISTRATOR_TO_APP'],
      grantee: () => [grantee(), grantee()],
    },
  }
}

const certificate = (kind: 'Client' | 'Partner'): Specimen => {
  const schemas = [`${core}OAuth${kind}Certificate`]
  return {
    endpoint: `OAuth${kind}Certificates`,
    isChangeable: false,
    base: () => ({
      schemas,
      certificateAlias: unused('alias'),
      x509Base64Certificate: certificateText(kind),
    }),
    pairs: {
      certificateAlias: () => [unused('alias'), unused('alias')],
      x509Base64Certificate: () => [certificateText(kind), certificateText(kind)],
    },
  }
}

const user: Specimen = {
  endpoint: 'Users',
  isChangeable: true,
  base: () => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: unused('user'),
  }),
  pairs: {
    userName: () => [unused('user'), unused('user')],
    name: () => [{ familyName: 'One' }, { familyName: 'Two' }],
    emails: () => [
      [{ value: 'One@people.example', type: 'work' }],
      [{ value: 'Two@people.example', type: 'home' }],
    ],
    addresses: () => [[{ type: 'work', locality: 'One' }], [{ type: 'work', locality: 'Two' }]],
    profileUrl: () => ['https://people.example/One', 'https://people.example/Two'],
    userType: () => ['Employee', 'Contractor'],
    tags: () => [[{ key: 'Colour', value: 'Green' }], [{ key: 'Colour', value: 'Blue' }]],
  },
}

const group = ({ userIds: [first, second] }: References): Specimen => ({
  endpoint: 'Groups',
  isChangeable: true,
  base: () => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName: unused('Group'),
  }),
  pairs: {
    displayName: () => [unused('Group'), unused('Group')],
    members: () => [[{ value: first, type: 'User' }], [{ value: second, type: 'User' }]],
    tags: () => [[{ key: 'Colour', value: 'Green' }], [{ key: 'Colour', value: 'Blue' }]],
  },
})

const setting: Specimen = {
  endpoint: 'Settings',
  isChangeable: true,
  base: () => ({ schemas: [`${core}Setting`], csrAccess: 'none' }),
  pairs: {
    csrAccess: () => ['none', 'none'],
    issuer: () => ['https://issuer.example/One', 'https://issuer.example/Two'],
  },
}

/** All specimens; grants are each for a client of their own, so those are made beforehand. */
export const specimensOf = async (
  domain: MintmarkDomain,
): Promise<Readonly<Record<ResourceName, Specimen>>> => {
  const references = await makeReferences(domain)
  const clients = Array.from({ length: 120 }, () => references.newClientId())
  return {
    App: app(references),
    AppRole: appRole(references),
    Grant: grant(references, await Promise.all(clients)),
    OAuthClientCertificate: certificate('Client'),
    OAuthPartnerCertificate: certificate('Partner'),
    User: user,
    Group: group(references),
    Setting: setting,
  }
}

const plainPair = (fact: AttributeFact): Pair => {
  if (fact.type === 'boolean') return [true, false]
  if (fact.type === 'integer') return [600, 1200]
  if (fact.type === 'dateTime') return ['2031-01-01T00:00:00.000Z', '2032-01-01T00:00:00.000Z']
  if (fact.type === 'complex') return [{ value: 'One' }, { value: 'Two' }]
  if (fact.isExtension) return [{ note: 'One' }, { note: 'Two' }]
  return ['Value One', 'Value Two']
}

/** Two right values of an attribute. */
export const pairOf = (specimen: Specimen, fact: AttributeFact): Pair => {
  const known = specimen.pairs[fact.path]
  if (known !== undefined) return known()
  const [one, two] = plainPair(fact)
  return fact.isMany ? [[one], [two]] : [one, two]
}

/** A value of another type than the attribute has. */
export const wrongValueOf = (fact: AttributeFact): unknown =>
  fact.type === 'boolean' || fact.type === 'integer' ? 'Wrong' : 42
