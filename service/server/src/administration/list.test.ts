import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  apiBody,
  appExtension,
  appUrn,
  clientBody,
  type ExampleServer,
  openExampleServer,
} from './example-server.ts'

type Query = Record<string, string>
const searchRequest = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'

const fill = async (server: ExampleServer): Promise<void> => {
  const bodies = [
    { ...apiBody('Orders', 'https://orders.example/', ['read', 'write']), description: 'Ours' },
    apiBody('Invoices', 'https://invoices.example/', ['read']),
    clientBody('alpha', { active: true, allowedScopes: [{ fqs: 'https://orders.example/read' }] }),
    clientBody('Beta', { [appExtension]: { rawBasicAccepted: true } }),
    clientBody('Gamma', { clientType: 'trusted', tags: [{ key: 'team', value: 'Red' }] }),
  ]
  for (const body of bodies) {
    server.nowMs += 1000
    const made = await server.call('POST', '/Apps', body)
    assert.equal(made.status, 201, made.body.detail)
  }
}

const namesOf = async (server: ExampleServer, query: Query): Promise<readonly string[]> => {
  const { status, body } = await server.call('GET', '/Apps', null, { query })
  assert.equal(status, 200, body.detail)
  return body.Resources.map((each: { displayName: string }) => each.displayName)
}

const rows: readonly [string, readonly string[]][] = [
  ['displayName eq "ALPHA"', ['alpha']],
  ['displayName co "a" and isOAuthClient eq true', ['alpha', 'Beta', 'Gamma']],
  ['displayName sw "or" or displayName ew "ES"', ['Invoices', 'Orders']],
  ['not (isOAuthClient eq true) and id ne "IDCSAppId"', ['Invoices', 'Orders']],
  ['allowedScopes.fqs eq "https://orders.example/read"', ['alpha']],
  ['allowedScopes.fqs eq "https://ORDERS.example/read"', []],
  ['scopes[value eq "write"]', ['Orders']],
  ['scopes[fqs eq "https://orders.example/read"] or scopes[fqs eq "x"]', ['Orders']],
  ['tags[key eq "TEAM" and value eq "red"]', ['Gamma']],
  ['tags[key eq "team" and value eq "blue"]', []],
  [`${appExtension}:rawBasicAccepted eq true`, ['Beta']],
  [`${appUrn}:clientType eq "trusted"`, ['Gamma']],
  ['description pr and audience co "orders"', ['Orders']],
  ['description eq null and audience pr', ['Invoices']],
  ['meta.created gt "2023-11-14T22:13:24Z" and meta.created le "2023-11-15"', ['Gamma']],
  ['allowedGrants eq "client_credentials" and active eq true', ['alpha']],
  ['id eq IDCSAppId', ['IDCS Application']],
]

test('RFC 7644 §3.4.2.2: what filters find', async () => {
  await using server = await openExampleServer()
  await fill(server)
  for (const [filter, expected] of rows) {
    assert.deepEqual(await namesOf(server, { filter, sortBy: 'displayName' }), expected, filter)
  }
})

test('RFC 7644 §3.4.2.3: sorted, either way, whatever the case', async () => {
  await using server = await openExampleServer()
  await fill(server)
  const all = ['alpha', 'Beta', 'Gamma', 'IDCS Application', 'Invoices', 'Orders']
  assert.deepEqual(await namesOf(server, { sortBy: 'displayName' }), all)
  const down = { sortBy: 'DISPLAYNAME', sortOrder: 'DESCENDING' }
  assert.deepEqual(await namesOf(server, down), all.toReversed())
  const filter = 'id ne "IDCSAppId"'
  const made = ['Orders', 'Invoices', 'alpha', 'Beta', 'Gamma']
  assert.deepEqual(await namesOf(server, { filter, sortBy: 'meta.created' }), made)
})

test('page by page: startIndex and count, or page and limit with the header', async () => {
  await using server = await openExampleServer()
  await fill(server)
  const sortBy = 'displayName'
  assert.deepEqual(await namesOf(server, { sortBy, startIndex: '3', count: '2' }), [
    'Gamma',
    'IDCS Application',
  ])
  const seen: string[] = []
  let query: Query = { sortBy, limit: '4' }
  for (let pages = 0; pages < 9; pages++) {
    const { body, headers } = await server.call('GET', '/Apps', null, { query })
    seen.push(...body.Resources.map((each: { displayName: string }) => each.displayName))
    const next = headers['opc-next-page']
    if (next === undefined) break
    query = { sortBy, limit: '4', page: next }
  }
  assert.deepEqual(seen, await namesOf(server, { sortBy }))
  const { headers } = await server.call('GET', '/Apps', null, { query: { count: '1' } })
  assert.equal(headers['opc-next-page'], undefined)
})

test('RFC 7644 §3.4.3: .search finds what GET finds, for whoever may read', async () => {
  await using server = await openExampleServer()
  await fill(server)
  const filter = 'displayName co "a" and isOAuthClient eq true'
  const common = { filter, sortBy: 'displayName', sortOrder: 'descending' }
  const get = await server.call('GET', '/Apps', null, {
    query: { ...common, attributes: 'name,clientType', count: '2' },
  })
  const body = { schemas: [searchRequest], ...common, attributes: ['name', 'clientType'], count: 2 }
  const roles = ['Audit Administrator']
  const post = await server.call('POST', '/Apps/.search', body, { roles })
  assert.equal(post.status, 200, post.body.detail)
  assert.deepEqual(post.body, get.body)
  assert.equal(post.body.totalResults, 3)
  assert.equal((await server.call('POST', '/Apps/.search', body, { roles: [] })).status, 401)
  assert.equal((await server.call('POST', '/Apps/.search', {})).status, 400)
  assert.equal((await server.call('PUT', '/Apps/.search', body)).status, 405)
  for (const noun of ['AppRoles', 'Grants', 'OAuthClientCertificates', 'Settings']) {
    const all = await server.call('POST', `/${noun}/.search`, { schemas: [searchRequest] })
    assert.equal(all.status, 200, `${noun}: ${all.body.detail}`)
  }
})

test('app roles, grants and settings are searched by what scripts ask for', async () => {
  await using server = await openExampleServer()
  await fill(server)
  const ask = (path: string, filter: string) =>
    server.call('GET', path, null, { query: { filter, attributes: 'displayName', count: '100' } })
  const roles = await ask('/AppRoles', 'app.value eq "IDCSAppId" and displayName sw "Identity"')
  assert.deepEqual(
    roles.body.Resources.map((each: { displayName: string }) => each.displayName),
    ['Identity Domain Administrator'],
  )
  const named = await ask('/AppRoles', 'app[display eq "idcs application"] and adminRole eq true')
  assert.ok(named.body.totalResults >= 5, named.body.detail)
  const grants = await ask('/Grants', 'grantee.value eq "x" and grantMechanism eq "Y"')
  assert.equal(grants.body.totalResults, 0, grants.body.detail)
  const settings = await ask('/Settings', 'issuer pr')
  assert.equal(settings.status, 400)
})

test('bad filters are refused and find nothing by accident', async () => {
  await using server = await openExampleServer()
  const deep = `${'('.repeat(10_000)}active eq true${')'.repeat(10_000)}`
  for (const filter of [deep, 'not ('.repeat(300), 'a'.repeat(5000), '__proto__ pr', '']) {
    const { status, body } = await server.call('GET', '/Apps', null, { query: { filter } })
    assert.equal(status, 400, filter.slice(0, 20))
    assert.equal(body.scimType, 'invalidFilter')
    assert.match(body.detail, /./)
  }
})
