/*
 * The page beside this file is followed word by word, over TLS, with a server that the test starts;
 * then Siebel is shown everything that it must refuse.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@mintmark/client'
import type { ClientEvent } from '@mintmark/client/client-event'
import { type Answer, send } from '../../conformance/kit/http.ts'
import { introspectionPath } from '../../conformance/kit/test-domain.ts'
import { followGuide } from '../guide/follow-guide.ts'
import { callFrom, readCollection } from './postman-request.ts'

const guide = await followGuide('siebel', 9443)
after(guide.stop)

const data = '/siebel/v1.0/data/Account/Account'
const audience = `${guide.apiUrl}/siebel/v1.0/`
const dataScope = `${audience}data`
const clientId = guide.variable('SIEBEL_BATCH_CLIENT_ID')
const asked = (): number => guide.server.output().match(/asked \S+: 200/g)?.length ?? 0
/**
 * When there are so many lines, and no more come: the log arrives by another pipe than the answers.
 * @param least that must come
 */
const askedSoFar = async (least = 0): Promise<number> => {
  for (let tries = 0; tries < 500 && asked() < least; tries += 1) await sleep(20)
  for (let seen = asked(); ; seen = asked()) {
    await sleep(200)
    if (asked() === seen) return seen
  }
}
const tokenOf = () => guide.tokenFor('SIEBEL_BATCH', dataScope)

const assertRefused = async (
  token: string | null,
  [status, reason, why]: readonly [number, string, RegExp],
  at = guide.apiUrl,
) => {
  const answer = await guide.get(data, token, at)
  assert.equal(answer.status, status, answer.text)
  assert.equal(answer.json?.['reason'], reason)
  assert.match(String(answer.json?.['detail']), why)
  assert.equal(answer.json?.['ranAs'], undefined)
  return answer
}

test('the page: token, introspection, REST call', () => {
  const [, , token = '', introspection = '', call = '', found = ''] = guide.printed
  assert.match(token, /^HTTP\/1\.1 200 .*"token_type":"Bearer","expires_in":3600\}$/s)
  const answer = JSON.parse(introspection)
  assert.equal(answer.active, true)
  assert.equal(answer.scope, 'data')
  assert.equal(answer.token_type, 'JWT')
  assert.equal(answer.sub, clientId)
  assert.match(call, /^HTTP\/1\.1 200 .*"ranAs":"BATCH".*"Acme Shipping"/s)
  assert.match(found, /^request_repeated\ntoken_received\n200 \{"ranAs":"BATCH"/)
})

test('the seven steps of the flow', async () => {
  const events: ClientEvent[] = []
  const before = await askedSoFar()
  const client = createClient({
    trustedIssuers: [guide.url],
    allowedOrigins: [guide.apiUrl],
    authority: guide.authority,
    clientId,
    clientSecret: guide.variable('SIEBEL_BATCH_CLIENT_SECRET'),
    onEvent: (event) => events.push(event),
  })
  // 1 and 2: a call without a token leads to the OAuth server.
  const refused = await guide.get(data, null)
  assert.equal(refused.status, 401)
  const metadataUrl = /resource_metadata="([^"]+)"/.exec(
    String(refused.headers['www-authenticate']),
  )?.[1]
  const metadata = await guide.get(new URL(metadataUrl ?? '').pathname, null)
  assert.deepEqual(metadata.json?.['authorization_servers'], [guide.url])
  assert.equal(metadata.json?.['resource'], audience)
  // 3 and 4: it gives a token, and the request goes out again with it.
  const response = await client.fetch(guide.apiUrl + data)
  const steps = events.map(({ type }) => type)
  assert.deepEqual(steps, ['request_repeated', 'token_received'])
  // 5: Siebel has asked the OAuth server about it, once.
  assert.equal(await askedSoFar(before + 1), before + 1)
  // 6 and 7: access is granted, and the resource returned, for the USERID of the token.
  assert.equal(response.status, 200)
  const answer = (await response.json()) as { ranAs: string; items: readonly object[] }
  assert.equal(answer.ranAs, 'BATCH')
  assert.equal(answer.items.length, 2)
  client.close()
})

test('an issuer that is not trusted gets no credentials', async () => {
  const client = createClient({
    trustedIssuers: ['https://another.example'],
    allowedOrigins: [guide.apiUrl],
    authority: guide.authority,
    clientId,
    clientSecret: 'never sent',
  })
  assert.equal((await client.fetch(guide.apiUrl + data)).status, 401)
  client.close()
})

