/*
 * The page beside this file is followed word by word, over TLS, with a server that the test starts;
 * then the guide once more by SCIM, step by step, and everything that the instance must refuse.
 */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Answer } from '../../conformance/kit/test-domain.ts'
import { followGuide } from '../guide/follow-guide.ts'
import { rolesFromDomain } from './app-roles.ts'

const guide = await followGuide('integration', 9444)
after(guide.stop)

const { admin } = guide
const flow = '/ic/api/integration/v1/flows/rest/ECHO/1.0/'
const integrations = '/ic/api/integration/v1/integrations'
const audience = 'https://3f9c.integration.example:443'
const consumer = `${audience}urn:opc:resource:consumer::all`
const developer = `${audience}/ic/api/`
const tokenOf = (scope = consumer) => guide.tokenFor('MINTMARK', scope)
/** Believes no role for longer than one request. */
const forgetful = await guide.serveAnother({ ROLE_SECONDS: '0' })

type Refusal = readonly [status: number, reason: string, why: RegExp]

const assertRefusal = (answer: Answer, [status, reason, why]: Refusal): void => {
  assert.equal(answer.status, status, answer.text)
  assert.equal(answer.json?.['reason'], reason)
  assert.match(String(answer.json?.['detail']), why)
  assert.equal(answer.json?.['ranAs'], undefined)
  if (status === 401) {
    assert.match(String(answer.headers['www-authenticate']), /^Bearer realm="integration"/)
  }
}

const assertRefused = async (token: string | null, refusal: Refusal): Promise<void> =>
  assertRefusal(await guide.get(flow, token), refusal)

/** A client beside the one of the page, known to the terminal as OTHER. */
const useOther = async (scopes: readonly string[]) => {
  const client = await admin.createClient({ scopes })
  await guide.run(`OTHER_CLIENT_ID='${client.clientId}'; OTHER_CLIENT_SECRET='${client.secret}'`)
  return client
}

const integrationId = await guide.applicationId('Integration')
const roleId = async (name: string): Promise<string> => {
  const filter = encodeURIComponent(`app.value eq "${integrationId}" and displayName eq "${name}"`)
  const found = await admin.call('GET', `/AppRoles?filter=${filter}`)
  const [role] = found['Resources'] as readonly { readonly id: string }[]
  return role?.id ?? assert.fail(`no role ${name}`)
}

test('the page: client application, token, REST call', () => {
  const [, , token = '', call = ''] = guide.printed
  assert.match(token, /^HTTP\/1\.1 200 /)
  const answer = JSON.parse(token.slice(token.indexOf('{')))
  assert.deepEqual(Object.keys(answer), ['access_token', 'token_type', 'expires_in'])
  assert.match(answer.access_token, /^eyJ4NXQj/)
  assert.match(call, /^HTTP\/1\.1 200 .*\{"ranAs":"nightly-orders","echo":"hello"\}$/s)
})

