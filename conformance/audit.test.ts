/** Every change of what is declared is one event: who, what, before and after, and no secret. */
import { deepEqual, doesNotMatch, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { makeCertificate, nameOf } from './kit/certificate.ts'
import { askHappening } from './kit/explain-rounds.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const { admin } = domain

type Json = Readonly<Record<string, unknown>>

const core = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const appExtension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'
const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** Events that carry a change, oldest first. */
const changes = async (): Promise<readonly Json[]> => {
  const answer = await askHappening(domain, 'GET', '/audit?limit=1000&result=ok')
  equal(answer.status, 200, answer.text)
  const events = answer.json?.['events'] as readonly Json[]
  return events
    .filter((event) => !['token', 'domain.bootstrap'].includes(String(event['action'])))
    .toReversed()
}

const chosen = 'a-secret-that-an-administrator-chose'
const kept = new Map<string, string>([['chosen secret', chosen]])

interface Step {
  readonly action: string
  readonly sides: 'before' | 'after' | 'both'
  readonly run: () => Promise<unknown>
}

let api = ''
let client = ''
let role = ''
let grant = ''
let certificate = ''
let user = ''
let group = ''
let claim = ''

const app = (displayName: string, more: Json): Json => ({
  schemas: [`${core}App`, appExtension],
  displayName,
  basedOnTemplate: { value: 'CustomWebAppTemplateId' },
  ...more,
})

const idOf = async (made: Promise<Json>): Promise<string> => String((await made)['id'])

const patch = (path: string, op: string, name: string, value: unknown) =>
  admin.call('PATCH', path, { schemas: [patchOp], Operations: [{ op, path: name, value }] })

const status = (active: boolean) =>
  admin.call('PUT', `/AppStatusChanger/${client}`, {
    schemas: [`${core}AppStatusChanger`],
    active,
  })

const steps: readonly Step[] = [
  {
    action: 'application.create',
    sides: 'after',
    run: async () => {
      const facet = {
        isOAuthResource: true,
        audience: 'https://a.example/',
        scopes: [{ value: 'x' }],
      }
      api = await idOf(admin.call('POST', '/Apps', app('An API', { ...facet, active: true })))
    },
  },
  {
    action: 'application.create',
    sides: 'after',
    run: async () => {
      const facet = { isOAuthClient: true, clientType: 'confidential' }
      const grants = { allowedGrants: ['client_credentials'] }
      const more = { ...facet, ...grants, [appExtension]: { secret: chosen } }
      client = await idOf(admin.call('POST', '/Apps', app('A client', more)))
    },
  },
  {
    action: 'application.replace',
    sides: 'both',
    run: () => patch(`/Apps/${client}`, 'add', 'allowedScopes', [{ fqs: 'https://a.example/x' }]),
  },
  { action: 'application.activate', sides: 'both', run: () => status(true) },
  {
    action: 'role.create',
    sides: 'after',
    run: async () => {
      const body = { schemas: [`${core}AppRole`], displayName: 'R', app: { value: api } }
      role = await idOf(admin.call('POST', '/AppRoles', { ...body, availableToClients: true }))
    },
  },
  {
    action: 'role.replace',
    sides: 'both',
    run: () => patch(`/AppRoles/${role}`, 'replace', 'description', 'said'),
  },
  {
    action: 'grant.create',
    sides: 'after',
    run: async () => {
      grant = await idOf(
        admin.call('POST', '/Grants', {
          schemas: [`${core}Grant`],
          app: { value: api },
          entitlement: { attributeName: 'appRoles', attributeValue: role },
          grantMechanism: 'ADMINISTRATOR_TO_APP',
          grantee: { value: client, type: 'App' },
        }),
      )
    },
  },
  {
    action: 'application.secret.regenerate',
    sides: 'both',
    run: async () => {
      const made = await admin.call('POST', '/AppClientSecretRegenerator', {
        schemas: [`${core}AppClientSecretRegenerator`],
        appId: client,
      })
      kept.set('regenerated secret', String(made['clientSecret']))
    },
  },
  {
    action: 'certificate.create',
    sides: 'after',
    run: async () => {
      const { der } = makeCertificate({ subject: nameOf(['CN', 'audited']) })
      certificate = await idOf(
        admin.call('POST', '/OAuthClientCertificates', {
          schemas: [`${core}OAuthClientCertificate`],
          certificateAlias: 'audited',
          x509Base64Certificate: Buffer.from(der).toString('base64'),
        }),
      )
    },
  },
  {
    action: 'settings.replace',
    sides: 'both',
    run: () => patch('/Settings/Settings', 'replace', 'signingCertPublicAccess', true),
  },
  {
    action: 'certificate.delete',
    sides: 'before',
    run: () => admin.call('DELETE', `/OAuthClientCertificates/${certificate}`),
  },
  { action: 'grant.delete', sides: 'before', run: () => admin.call('DELETE', `/Grants/${grant}`) },
  { action: 'role.delete', sides: 'before', run: () => admin.call('DELETE', `/AppRoles/${role}`) },
  { action: 'application.deactivate', sides: 'both', run: () => status(false) },
  {
    action: 'user.create',
    sides: 'after',
    run: async () => {
      const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User']
      const name = { givenName: 'Anna', familyName: 'Berg' }
      const emails = [{ value: 'anna@example.com', type: 'work', primary: true }]
      user = await idOf(admin.call('POST', '/Users', { schemas, userName: 'anna', name, emails }))
    },
  },
  {
    action: 'user.replace',
    sides: 'both',
    run: () => patch(`/Users/${user}`, 'replace', 'name.familyName', 'Tal'),
  },
  {
    action: 'group.create',
    sides: 'after',
    run: async () => {
      const schemas = ['urn:ietf:params:scim:schemas:core:2.0:Group']
      group = await idOf(admin.call('POST', '/Groups', { schemas, displayName: 'Order desk' }))
    },
  },
  {
    action: 'group.replace',
    sides: 'both',
    run: () => patch(`/Groups/${group}`, 'add', 'members', [{ value: user }]),
  },
  { action: 'group.delete', sides: 'before', run: () => admin.call('DELETE', `/Groups/${group}`) },
  { action: 'user.delete', sides: 'before', run: () => admin.call('DELETE', `/Users/${user}`) },
  {
    action: 'claim.create',
    sides: 'after',
    run: async () => {
      const body = { schemas: [`${core}CustomClaim`], name: 'acme_tier', value: 'gold' }
      const more = { mode: 'always', tokenType: 'AT', allScopes: true }
      claim = await idOf(admin.call('POST', '/CustomClaims', { ...body, ...more }))
    },
  },
  {
    action: 'claim.replace',
    sides: 'both',
    run: () => patch(`/CustomClaims/${claim}`, 'replace', 'value', 'silver'),
  },
  {
    action: 'claim.delete',
    sides: 'before',
    run: () => admin.call('DELETE', `/CustomClaims/${claim}`),
  },
  {
    action: 'application.delete',
    sides: 'before',
    run: () => admin.call('DELETE', `/Apps/${client}`),
  },
]

test('each change is one event with its administrator and what differs', async () => {
  for (const step of steps) {
    const before = await changes()
    await step.run()
    const made = (await changes()).slice(before.length)
    deepEqual(
      made.map((event) => event['action']),
      [step.action],
    )
    const [event] = made
    equal(event?.['actor'], 'conformance-administrator')
    ok(event?.['ecid'] && event['object'] && event['source'])
    const detail = event['detail'] as Json
    equal(Boolean(detail['before']), step.sides !== 'after', `${step.action} before`)
    equal(Boolean(detail['after']), step.sides !== 'before', `${step.action} after`)
  }
})

test('no secret is in any event, nor the digest of one', async () => {
  const all = await askHappening(domain, 'GET', '/audit/export')
  for (const [name, secret] of kept) ok(secret !== '' && !all.text.includes(secret), name)
  // signature and thumbprints are base64url of chance: once in 100,000 runs one holds a mms_
  const told = all.text
    .replace(/^(\{"checkpoint":"[\w-]+\.[\w-]+\.)[\w-]{86}"/, '$1"')
    .replaceAll(/"x5tS256":"[\w-]{43}"/g, '"x5tS256":""')
  doesNotMatch(told, /mms_|argon2|"digest"|"sealed"|PRIVATE KEY/)
})

test('a refused change leaves no event but that of a denial', async () => {
  const before = await changes()
  equal((await admin.ask('DELETE', `/Apps/${api}`)).status >= 400, true)
  const again = { isOAuthResource: true, audience: 'https://b.example/' }
  equal((await admin.ask('POST', '/Apps', app('An API', again))).status, 409)
  deepEqual(await changes(), before)
})