test('a session belongs to a token, and ends with it or after the timeout', async () => {
  const sessionOf = async (token: string, at = guide.apiUrl) => {
    const { json, status, text } = await guide.get(data, token, at)
    assert.equal(status, 200, text)
    return { id: json?.['session'], endsAtMs: Date.parse(String(json?.['sessionEnds'])) }
  }
  const [one, other] = [await tokenOf(), await tokenOf()]
  const fromMs = Date.now()
  const first = await sessionOf(one)
  const toMs = Date.now()
  assert.deepEqual(await sessionOf(one), first)
  assert.notEqual((await sessionOf(other)).id, first.id)
  const quarterMs = 15 * 60_000
  const beganMs = first.endsAtMs - quarterMs
  assert.ok(beganMs >= fromMs - 1 && beganMs <= toMs + 1, `${beganMs - fromMs} ms`)
  const short = await guide.tokenFor('SIEBEL_BATCH', `${dataScope} urn:opc:resource:expiry=90`)
  const { exp } = JSON.parse(Buffer.from(short.split('.')[1] ?? '', 'base64url').toString())
  assert.equal((await sessionOf(short)).endsAtMs, exp * 1000)
  const brief = await guide.serveAnother({
    SIEBEL_AUDIENCE: audience,
    SESSION_TIMEOUT_MINUTES: '0.01',
  })
  const early = await sessionOf(one, brief.apiUrl)
  await new Promise((fulfil) => setTimeout(fulfil, 700))
  assert.notEqual((await sessionOf(one, brief.apiUrl)).id, early.id)
})

test('nothing found is 204, as Siebel says it', async () => {
  const answer = await guide.get('/siebel/v1.0/data/Contact/Contact', await tokenOf())
  assert.deepEqual([answer.status, answer.text], [204, ''])
})