test('the guide by SCIM: created inactive, two scopes, a role, activated, called', async () => {
  const schema = (name: string) => [`urn:ietf:params:scim:schemas:oracle:idcs:${name}`]
  const app = await admin.call('POST', '/Apps', {
    schemas: schema('App'),
    displayName: 'Third-party',
    basedOnTemplate: { value: 'CustomWebAppTemplateId' },
    isOAuthClient: true,
    clientType: 'confidential',
    allowedGrants: ['client_credentials'],
    trustScope: 'Explicit',
    allowedScopes: [{ fqs: consumer }, { fqs: developer }],
  })
  const id = String(app['id'])
  await admin.call('POST', '/Grants', {
    schemas: schema('Grant'),
    app: { value: integrationId },
    entitlement: { attributeName: 'appRoles', attributeValue: await roleId('ServiceInvoker') },
    grantMechanism: 'ADMINISTRATOR_TO_APP',
    grantee: { value: id, type: 'App' },
  })
  await guide.run(`THIRD_CLIENT_ID='${app['name']}'; THIRD_CLIENT_SECRET='${app['clientSecret']}'`)
  assert.equal(app['active'], false)
  await assert.rejects(guide.tokenFor('THIRD', consumer), /no token: 401 .*invalid_client/)
  const changer = { schemas: schema('AppStatusChanger'), active: true }
  await admin.call('PUT', `/AppStatusChanger/${id}`, changer)
  const asked = await guide.run(`
basic=$(printf %s "$THIRD_CLIENT_ID:$THIRD_CLIENT_SECRET" | openssl base64 -A)
curl -i --cacert .mintmark/ca.crt -H "Authorization: Basic $basic" \\
  -H 'Content-Type: application/x-www-form-urlencoded;charset=UTF-8' \\
  --request POST ${guide.secureUrl}/oauth2/v1/token \\
  -d 'grant_type=client_credentials&scope=${consumer} ${developer}'`)
  const { access_token: token, ...rest } = JSON.parse(asked.slice(asked.indexOf('{')))
  assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 3600 })
  const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
  assert.equal(claims.scope, 'urn:opc:resource:consumer::all /ic/api/')
  assert.equal(claims.aud, audience)
  const answer = await guide.get(flow, token)
  assert.equal(answer.status, 200, answer.text)
  assert.equal(answer.json?.['ranAs'], 'Third-party')
})

test('no token, one for another audience, one that has expired or was changed', async () => {
  await assertRefused(null, [401, 'TOKEN_MISSING', /Send a token/])
  const vanity = await admin.createApi({
    audience: `${guide.apiUrl}/`,
    scopes: ['urn:opc:resource:consumer::all'],
  })
  const scope = `${vanity.audience}urn:opc:resource:consumer::all`
  await useOther([scope])
  const why = new RegExp(`for audience ${vanity.audience}, this API is ${audience}`)
  await assertRefused(await guide.tokenFor('OTHER', scope), [401, 'AUDIENCE_MISMATCH', why])
  const ended = await tokenOf(`${consumer} urn:opc:resource:expiry=1`)
  await new Promise((fulfil) => setTimeout(fulfil, 2000))
  await assertRefused(ended, [401, 'TOKEN_EXPIRED', /expired \d+ s ago/])
  const [header, , signature] = ended.split('.')
  const [, claims] = (await tokenOf()).split('.')
  const forged = `${header}.${claims}.${signature}`
  await assertRefused(forged, [401, 'SIGNATURE_WRONG', /does not hold/])
})

