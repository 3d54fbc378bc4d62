/*
 * The page beside this file is followed word by word, over TLS, with a server that the test starts;
 * then the site is shown everything that it must refuse.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { clockAhead } from '../../conformance/kit/clock.ts'
import { basic, form, formHeaders, send } from '../../conformance/kit/http.ts'
import { startMintmark } from '../../conformance/kit/mintmark-domain.ts'
import { tokenPath } from '../../conformance/kit/test-domain.ts'
import { followGuide } from '../guide/follow-guide.ts'

const guide = await followGuide('b2c-service', 9445)
after(guide.stop)

const accounts = '/services/rest/connect/v1.4/accounts'
const audience = `${guide.apiUrl}/services/rest/`
const clientId = guide.variable('MINTMARK_CLIENT_ID')
const tokenOf = (more = '') => guide.tokenFor('MINTMARK', `${audience}all${more}`)
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

const file = (name: string) => join(guide.folder, name)
const profiles = { Integrations: { ssoLogin: true }, Agents: { ssoLogin: false } }
const staffIs = (...list: readonly object[]): void =>
  writeFileSync(file('staff.json'), JSON.stringify({ profiles, accounts: list }))
const staff = readFileSync(file('staff.json'), 'utf8')
const metadata = readFileSync(file('metadata.xml'), 'utf8')

type Refusal = readonly [status: number, reason: string, why: RegExp]

const assertRefused = async (token: string | null, [status, reason, why]: Refusal, at?: string) => {
  const answer = await guide.get(accounts, token, at)
  assert.equal(answer.status, status, answer.text)
  assert.equal(answer.json?.['reason'], reason)
  assert.match(String(answer.json?.['detail']), why)
  assert.equal(answer.json?.['ranAs'], undefined)
  return answer
}

test('the page: client id, import, account, token, REST call', () => {
  const [, , , token = '', call = ''] = guide.printed
  assert.match(token, /^HTTP\/1\.1 200 .*"token_type":"Bearer","expires_in":3600\}$/s)
  assert.match(call, new RegExp(`^HTTP/1\\.1 200 .*"ranAs":"${clientId}".*"Ada Byron"`, 's'))
  const claims = claimsOf(guide.variable('token'))
  assert.equal(claims.iss, /entityID="([^"]+)"/.exec(metadata)?.[1])
  assert.equal(claims.aud, audience)
  assert.equal(claims.scope, 'all')
})

test('the scope with a slash of its own, as another page has it', async () => {
  const token = await guide.tokenFor('MINTMARK', `${audience}/all`)
  assert.equal(claimsOf(token).scope, '/all')
  assert.equal((await guide.get(accounts, token)).status, 200)
})

test('a token for this site without the scope', async () => {
  const api = await guide.applicationId('B2C Service')
  const scopes = ['all', '/all', 'read'].map((value) => ({ value, requiresConsent: false }))
  await guide.admin.call('PATCH', `/Apps/${api}`, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path: 'scopes', value: scopes }],
  })
  const client = await guide.admin.createClient({ scopes: [`${audience}read`] })
  await guide.run(`READ_CLIENT_ID='${client.clientId}'; READ_CLIENT_SECRET='${client.secret}'`)
  const token = await guide.tokenFor('READ', `${audience}read`)
  await assertRefused(token, [403, 'SCOPE_MISSING', /none of the scopes all, \/all/])
})

test('no token', async () => {
  const answer = await assertRefused(null, [401, 'TOKEN_MISSING', /Send a token/])
  assert.match(String(answer.headers['www-authenticate']), /^Bearer realm="b2c-service"/)
})

test('a token for another API', async () => {
  const { audience: other } = await guide.admin.createApi({
    audience: 'https://else.example/services/rest/',
    scopes: ['all'],
  })
  const client = await guide.admin.createClient({ scopes: [`${other}all`] })
  await guide.run(`ELSE_CLIENT_ID='${client.clientId}'; ELSE_CLIENT_SECRET='${client.secret}'`)
  const why = new RegExp(`for audience ${other}, this API is ${audience}`)
  const token = await guide.tokenFor('ELSE', `${other}all`)
  await assertRefused(token, [401, 'AUDIENCE_MISMATCH', why])
})

test('an expired token, and one that was changed', async () => {
  const token = await tokenOf(' urn:opc:resource:expiry=1')
  await new Promise((fulfil) => setTimeout(fulfil, 2000))
  await assertRefused(token, [401, 'TOKEN_EXPIRED', /expired \d+ s ago/])
  const [header, , signature] = (await tokenOf()).split('.')
  const changed = { ...claimsOf(token), exp: 9_999_999_999 }
  const body = Buffer.from(JSON.stringify(changed)).toString('base64url')
  await assertRefused(`${header}.${body}.${signature}`, [401, 'SIGNATURE_WRONG', /does not hold/])
})

test('the staff account: unknown, disabled, locked, without SSO', async () => {
  const token = await tokenOf()
  const name = clientId
  const integrations = { profile: 'Integrations' }
  staffIs({ name: 'somebody', attributes: integrations })
  await assertRefused(token, [403, 'ACCOUNT_UNKNOWN', new RegExp(name)])
  staffIs({ name, status: 'disabled', attributes: integrations })
  await assertRefused(token, [403, 'ACCOUNT_DISABLED', /is disabled/])
  staffIs({ name, status: 'locked', attributes: integrations })
  await assertRefused(token, [403, 'ACCOUNT_LOCKED', /is locked/])
  for (const profile of ['Agents', 'Nobody knows it', 'constructor', undefined]) {
    staffIs({ name, attributes: { profile } })
    await assertRefused(token, [403, 'PROFILE_WITHOUT_SSO', /no SSO login/])
  }
  writeFileSync(file('staff.json'), staff)
  assert.equal((await guide.get(accounts, token)).status, 200)
})

test('the entity ID is held against the issuer, letter by letter', async () => {
  const token = await tokenOf()
  const { iss } = claimsOf(token)
  writeFileSync(file('metadata.xml'), metadata.replace(`entityID="${iss}"`, `entityID="${iss}/"`))
  const answer = await assertRefused(token, [
    401,
    'ISSUER_MISMATCH',
    /not from http.*\/, which this API trusts/,
  ])
  assert.match(String(answer.json?.['fix']), /import its metadata/)
  writeFileSync(file('metadata.xml'), metadata)
  assert.equal((await guide.get(accounts, token)).status, 200)
})

test('it asks nobody: deactivated or revoked, a token is good until it ends', async () => {
  const token = await tokenOf()
  const id = await guide.applicationId('b2c-nightly')
  await guide.admin.setActive(id, false)
  await assert.rejects(tokenOf(), /no token: 401 .*invalid_client/)
  assert.equal((await guide.get(accounts, token)).status, 200)
  await guide.admin.setActive(id, true)
  const other = await tokenOf()
  await guide.revoke('MINTMARK', other)
  assert.equal((await guide.get(accounts, other)).status, 200)
  staffIs({ name: clientId, status: 'locked', attributes: { profile: 'Integrations' } })
  await assertRefused(other, [403, 'ACCOUNT_LOCKED', /is locked/])
  writeFileSync(file('staff.json'), staff)
})

test('after the signing key has changed the old import refuses, and says what to do', async (t) => {
  const daysMs = 86_400_000
  const issuer = 'https://identity.acme.example/'
  const began = await startMintmark({
    environment: { MINTMARK_ISSUER: issuer, ...clockAhead(-100 * daysMs) },
  })
  let domain = began
  t.after(() => domain.stop())
  await began.createApi({ audience, scopes: ['all'] })
  const client = await began.createClient({ scopes: [`${audience}all`] })
  const imported = async (): Promise<string> =>
    (await send({ url: `${domain.url}/fed/v1/metadata`, method: 'GET' })).text
  const tokenNow = async (): Promise<string> => {
    const answer = await send({
      url: domain.url + tokenPath,
      headers: formHeaders({ authorization: basic(client.clientId, client.secret) }),
      body: form({ grant_type: 'client_credentials', scope: `${audience}all` }),
    })
    return String(answer.json?.['access_token'])
  }
  writeFileSync(file('old.xml'), await imported())
  writeFileSync(
    file('other-staff.json'),
    JSON.stringify({
      profiles,
      accounts: [{ name: client.clientId, attributes: { profile: 'Integrations' } }],
    }),
  )
  const { apiUrl } = await guide.serveAnother({
    B2C_AUDIENCE: audience,
    IDP_METADATA_FILE: 'old.xml',
    STAFF_FILE: 'other-staff.json',
  })
  for (const ahead of [-5 * daysMs, 0]) {
    domain = await domain.restart({
      environment: { MINTMARK_ISSUER: issuer, ...clockAhead(ahead) },
    })
  }
  const token = await tokenNow()
  const answer = await assertRefused(token, [401, 'KEY_UNKNOWN', /No key/], apiUrl)
  assert.match(String(answer.json?.['fix']), /metadata \(\/fed\/v1\/metadata\) again/)
  writeFileSync(file('old.xml'), await imported())
  const accepted = await guide.get(accounts, token, apiUrl)
  assert.equal(accepted.status, 200, accepted.text)
  assert.equal(accepted.json?.['ranAs'], client.clientId)
})
