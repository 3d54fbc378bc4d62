/** A domain with something of everything that the console shows, under names of one's choice. */
import { appSchema } from './administration.ts'
import { askToken } from './ask.ts'
import { makeAuthority, makeCertificate, nameOf } from './certificate.ts'
import type { Shown } from './console-screens.ts'
import { send } from './http.ts'
import type { MintmarkDomain } from './mintmark-domain.ts'
import type { Client } from './test-domain.ts'

/** How a thing is called; a scope has no spaces. */
export type Naming = (what: string, kind?: 'text' | 'scope') => string

const core = 'urn:ietf:params:scim:schemas:core:2.0:'
const oracle = 'urn:ietf:params:scim:schemas:oracle:idcs:'

const audience = 'https://orders.example/'

const makeApi = async ({ admin }: MintmarkDomain, named: Naming): Promise<string> => {
  const description = named('Reads the orders of a customer')
  const made = await admin.call('POST', '/Apps', {
    schemas: [appSchema],
    basedOnTemplate: { value: 'CustomWebAppTemplateId' },
    active: true,
    displayName: named('Orders'),
    description: named('Takes and keeps orders'),
    isOAuthResource: true,
    audience,
    scopes: [
      { value: named('orders.read', 'scope'), description, displayName: named('Read orders') },
      { value: named('orders.write', 'scope'), description: named('Changes them') },
    ],
    tags: [{ key: named('team'), value: named('warehouse') }],
  })
  return String(made['id'])
}

const makeApp = async (
  { admin }: MintmarkDomain,
  displayName: string,
  more: Readonly<Record<string, unknown>>,
): Promise<Client> => {
  const made = await admin.call('POST', '/Apps', {
    schemas: [appSchema],
    basedOnTemplate: { value: 'CustomWebAppTemplateId' },
    active: true,
    displayName,
    isOAuthClient: true,
    clientType: 'confidential',
    allowedGrants: ['client_credentials'],
    ...more,
  })
  const [id, clientId, secret] = ['id', 'name', 'clientSecret'].map((each) => String(made[each]))
  return { id: id ?? '', clientId: clientId ?? '', secret: secret ?? '' }
}

const makePeople = async ({ admin }: MintmarkDomain, named: Naming): Promise<string> => {
  const user = await admin.call('POST', '/Users', {
    schemas: [`${core}User`],
    userName: named('zoe'),
    displayName: named('Zoë Almeida'),
    name: { givenName: named('Zoë'), familyName: named('Almeida') },
    emails: [{ value: 'zoe@example.com', type: 'work', primary: true }],
  })
  await admin.call('POST', '/Groups', {
    schemas: [`${core}Group`],
    displayName: named('Night shift'),
    members: [{ value: user['id'], type: 'User' }],
  })
  return String(user['id'])
}

const grantToUser = async ({ admin }: MintmarkDomain, userId: string): Promise<void> => {
  const filter = encodeURIComponent('displayName eq "Identity Domain Administrator"')
  const found = await admin.call('GET', `/AppRoles?filter=${filter}`)
  const [role] = found['Resources'] as { id: string; app: { value: string } }[]
  await admin.call('POST', '/Grants', {
    schemas: [`${oracle}Grant`],
    app: { value: role?.app.value },
    entitlement: { attributeName: 'appRoles', attributeValue: role?.id },
    grantMechanism: 'ADMINISTRATOR_TO_USER',
    grantee: { value: userId, type: 'User' },
  })
}

const addCertificates = async ({ admin }: MintmarkDomain, named: Naming): Promise<void> => {
  const subject = nameOf(['O', named('Acme')], ['CN', named('orders-worker')])
  await admin.uploadCertificate(named('parts-2026'), makeCertificate({ subject }).der)
  await admin.call('POST', '/OAuthPartnerCertificates', {
    schemas: [`${oracle}OAuthPartnerCertificate`],
    certificateAlias: named('partner-ca'),
    x509Base64Certificate: makeAuthority(named('Partner')).der.toString('base64'),
  })
}

const addClaim = async ({ admin }: MintmarkDomain, named: Naming): Promise<void> => {
  await admin.call('POST', '/CustomClaims', {
    schemas: [`${oracle}CustomClaim`],
    name: 'region',
    value: named('north'),
    expression: false,
    mode: 'always',
    tokenType: 'AT',
    allScopes: true,
  })
}

/** A pairing code for the user who administers; what they do is on record under their name. */
export const pairUser = async (domain: MintmarkDomain, userName: string): Promise<string> => {
  const answer = await send({
    url: `${domain.url}/console/pairing`,
    headers: {
      authorization: `Bearer ${domain.admin.token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ userName }),
  })
  const code = answer.json?.['pairingCode']
  if (typeof code !== 'string') throw new Error(`no code: ${answer.status} ${answer.text}`)
  return code
}

const explain = (asked: Record<string, string>): string => `/explain?${new URLSearchParams(asked)}`

/** An API, callers in each state, people, certificates, claims, and requests of all endings. */
export const fillDomain = async (domain: MintmarkDomain, named: Naming): Promise<Shown> => {
  const { admin } = domain
  const api = await makeApi(domain, named)
  const fqs = `${audience}${named('orders.read', 'scope')}`
  const shape = { id: api, audience, scopes: [], client: null }
  const role = await admin.createRole(shape, named('OrderWriter'), [named('orders.write', 'scope')])
  await addCertificates(domain, named)
  await addClaim(domain, named)
  const billing = await makeApp(domain, named('Nightly billing'), {
    description: named('Writes the bills of the day'),
    allowedScopes: [{ fqs }],
    certificates: [{ certAlias: named('parts-2026') }],
    tags: [{ key: named('owner'), value: named('finance') }],
  })
  await admin.grantRole(api, role, billing)
  await makeApp(domain, named('Old report'), { active: false, allowedScopes: [{ fqs }] })
  const tagged = await makeApp(domain, named('Stock count'), {
    trustScope: 'Tags',
    allowedTags: [{ key: named('team'), value: named('warehouse') }],
  })
  await makeApp(domain, named('On a phone'), { clientType: 'public', allowedGrants: [] })
  await grantToUser(domain, await makePeople(domain, named))
  await askToken(domain, billing, { scope: fqs })
  await askToken(domain, billing, { scope: `${audience}none` })
  await askToken(domain, { ...billing, secret: 'wrong' }, { scope: fqs })
  return {
    apps: [billing.id, tagged.id, api],
    apis: [api],
    more: [
      explain({ client: billing.clientId, scope: fqs }),
      explain({ client: billing.clientId, scope: `${audience}none` }),
      explain({ tab: 'who', api: audience, of: fqs.slice(audience.length) }),
      `/playground?client=${billing.id}`,
      '/audit?action=application.*',
      '/live-requests?show=denied',
      '/settings?set=yes',
    ],
  }
}