test('each route has its scope, in both spellings, and its roles', async () => {
  const [one, other] = [await tokenOf(consumer), await tokenOf(developer)]
  await assertRefused(other, [403, 'SCOPE_MISSING', /no scope urn:opc:resource:consumer::all/])
  const refused = await guide.get(integrations, one)
  assertRefusal(refused, [403, 'SCOPE_MISSING', /none of the scopes \/ic\/api\/, ic\/api\//])
  const withoutRole = [401, 'ROLE_MISSING', /no app role ServiceUser or ServiceDev/] as const
  assertRefusal(await guide.get(integrations, other), withoutRole)
  const client = await useOther([`${audience}ic/api/`])
  await admin.grantRole(integrationId, await roleId('ServiceUser'), client)
  const answer = await guide.get(integrations, await guide.tokenFor('OTHER', `${audience}ic/api/`))
  assert.equal(answer.status, 200, answer.text)
})

test('without ServiceInvoker nobody runs a flow; a role is believed for a while', async () => {
  const client = await useOther([consumer])
  const token = await guide.tokenFor('OTHER', consumer)
  const missing = [401, 'ROLE_MISSING', /has no app role ServiceInvoker/] as const
  const ask = () => guide.get(flow, token, forgetful.apiUrl)
  await assertRefused(token, missing)
  // A role of this name that another application has means nothing here.
  const another = await admin.createApi({ audience: 'https://another.example/', scopes: ['all'] })
  await admin.grantRole(another.id, await admin.createRole(another, 'ServiceInvoker', []), client)
  assertRefusal(await ask(), missing)
  await admin.grantRole(integrationId, await roleId('ServiceInvoker'), client)
  assert.equal((await ask()).status, 200)
  await assertRefused(token, missing)
  const filter = encodeURIComponent(`grantee.value eq "${client.id}"`)
  const grants = await admin.call('GET', `/Grants?filter=${filter}`)
  for (const { id } of grants['Resources'] as readonly { readonly id: string }[]) {
    await admin.call('DELETE', `/Grants/${id}`)
  }
  const later = await guide.tokenFor('OTHER', consumer)
  assertRefusal(await guide.get(flow, later, forgetful.apiUrl), missing)
  // what was believed of the role is still believed until the revocation is heard
  const { answer } = await untilOther(token, 'ROLE_MISSING')
  assertRefusal(answer, [401, 'TOKEN_REVOKED', /revoked/])
})

/**
 * Asks until it is answered otherwise.
 * @param before the reason of the answers so far; undefined: it was let in
 * @returns the other answer, and how long after the start it was last asked in vain, milliseconds
 */
const untilOther = async (token: string, before?: string) => {
  const startedMs = performance.now()
  for (let afterMs = 0; ; ) {
    const askedMs = performance.now() - startedMs
    const answer = await guide.get(flow, token)
    if (answer.json?.['reason'] !== before || askedMs > 5000) return { answer, afterMs }
    afterMs = askedMs
  }
}

test('a revoked token is refused within a second, the next one is not', async () => {
  const [token, next] = [await tokenOf(), await tokenOf()]
  assert.equal((await guide.get(flow, token)).status, 200)
  await guide.revoke('MINTMARK', token)
  const { answer, afterMs } = await untilOther(token)
  assertRefusal(answer, [401, 'TOKEN_REVOKED', /revoked/])
  assert.ok(afterMs < 1000, `${afterMs} ms`)
  assert.equal((await guide.get(flow, next)).status, 200)
})

test('a deactivated application gets no token, and the one it has is refused', async () => {
  const token = await tokenOf()
  assert.equal((await guide.get(flow, token)).status, 200)
  const id = await guide.applicationId('nightly-orders')
  await admin.setActive(id, false)
  const { answer, afterMs } = await untilOther(token)
  assertRefusal(answer, [401, 'TOKEN_REVOKED', /^The token was revoked\.$/])
  assert.ok(afterMs < 1000, `${afterMs} ms`)
  await assert.rejects(tokenOf(), /no token: 401 .*invalid_client/)
  await admin.setActive(id, true)
})

test('a client that the domain does not assert has no account', async () => {
  const find = rolesFromDomain({
    domainUrl: guide.url,
    appName: 'Integration',
    seconds: 0,
    token: async () => admin.token,
  })
  const client = await useOther([consumer])
  const token = undefined as never
  assert.deepEqual((await find(client.clientId, token))?.attributes, { roles: [] })
  await admin.setActive(client.id, false)
  assert.equal(await find(client.clientId, token), null)
  assert.equal(await find('nobody', token), null)
})

test('an instance without its domain does not start', async () => {
  const gone = guide.serveAnother({ DOMAIN_URL: 'https://localhost:1' })
  await assert.rejects(gone, /ended:\n.*localhost:1/s)
})

test('when the domain refuses to be asked for roles nobody is let in', async () => {
  const token = await tokenOf()
  const ask = () => guide.get(flow, token, forgetful.apiUrl)
  assert.equal((await ask()).status, 200)
  await admin.setActive(await guide.applicationId('integration-instance'), false)
  assertRefusal(await ask(), [503, 'ACCOUNTS_UNREACHABLE', /cannot be looked up/])
})
