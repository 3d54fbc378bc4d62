import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { assertE400, assertOk } from './kit/answers.ts'
import { askToken } from './kit/ask.ts'
import {
  cBasic,
  makeClient,
  once,
  rs,
  rs2,
  rs2Audience,
  rsAudience,
  rsScopes,
} from './kit/fixtures.ts'
import type { Answer, Parameters } from './kit/http.ts'
import { decode } from './kit/jwt.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const grant = ['grant_type', 'client_credentials'] as const

const audiences = {
  query: 'https://query.example/?tenant=1',
  urn: 'urn:example:rs',
  noSlash: 'https://bare.example',
} as const

/** Holds scopes of several APIs, so that the target has to be said. */
const wide = () =>
  once(domain, 'wide', async () => {
    await rs(domain)
    await rs2(domain)
    for (const audience of Object.values(audiences)) {
      await domain.createApi({ audience, scopes: ['x'] })
    }
    const scopes = Object.values(audiences).map((audience) => `${audience}x`)
    return domain.createClient({ scopes: [...rsScopes, `${rs2Audience}other:read`, ...scopes] })
  })

const ask = async (parameters: Parameters) => askToken(domain, await wide(), parameters)
const audienceFor = async (parameters: Parameters) =>
  decode(assertOk(await ask(parameters))).claims['aud']

for (const resource of [
  'foo',
  '//h/x',
  '/x',
  'rs.example',
  'https:',
  'https://',
  'http:///x',
  '1:x',
  ':x',
]) {
  test(`RI-01 ${resource} is no absolute URI`, async () => {
    assertE400(await ask({ resource }), 'invalid_target')
  })
}

for (const resource of [`${rsAudience}#x`, `${rsAudience}#`]) {
  test(`RI-02 ${resource} has a fragment`, async () => {
    assertE400(await ask({ resource }), 'invalid_target')
  })
}

test('RI-03 a query belongs to the identifier', async () => {
  equal(await audienceFor({ resource: audiences.query }), audiences.query)
  assertE400(await ask({ resource: `${rsAudience}?x=1` }), 'invalid_target')
  assertE400(await ask({ resource: 'https://query.example/' }), 'invalid_target')
})

test('RI-04 an unknown target and one of others look the same', async () => {
  const narrow = await cBasic(domain)
  await wide()
  const unknown = await askToken(domain, narrow, { resource: 'https://unknown.example/' })
  const forbidden = await askToken(domain, narrow, { resource: rs2Audience })
  assertE400(unknown, 'invalid_target')
  assertE400(forbidden, 'invalid_target')
  const text = (answer: typeof unknown) =>
    String(answer.json?.['error_description']).replace(/https:[^']+/, '')
  equal(text(forbidden), text(unknown))
})

test('RI-05 the token is for the target, with the scopes of the target', async () => {
  for (const [resource, scopes] of [
    [rsAudience, 'api:read api:write'],
    [rs2Audience, 'other:read'],
  ] as const) {
    const { claims } = decode(assertOk(await ask({ resource })))
    equal(claims['aud'], resource)
    equal(String(claims['scope']).split(' ').toSorted().join(' '), scopes)
  }
})

test('RI-06 several targets in one request are refused', async () => {
  const both = [['resource', rsAudience] as const, ['resource', rs2Audience] as const]
  assertE400(await ask([grant, ...both]), 'invalid_target')
})

test('RI-06 several names of one API are one target', async () => {
  const names = ['https://two.example/', 'https://two-also.example/']
  await domain.createApi({
    audience: names[0] as string,
    secondaryAudiences: [names[1] as string],
    scopes: ['x'],
  })
  const client = await domain.createClient({ scopes: ['https://two.example/x'] })
  const both = names.map((name) => ['resource', name] as const)
  const one = decode(assertOk(await askToken(domain, client, { resource: names[1] as string })))
  equal(one.claims['aud'], names[1])
  const two = decode(assertOk(await askToken(domain, client, [grant, ...both])))
  deepEqual(two.claims['aud'], names)
})

test('RI-07 a scope is read at the target', async () => {
  assertE400(await ask({ resource: rsAudience, scope: 'other:read' }), 'invalid_scope')
  const { claims } = decode(assertOk(await ask({ resource: rs2Audience, scope: 'other:read' })))
  equal(claims['scope'], 'other:read')
  equal(claims['aud'], rs2Audience)
})

test('RI-08 without a target the scope names it, or the only API is meant', async () => {
  equal(await audienceFor({ scope: rsScopes[0] }), rsAudience)
  const only = decode(assertOk(await askToken(domain, await cBasic(domain))))
  equal(only.claims['aud'], rsAudience)
  assertE400(await ask({}), 'invalid_target')
})

test('RI-09 targets are compared as registered, character by character', async () => {
  const { noSlash } = audiences
  equal(await audienceFor({ resource: noSlash }), noSlash)
  for (const resource of [
    `${noSlash}/`,
    rsAudience.slice(0, -1),
    rsAudience.replace('rs', 'RS'),
    rsAudience.replace('.example', '.example:443'),
    rsAudience.replace('https', 'HTTPS'),
    `${rsAudience}%2e`,
  ]) {
    const answer = await ask({ resource })
    assertE400(answer, 'invalid_target')
  }
})

test('RI-10 a URN is a target', async () => {
  equal(await audienceFor({ resource: audiences.urn }), audiences.urn)
})

test('RI-11 an audience in the scope and another in resource conflict', async () => {
  const conflict = { resource: rs2Audience, scope: rsScopes[0] }
  assertE400(await ask(conflict), 'invalid_target')
  const agree = decode(assertOk(await ask({ resource: rsAudience, scope: rsScopes[0] })))
  equal(agree.claims['aud'], rsAudience)
  ok(!String(agree.claims['scope']).includes('https:'))
})

test('RI-11 scopes of the domain and the audience of an API conflict', async () => {
  const client = await makeClient(domain)
  const filter = encodeURIComponent('displayName eq "Audit Administrator"')
  const roles = await domain.admin.call('GET', `/AppRoles?filter=${filter}`)
  const [role] = roles['Resources'] as readonly { id: string }[]
  await domain.admin.grantRole('IDCSAppId', role?.id ?? '', client)
  const multi = 'urn:opc:resource:multiresourcescope'
  for (const own of ['urn:opc:idm:__myscopes__', 'urn:opc:idm:role.Audit%20Administrator']) {
    for (const scope of [own, `${own} ${rsScopes[0]} ${multi}`]) {
      assertOkOrSeveral(await askToken(domain, client, { scope }))
      assertE400(await askToken(domain, client, { scope, resource: rsAudience }), 'invalid_target')
    }
  }
})

const assertOkOrSeveral = ({ status, text }: Answer): void => equal(status, 200, text)
