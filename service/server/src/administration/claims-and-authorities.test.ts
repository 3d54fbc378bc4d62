import assert from 'node:assert/strict'
import { test } from 'node:test'
import { issueTestCertificate, makeTestAuthority } from '../certificates/test-authority.ts'
import { apiBody, openExampleServer } from './example-server.ts'

const idcs = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

const claimBody = (name: string, more: object = {}) => ({
  schemas: [`${idcs}CustomClaim`],
  name,
  value: 'gold',
  expression: false,
  mode: 'always',
  tokenType: 'AT',
  allScopes: true,
  ...more,
})

test('custom claims: made, found, changed, deleted, refused', async () => {
  await using server = await openExampleServer()
  const orders = apiBody('Orders', 'https://orders.example/', ['read', 'write'])
  const api = await server.call('POST', '/Apps', { ...orders, active: true })
  assert.equal(api.status, 201)
  const made = await server.call('POST', '/CustomClaims', claimBody('tier'))
  assert.equal(made.status, 201, JSON.stringify(made.body))
  assert.equal(made.body.value, 'gold')
  const refusals: readonly [object, number, RegExp][] = [
    [claimBody('tier'), 409, /already/],
    [claimBody('sub'), 400, /not for administrators/],
    [claimBody('x', { expression: true }), 400, /user who signs in/],
    [claimBody('x', { mode: 'often' }), 400, /mode/],
    [claimBody('x', { allScopes: false, scopes: ['https://orders.example/raed'] }), 400, /raed/],
    [claimBody('x', { value: 'v'.repeat(101) }), 400, /100/],
  ]
  for (const [body, status, detail] of refusals) {
    const answer = await server.call('POST', '/CustomClaims', body)
    assert.equal(answer.status, status, JSON.stringify(answer.body))
    assert.match(answer.body.detail, detail)
  }
  const path = `/CustomClaims/${made.body.id}`
  const scopes = ['https://orders.example/read']
  const narrowed = await server.call('PUT', path, {
    ...claimBody('tier'),
    allScopes: false,
    scopes,
  })
  assert.equal(narrowed.status, 200, JSON.stringify(narrowed.body))
  assert.deepEqual(narrowed.body.scopes, scopes)
  const operation = { op: 'replace', path: 'value', value: 'silver' }
  const patch = { schemas: [patchUrn], Operations: [operation] }
  assert.equal((await server.call('PATCH', path, patch)).body.value, 'silver')
  // a scope that a claim is for does not vanish under it
  const gone = await server.call('PUT', `/Apps/${api.body.id}`, {
    ...apiBody('Orders', 'https://orders.example/', ['write']),
  })
  assert.equal(gone.status, 400)
  assert.match(gone.body.detail, /the custom claim tier/)
  const found = await server.call('GET', '/CustomClaims', null, {
    query: { filter: 'name eq "tier" and mode eq "always"' },
  })
  assert.equal(found.body.totalResults, 1)
  const read = { roles: ['Application Administrator'] }
  assert.equal((await server.call('DELETE', path, null, read)).status, 401)
  const may = { roles: ['Security Administrator'] }
  assert.equal((await server.call('DELETE', path, null, may)).status, 204)
  assert.deepEqual(await server.read((transaction) => transaction.customClaims()), [])
})

test('trusted authorities: authorities only, by Identity Domain Administrators only', async () => {
  await using server = await openExampleServer()
  const authority = await makeTestAuthority('CN=partner')
  const leaf = await issueTestCertificate({ subject: 'CN=leaf' }, authority)
  const bodyOf = (certificateAlias: string, der: Uint8Array) => ({
    schemas: [`${idcs}OAuthPartnerCertificate`],
    certificateAlias,
    x509Base64Certificate: Buffer.from(der).toString('base64'),
  })
  const body = bodyOf('partner', authority.der)
  for (const role of ['Application Administrator', 'Security Administrator']) {
    const denied = await server.call('POST', '/OAuthPartnerCertificates', body, { roles: [role] })
    assert.equal(denied.status, 401, role)
  }
  const made = await server.call('POST', '/OAuthPartnerCertificates', body)
  assert.equal(made.status, 201, JSON.stringify(made.body))
  assert.match(made.body.meta.location, /\/OAuthPartnerCertificates\//)
  assert.equal(made.body.isAuthority, undefined)
  const refusals: readonly [object, number, RegExp][] = [
    [bodyOf('leaf', leaf.der), 400, /not the certificate of an authority/],
    [bodyOf('PARTNER', authority.der), 409, /already/],
    [bodyOf('again', authority.der), 409, /stored as "partner"/],
    [bodyOf('x', Buffer.from('nothing')), 400, /no certificate/],
    [{ ...body, certificateAlias: 'y', keyStorePassword: 'geheim' }, 400, /not kept/],
  ]
  for (const [refused, status, detail] of refusals) {
    const answer = await server.call('POST', '/OAuthPartnerCertificates', refused)
    assert.equal(answer.status, status, JSON.stringify(answer.body))
    assert.match(answer.body.detail, detail)
  }
  const listed = await server.call('GET', '/OAuthPartnerCertificates', null, {
    query: { filter: 'certificateAlias sw "par"' },
    roles: ['Audit Administrator'],
  })
  assert.equal(listed.body.totalResults, 1)
  const path = `/OAuthPartnerCertificates/${made.body.id}`
  assert.equal((await server.call('PUT', path, body)).status, 405)
  assert.equal((await server.call('DELETE', path)).status, 204)
})
