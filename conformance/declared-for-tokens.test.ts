/** What administrators declare besides applications, as tokens show it at once. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertE401, assertOk } from './kit/answers.ts'
import { askSecurely, askToken } from './kit/ask.ts'
import { makeAuthority, makeCertificate, nameOf } from './kit/certificate.ts'
import { cBasic, makeClient } from './kit/fixtures.ts'
import { send } from './kit/http.ts'
import { decode } from './kit/jwt.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const idcs = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const { admin } = domain

const claimsOf = (token: string) => decode(token).claims

const patch = (path: string, ...Operations: object[]) =>
  admin.call('PATCH', path, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations,
  })

describe('custom claims', () => {
  const claim = (more: object) => ({
    schemas: [`${idcs}CustomClaim`],
    value: 'gold',
    mode: 'always',
    tokenType: 'AT',
    ...more,
  })

  it('are in every token, or in those of a scope, behind all others', async () => {
    const audience = 'https://claims.example/'
    for (const profile of ['identity-domain', 'rfc9068'] as const) {
      const api = { audience: `${audience}${profile}/`, scopes: ['read', 'write'], profile }
      await domain.createApi(api)
      const scopes = api.scopes.map((scope) => api.audience + scope)
      const client = await domain.createClient({ scopes })
      const ask = async (scope: string) =>
        claimsOf(assertOk(await askToken(domain, client, { scope: api.audience + scope })))
      const bare = Object.keys(await ask('read'))
      const all = await admin.call(
        'POST',
        '/CustomClaims',
        claim({ name: 'tier', allScopes: true }),
      )
      const one = await admin.call(
        'POST',
        '/CustomClaims',
        claim({ name: 'writes', scopes: [`${api.audience}write`] }),
      )
      const asked = await admin.call(
        'POST',
        '/CustomClaims',
        claim({ name: 'asked', mode: 'request', allScopes: true }),
      )
      const read = await ask('read')
      assert.deepEqual(Object.keys(read), [...bare, 'tier'])
      assert.equal(read['tier'], 'gold')
      assert.equal((await ask('write'))['writes'], 'gold')
      for (const { id } of [all, one, asked]) {
        await admin.call('DELETE', `/CustomClaims/${String(id)}`)
      }
      assert.deepEqual(Object.keys(await ask('read')), bare)
    }
  })
})

describe('groups', () => {
  it('give their roles to the clients in them, at once, and take them at once', async () => {
    const audience = 'https://grouped.example/'
    const api = await domain.createApi({ audience, scopes: ['read'] })
    const extension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:AppRole'
    const role = await admin.call('POST', '/AppRoles', {
      schemas: [`${idcs}AppRole`, extension],
      displayName: 'Reader',
      app: { value: api.id },
      availableToGroups: true,
      [extension]: { scopes: ['read'] },
    })
    const client = await domain.createClient({})
    const group = await admin.call('POST', '/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: 'Night shift',
    })
    const path = `/Groups/${String(group['id'])}`
    const ask = () => askToken(domain, client, { scope: `${audience}read` })
    const grant = {
      schemas: [`${idcs}Grant`],
      app: { value: api.id },
      entitlement: { attributeName: 'appRoles', attributeValue: role['id'] },
      grantMechanism: 'ADMINISTRATOR_TO_GROUP',
      grantee: { value: group['id'], type: 'Group' },
    }
    assert.equal((await ask()).status, 400)
    await patch(path, { op: 'add', path: 'members', value: [{ value: client.id, type: 'App' }] })
    assert.equal((await ask()).status, 400)
    const granted = await admin.call('POST', '/Grants', grant)
    assertOk(await ask())
    await patch(path, { op: 'remove', path: `members[value eq "${client.id}"]` })
    assert.equal((await ask()).status, 400)
    await patch(path, { op: 'add', path: 'members', value: [{ value: client.id, type: 'App' }] })
    assertOk(await ask())
    await admin.call('DELETE', `/Grants/${String(granted['id'])}`)
    assert.equal((await ask()).status, 400)
    await admin.call('POST', '/Grants', grant)
    assertOk(await ask())
    await admin.call('DELETE', path)
    assert.equal((await ask()).status, 400)
  })
})

describe('partner certificates', () => {
  const partner = makeAuthority('Partner authority')
  const certificate = makeCertificate({
    subject: nameOf(['CN', 'partner-worker']),
    purposes: ['clientAuth'],
    issuer: partner,
  })
  const shown = { cert: certificate.pem, key: certificate.keyPem }
  const wish = {
    methods: ['tls_client_auth'],
    certificateSubject: { kind: 'subject_dn', value: 'CN=partner-worker' },
  } as const

  it('are trusted beside the own list from the moment they are there until they go', async () => {
    const client = await makeClient(domain, wish)
    const anchored = await makeClient(domain, {
      ...wish,
      certificateAnchors: [domain.clientAuthority.der.toString('base64')],
    })
    const ask = (clientId: string) => askSecurely(domain, { client_id: clientId }, { shown })
    assertE401(await ask(client.clientId))
    const made = await admin.call('POST', '/OAuthPartnerCertificates', {
      schemas: [`${idcs}OAuthPartnerCertificate`],
      certificateAlias: 'partner',
      x509Base64Certificate: partner.der.toString('base64'),
    })
    assertOk(await ask(client.clientId))
    // who has anchors of its own trusts these alone, and another's name proves nobody
    assertE401(await ask(anchored.clientId))
    assertE401(await ask((await cBasic(domain)).clientId))
    await admin.call('DELETE', `/OAuthPartnerCertificates/${String(made['id'])}`)
    assertE401(await ask(client.clientId))
  })
})

describe('a client id that was taken again', () => {
  it('has nothing of the tokens of the application that had it before', async () => {
    const listed = await admin.call(
      'GET',
      '/AppRoles?filter=displayName%20eq%20%22Audit%20Administrator%22',
    )
    const [role] = listed['Resources'] as { readonly id: string }[]
    const make = async () => {
      const client = await domain.createClient({ clientId: 'taken-again' })
      await admin.grantRole('IDCSAppId', String(role?.id), client)
      const answer = await askToken(domain, client, { scope: 'urn:opc:idm:__myscopes__' })
      return { client, token: assertOk(answer) }
    }
    const read = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` }
      return (await send({ url: `${domain.url}/admin/v1/Apps`, method: 'GET', headers })).status
    }
    const first = await make()
    assert.equal(await read(first.token), 200)
    await domain.setActive(first.client, false)
    await admin.call('DELETE', `/Apps/${first.client.id}`)
    assert.equal(await read(first.token), 401)
    const second = await make()
    assert.equal(await read(second.token), 200)
    assert.equal(await read(first.token), 401)
  })
})