test('no token: nobody is asked', async () => {
  const before = await askedSoFar()
  const answer = await assertRefused(null, [401, 'TOKEN_MISSING', /Send a token/])
  const challenge = String(answer.headers['www-authenticate'])
  assert.match(challenge, /^Bearer realm="siebel", resource_metadata="https:/)
  assert.equal(await askedSoFar(), before)
})

test('tokens that are no good', async () => {
  const inactive = [401, 'TOKEN_INACTIVE', /says that this token is not active/] as const
  await assertRefused('no.token.atall', inactive)
  const elsewhere = await guide.admin.createApi({
    audience: 'https://else.example/',
    scopes: ['data'],
  })
  const created = await guide.admin.createClient({ scopes: [`${elsewhere.audience}data`] })
  await guide.run(`ELSE_CLIENT_ID='${created.clientId}'; ELSE_CLIENT_SECRET='${created.secret}'`)
  await assertRefused(await guide.tokenFor('ELSE', `${elsewhere.audience}data`), inactive)
  const ended = await guide.tokenFor('SIEBEL_BATCH', `${dataScope} urn:opc:resource:expiry=1`)
  await new Promise((fulfil) => setTimeout(fulfil, 2000))
  await assertRefused(ended, inactive)
  const token = await tokenOf()
  assert.equal((await guide.get(data, token)).status, 200)
  await guide.revoke('SIEBEL_BATCH', token)
  const answer = await assertRefused(token, inactive)
  assert.match(String(answer.headers['www-authenticate']), /error="invalid_token"/)
})

test('a deactivated application: no token, and an existing one is refused', async () => {
  const token = await tokenOf()
  const id = await guide.applicationId('siebel-batch')
  await guide.admin.setActive(id, false)
  await assertRefused(token, [401, 'TOKEN_INACTIVE', /not active/])
  await assert.rejects(tokenOf(), /no token: 401 .*invalid_client/)
  await guide.admin.setActive(id, true)
  assert.equal((await guide.get(data, await tokenOf())).status, 200)
})

test('the scope must match the operation', async () => {
  const token = await tokenOf()
  const script = `curl -s -w '\\n%{http_code}' --cacert .mintmark/ca.crt -X POST \\
    -H 'Authorization: Bearer ${token}' ${guide.apiUrl}/siebel/v1.0/service/Workflow`
  const [body = '', status] = (await guide.run(script)).split('\n')
  assert.equal(status, '403')
  const problem = JSON.parse(body)
  assert.equal(problem.reason, 'SCOPE_MISSING')
  assert.equal(problem.scope, 'service')
})

test('the USERID must be in the directory, and not be locked there', async () => {
  const directory = join(guide.folder, 'directory.json')
  const before = readFileSync(directory, 'utf8')
  const token = await tokenOf()
  const put = (accounts: readonly object[]) =>
    writeFileSync(directory, JSON.stringify({ accounts }))
  put([{ name: 'SOMEONE', subject: 'someone' }])
  await assertRefused(token, [403, 'ACCOUNT_UNKNOWN', new RegExp(clientId)])
  put([{ name: 'BATCH', subject: clientId, status: 'locked' }])
  await assertRefused(token, [403, 'ACCOUNT_LOCKED', /BATCH is locked/])
  writeFileSync(directory, before)
  assert.equal((await guide.get(data, token)).status, 200)
})

test('a custom subject field', async () => {
  const byName = join(guide.folder, 'by-name.json')
  writeFileSync(byName, JSON.stringify({ accounts: [{ name: 'BATCH2', subject: 'siebel-batch' }] }))
  const settings = { CUSTOM_SUBJECT_FIELD: 'client_name', DIRECTORY_FILE: byName }
  const named = await guide.serveAnother({ ...settings, SIEBEL_AUDIENCE: audience })
  const answer = await guide.get(data, await tokenOf(), named.apiUrl)
  assert.equal(answer.json?.['ranAs'], 'BATCH2')
})

test('a token for another Siebel', async () => {
  const { apiUrl } = await guide.serveAnother({})
  const why = new RegExp(`Token is for audience ${audience}, this API is ${apiUrl}`)
  await assertRefused(await tokenOf(), [401, 'AUDIENCE_MISMATCH', why], apiUrl)
})

test('introspection that fails, or cannot be reached, is 401', async () => {
  const gone = { INTROSPECTION_URL: `https://localhost:1${introspectionPath}` }
  const refusing = { INTROSPECTION_URL: `${guide.secureUrl}/oauth2/v1/none` }
  const token = await tokenOf()
  for (const settings of [gone, refusing]) {
    const { apiUrl, output } = await guide.serveAnother({ SIEBEL_AUDIENCE: audience, ...settings })
    await assertRefused(token, [401, 'TOKEN_INACTIVE', /cannot be asked/], apiUrl)
    // its log comes by another pipe than its answer
    for (let tries = 0; tries < 500 && !/Introspection failed/.test(output()); tries += 1) {
      await sleep(20)
    }
    assert.match(output(), /Introspection failed/)
  }
})

test('the Postman collection, request by request', async () => {
  const variables = new Map([
    ['domainUrl', guide.secureUrl],
    ['siebelUrl', guide.apiUrl],
    ...['SIEBEL_BATCH', 'SIEBEL_AI']
      .flatMap((each) => [`${each}_CLIENT_ID`, `${each}_CLIENT_SECRET`])
      .map((name) => [name, guide.variable(name)] as const),
  ])
  const answers: Answer[] = []
  for (const request of readCollection()) {
    const answer = await send({ ...callFrom(request, variables), authority: guide.authority })
    assert.equal(answer.status, 200, answer.text)
    variables.set('token', variables.get('token') ?? String(answer.json?.['access_token']))
    answers.push(answer)
  }
  const [, introspection, call] = answers
  assert.equal(introspection?.json?.['scope'], 'data')
  assert.equal(call?.json?.['ranAs'], 'BATCH')
})

const newman = spawnSync('newman', ['--version']).status === 0
const skip = !newman && 'newman is not installed'

test('the Postman collection, by newman', { skip }, async () => {
  const names = ['SIEBEL_BATCH', 'SIEBEL_AI'].flatMap((each) => [
    `${each}_CLIENT_ID`,
    `${each}_CLIENT_SECRET`,
  ])
  const words = [
    'newman run examples/siebel/postman-collection.json --ssl-extra-ca-certs .mintmark/ca.crt',
    `--env-var domainUrl=${guide.secureUrl} --env-var siebelUrl=${guide.apiUrl}`,
    ...names.map((name) => `--env-var "${name}=$${name}"`),
  ]
  assert.match(await guide.run(words.join(' ')), /assertions/)
})
