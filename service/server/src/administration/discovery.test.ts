import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openExampleServer } from './example-server.ts'

const idcs = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const core = 'urn:ietf:params:scim:schemas:core:2.0:'
const url = 'http://localhost:8480/admin/v1'

interface Described {
  readonly name: string
  readonly type: string
  readonly subAttributes?: readonly Described[]
}

const types = [
  'string',
  'boolean',
  'decimal',
  'integer',
  'dateTime',
  'binary',
  'reference',
  'complex',
]

const checkAttribute = (attribute: Described & Readonly<Record<string, unknown>>): void => {
  const { name, type, subAttributes } = attribute
  assert.ok(types.includes(type), `${name}: ${type}`)
  assert.equal(typeof attribute['multiValued'], 'boolean', name)
  assert.equal(typeof attribute['required'], 'boolean', name)
  assert.ok(['readOnly', 'readWrite', 'immutable'].includes(String(attribute['mutability'])), name)
  assert.ok(['always', 'default', 'request'].includes(String(attribute['returned'])), name)
  assert.ok(['none', 'server', 'global'].includes(String(attribute['uniqueness'])), name)
  for (const each of subAttributes ?? []) checkAttribute(each as never)
}

test('RFC 7643 §7: Schemas describe every attribute that is read and written', async () => {
  await using server = await openExampleServer()
  const { status, body } = await server.call('GET', '/Schemas', null, { roles: ['Me'] })
  assert.equal(status, 200)
  assert.equal(body.totalResults, body.Resources.length)
  for (const schema of body.Resources) {
    assert.deepEqual(schema.schemas, [`${core}Schema`])
    assert.equal(schema.meta.location, `${url}/Schemas/${schema.id}`)
    for (const each of schema.attributes) checkAttribute(each)
  }
  const one = await server.call('GET', `/Schemas/${idcs}App`)
  assert.deepEqual(
    one.body,
    body.Resources.find((each: { id: string }) => each.id === `${idcs}App`),
  )
  const find = (name: string) => one.body.attributes.find((each: Described) => each.name === name)
  assert.deepEqual(find('displayName'), {
    name: 'displayName',
    type: 'string',
    multiValued: false,
    required: true,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'always',
    uniqueness: 'server',
  })
  assert.equal(find('scopes').type, 'complex')
  assert.deepEqual(
    find('meta').subAttributes.map((each: Described) => `${each.name} ${each.type}`),
    [
      'created dateTime',
      'lastModified dateTime',
      'location reference',
      'resourceType string',
      'version string',
    ],
  )
  const role = await server.call('GET', `/Schemas/${idcs}AppRole`)
  const names = role.body.attributes.map((each: Described) => each.name)
  assert.ok(!names.includes('legacyGroupName'), 'what is not kept is not described')
})

test('RFC 7643 §6: ResourceTypes name endpoints, schemas and extensions', async () => {
  await using server = await openExampleServer()
  const { body } = await server.call('GET', '/ResourceTypes/App')
  assert.equal(body.endpoint, '/Apps')
  assert.equal(body.schema, `${idcs}App`)
  assert.deepEqual(body.schemas, [`${core}ResourceType`])
  assert.ok(body.schemaExtensions.every((each: { required: boolean }) => each.required === false))
  const all = await server.call('GET', '/ResourceTypes')
  const schemas = await server.call('GET', '/Schemas')
  const known = new Set(schemas.body.Resources.map((each: { id: string }) => each.id))
  for (const each of all.body.Resources) assert.ok(known.has(each.schema), each.schema)
})

test('RFC 7643 §5: ServiceProviderConfig says what is supported', async () => {
  await using server = await openExampleServer()
  const { body } = await server.call('GET', '/ServiceProviderConfig')
  for (const each of ['patch', 'bulk', 'filter', 'sort', 'etag']) {
    assert.equal(body[each].supported, true, each)
  }
  assert.equal(body.changePassword.supported, false)
  assert.equal(body.bulk.maxOperations, 1000)
  assert.equal(body.filter.maxResults, 1000)
  assert.equal(body.authenticationSchemes[0].type, 'oauthbearertoken')
})

test('what discovery does not do', async () => {
  await using server = await openExampleServer()
  const rows: readonly [string, string, object, number][] = [
    ['GET', '/Schemas/urn:nothing', {}, 404],
    ['GET', '/ResourceTypes/__proto__', {}, 404],
    ['GET', '/Schemas', { filter: 'id pr' }, 403],
    ['POST', '/Schemas', {}, 405],
    ['DELETE', '/ResourceTypes/App', {}, 405],
    ['GET', '/Schema', {}, 404],
  ]
  for (const [method, path, query, status] of rows) {
    const answer = await server.call(method, path, {}, { query: query as Record<string, string> })
    assert.equal(answer.status, status, `${method} ${path}`)
  }
  const near = await server.call('GET', '/Schemas/urn:ietf:params:scim:schemas:oracle:idcs:Ap')
  assert.match(near.body.detail, /Did you mean/)
})
