import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { appSchema } from './kit/administration.ts'
import { beforeItEnds } from './kit/clock.ts'
import { type Answer, basic, form, formHeaders, send } from './kit/http.ts'
import { useMintmark } from './kit/start-domain.ts'
import { tokenPath } from './kit/test-domain.ts'

type Json = Readonly<Record<string, unknown>>
const domain = await useMintmark()
const { token: bearer } = domain.admin
const core = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const own = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:'
const api = 'urn:ietf:params:scim:api:messages:2.0:'

const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  send({
    url: `${domain.url}/admin/v1${path}`,
    method,
    headers: {
      authorization: `Bearer ${bearer}`,
      'content-type': 'application/scim+json',
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

const bodyOf = (answer: Answer): ReturnType<typeof JSON.parse> => answer.json
const reasonOf = (answer: Answer): unknown =>
  bodyOf(answer)[`urn:ietf:params:scim:api:oracle:idcs:extension:messages:Error`]?.additionalData
    .reason

const resource = (displayName: string, audience: string) => ({
  schemas: [appSchema],
  displayName,
  active: true,
  isOAuthResource: true,
  audience,
  scopes: [{ value: 'read' }, { value: 'write' }],
  basedOnTemplate: { value: 'CustomWebAppTemplateId' },
})

const client = (displayName: string, more: Json = {}) => ({
  schemas: [appSchema],
  displayName,
  active: true,
  isOAuthClient: true,
  clientType: 'confidential',
  allowedGrants: ['client_credentials'],
  basedOnTemplate: { value: 'CustomWebAppTemplateId' },
  ...more,
})

const patch = (...Operations: readonly Json[]) => ({ schemas: [`${api}PatchOp`], Operations })

const tokenOf = (clientId: string, secret: string, scope: string): Promise<Answer> =>
  send({
    url: domain.url + tokenPath,
    headers: formHeaders({ authorization: basic(clientId, secret) }),
    body: form({ grant_type: 'client_credentials', scope }),
  })

test('the rules of an application, over HTTP', async () => {
  const server = await ask('POST', '/Apps', resource('Round API', 'https://round.example/'))
  equal(server.status, 201, server.text)
  match(String(server.headers['location']), /\/admin\/v1\/Apps\/[0-9a-f]{32}$/)
  match(String(server.headers['etag']), /^"[0-9a-f]{32}"$/)
  match(String(server.headers['content-type']), /^application\/(?:scim\+)?json/)
  ok(server.headers['opc-request-id'])
  const serverId = String(bodyOf(server).id)
  const scope = 'https://round.example/read'
  const made = await ask('POST', '/Apps', client('Round', { allowedScopes: [{ fqs: scope }] }))
  equal(made.status, 201, made.text)
  const { id, name, clientSecret } = bodyOf(made)
  equal((await tokenOf(name, clientSecret, scope)).status, 200)

  const rows: readonly [string, string, unknown, number, string][] = [
    ['POST', '/Apps', client('ROUND'), 409, 'VALUE_TAKEN'],
    [
      'POST',
      '/Apps',
      client('Dangling', { allowedScopes: [{ fqs: 'https://round.example/nothing' }] }),
      400,
      'REFERENCE_UNKNOWN',
    ],
    ['POST', '/Apps', client('Public', { clientType: 'public' }), 400, 'CLIENT_TYPE_REFUSED'],
    ['DELETE', `/Apps/${id}`, undefined, 400, 'APPLICATION_ACTIVE'],
    ['PUT', `/Apps/${id}`, client('Round', { name: 'another' }), 400, 'ATTRIBUTE_IMMUTABLE'],
    [
      'PATCH',
      `/Apps/${id}`,
      patch({ op: 'replace', path: 'name', value: 'another' }),
      400,
      'ATTRIBUTE_IMMUTABLE',
    ],
    [
      'PATCH',
      `/Apps/${serverId}`,
      patch({ op: 'remove', path: 'scopes[value eq "read"]' }),
      400,
      'SCOPE_IN_USE',
    ],
    [
      'PATCH',
      `/Apps/${id}`,
      patch({ op: 'add', path: '__proto__', value: {} }),
      400,
      'ATTRIBUTE_UNKNOWN',
    ],
    ['GET', `/Apps/${'0'.repeat(32)}`, undefined, 404, 'RESOURCE_NOT_FOUND'],
    ['GET', '/Apps?filter=dispalyName%20eq%20%22x%22', undefined, 400, 'FILTER_MALFORMED'],
    ['GET', `/Apps?filter=${'('.repeat(10_000)}`, undefined, 400, 'FILTER_MALFORMED'],
  ]
  for (const [method, path, body, status, reason] of rows) {
    const answer = await ask(method, path, body)
    deepEqual(
      [answer.status, reasonOf(answer)],
      [status, reason],
      `${method} ${path} ${answer.text}`,
    )
    equal(bodyOf(answer).status, String(status))
  }
  const stale = await ask('PATCH', `/Apps/${id}`, patch({ op: 'remove', path: 'description' }), {
    'if-match': '"0"',
  })
  equal(stale.status, 412)
  equal((await tokenOf(name, clientSecret, scope)).status, 200, 'nothing was half done')
})

test('a secret is shown once', async () => {
  const made = await ask('POST', '/Apps', client('Rotating'))
  const { id, clientSecret } = bodyOf(made)
  const shown = [
    await ask('GET', `/Apps/${id}?attributeSets=all`),
    await ask('GET', `/Apps?filter=id%20eq%20%22${id}%22&attributes=clientSecret,${own}App`),
    await ask('PATCH', `/Apps/${id}`, patch({ op: 'replace', path: 'description', value: 'x' })),
  ]
  for (const answer of shown) {
    equal(answer.status, 200, answer.text)
    ok(!answer.text.includes(clientSecret))
    doesNotMatch(answer.text, /"clientSecret"|"digest"|"hashedClientSecret"/)
  }
  const [before] = bodyOf(shown[0] as Answer)[`${own}App`].secrets
  for (const member of ['id', 'label', 'origin', 'ending', 'created']) ok(member in before, member)
})

test('rotation keeps the old secret as long as it says', async () => {
  const schema = `${own}AppClientSecretRegenerator`
  const renewal = (appId: string, overlapSeconds: number) => ({
    schemas: [`${core}AppClientSecretRegenerator`, schema],
    appId,
    [schema]: { overlapSeconds, label: 'second', expires: '2099-01-01T00:00:00Z' },
  })
  const scope = 'urn:opc:idm:__myscopes__'
  const rotated = await beforeItEnds(async (overlapSeconds) => {
    const made = await ask('POST', '/Apps', client(`Overlapping ${overlapSeconds}`))
    const { id, name, clientSecret: old } = bodyOf(made)
    const works = async (secret: string) => (await tokenOf(name, secret, scope)).status !== 401
    const renewed = await ask('POST', '/AppClientSecretRegenerator', renewal(id, overlapSeconds))
    equal(renewed.status, 201, renewed.text)
    const fresh = bodyOf(renewed).clientSecret
    const isFirstGood = await works(old)
    equal(await works(fresh), true)
    const listed = bodyOf(await ask('GET', `/Apps/${id}`))[`${own}App`].secrets
    const endsMs = Date.parse(listed[1].ends)
    ok(Math.abs(endsMs - Date.parse(listed[0].created) - overlapSeconds * 1000) <= 1000)
    return { old, fresh, works, isFirstGood, listed, endsMs }
  })
  const { old, fresh, works, isFirstGood, listed, endsMs } = rotated
  equal(isFirstGood, true, 'within the overlap')
  ok(Math.abs(Date.now() - Date.parse(listed[1].lastUsed)) < 60_000, 'the first was used')
  ok(listed[0].lastUsed, 'so was the second')
  deepEqual(
    listed.map((each: Json) => [each['label'], each['expires'], each['ends'] !== undefined]),
    [
      ['second', '2099-01-01T00:00:00.000Z', false],
      ['', undefined, true],
    ],
  )
  await sleep(endsMs + 100 - Date.now())
  equal(await works(old), false, 'it has ended by itself')
  equal(await works(fresh), true)
})

test('HEAD answers as GET without a body, .search as GET', async () => {
  const head = await ask('HEAD', '/Apps/IDCSAppId')
  deepEqual([head.status, head.text], [200, ''])
  ok(head.headers['etag'])
  const built = bodyOf(await ask('GET', '/Apps/IDCSAppId'))
  deepEqual([built.id, built.name, built.active], ['IDCSAppId', 'IDCSApp', true])
  const found = await ask('POST', '/Apps/.search', {
    schemas: [`${api}SearchRequest`],
    filter: 'id eq "IDCSAppId"',
    attributes: ['name'],
  })
  equal(bodyOf(found).Resources[0].name, 'IDCSApp', found.text)
  const pages = await ask('GET', '/AppRoles?limit=2&sortBy=displayName&sortOrder=DESCENDING')
  ok(pages.headers['opc-next-page'])
  const some = await ask('GET', '/AppRoles?attributes=displayName&attributes=adminRole&count=1')
  ok('adminRole' in bodyOf(some).Resources[0], 'a parameter may come twice')
})

test('what the API says of itself needs a bearer', async () => {
  for (const path of ['/Schemas', '/ResourceTypes', '/ServiceProviderConfig']) {
    equal((await ask('GET', path)).status, 200, path)
    equal((await ask('HEAD', path)).status, 200, path)
    const stranger = await send({ url: `${domain.url}/admin/v1${path}`, method: 'GET' })
    equal(stranger.status, 401, path)
  }
  equal((await ask('GET', `/Schemas/${core}App`)).status, 200)
})

test('a repeated POST is answered as the first time', async () => {
  const token = { 'opc-retry-token': 'round-1' }
  const first = await ask('POST', '/Apps', client('Repeated'), token)
  const again = await ask('POST', '/Apps', client('Repeated'), token)
  equal(first.status, 201)
  equal(again.status, 201, again.text)
  equal(again.text, first.text)
  equal(again.headers['location'], first.headers['location'])
  const other = await ask('POST', '/Apps', client('Other'), token)
  deepEqual([other.status, reasonOf(other)], [409, 'RETRY_TOKEN_REUSED'])
})

test('an oversize Bulk changes nothing', async () => {
  const operation = { method: 'POST', path: '/Apps', bulkId: '0', data: client('Never') }
  const many = Array.from({ length: 1001 }, (_, at) => ({ ...operation, bulkId: String(at) }))
  const tooMany = await ask('POST', '/Bulk', { schemas: [`${api}BulkRequest`], Operations: many })
  equal(tooMany.status, 413, tooMany.text.slice(0, 300))
  const long = client('Never', { description: 'x'.repeat(1_100_000) })
  const tooLong = await ask('POST', '/Bulk', {
    schemas: [`${api}BulkRequest`],
    Operations: [{ ...operation, data: long }],
  })
  equal(tooLong.status, 413, tooLong.text.slice(0, 300))
  const found = await ask('GET', '/Apps?filter=displayName%20eq%20%22Never%22')
  equal(bodyOf(found).totalResults, 0)
})

test('who may not read is refused and put on record', async () => {
  const made = bodyOf(await ask('POST', '/Apps', client('Curious')))
  const filter = 'app.value eq "IDCSAppId" and displayName eq "Me"'
  const roles = await ask('GET', `/AppRoles?filter=${encodeURIComponent(filter)}`)
  const granted = await ask('POST', '/Grants', {
    schemas: [`${core}Grant`],
    app: { value: 'IDCSAppId' },
    entitlement: { attributeName: 'appRoles', attributeValue: bodyOf(roles).Resources[0].id },
    grantMechanism: 'ADMINISTRATOR_TO_APP',
    grantee: { value: made.id, type: 'App' },
  })
  equal(granted.status, 201, granted.text)
  const token = await tokenOf(made.name, made.clientSecret, 'urn:opc:idm:__myscopes__')
  const authorization = `Bearer ${String(bodyOf(token).access_token)}`
  equal((await ask('GET', '/Schemas', undefined, { authorization })).status, 200)
  const refused = await ask('GET', '/Apps', undefined, { authorization })
  deepEqual([refused.status, reasonOf(refused)], [401, 'ACCESS_DENIED'], refused.text)
  const events = await send({
    url: `${domain.url}/api/v1/audit?action=administration.denied`,
    method: 'GET',
    headers: { authorization: `Bearer ${bearer}` },
  })
  ok(events.text.includes(String(refused.headers['opc-request-id'])), events.text)
})
