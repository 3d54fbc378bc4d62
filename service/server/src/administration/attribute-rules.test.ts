/**
 * The rules of every attribute, made from the schemas: what only the server sets, what is never
 * changed, what must be there, what is told, and what is there once, by every way of writing.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attribute, ResourceSchema } from './attribute.ts'
import { apiBody, appUrn, type ExampleServer, openExampleServer } from './example-server.ts'
import { isObject, type Json } from './read-resource.ts'
import { routes } from './routes.ts'

const idcs = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const core = 'urn:ietf:params:scim:schemas:core:2.0:'
const ownUrn = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:'
const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const errorUrn = 'urn:ietf:params:scim:api:oracle:idcs:extension:messages:Error'

interface Sample {
  readonly endpoint: keyof typeof routes
  body(server: ExampleServer): Promise<Json>
  /** Attributes that no other resource has, whatever the case; of the sample all have a value. */
  readonly unique: readonly string[]
}

const samples: readonly Sample[] = [
  {
    endpoint: 'Apps',
    body: async () => ({
      schemas: [appUrn],
      displayName: 'Sample',
      name: 'sample',
      isOAuthClient: true,
      clientType: 'confidential',
      allowedGrants: ['client_credentials'],
      tags: [{ key: 'team', value: 'red' }],
      isUnmanagedApp: true,
      basedOnTemplate: { value: 'CustomWebAppTemplateId' },
    }),
    unique: ['displayName', 'name'],
  },
  {
    endpoint: 'AppRoles',
    body: async (server) => {
      const api = apiBody('Orders', 'https://orders.example/', ['read'])
      const { body } = await server.call('POST', '/Apps', api)
      const schemas = [`${idcs}AppRole`]
      return { schemas, displayName: 'Sample', adminRole: false, app: { value: body.id } }
    },
    unique: ['displayName'],
  },
  {
    endpoint: 'Users',
    body: async () => ({
      schemas: [`${core}User`],
      userName: 'sample',
      name: { givenName: 'Anna', familyName: 'Berg' },
      emails: [{ value: 'sample@example.com', type: 'work', primary: true }],
    }),
    unique: ['userName'],
  },
  {
    endpoint: 'Groups',
    body: async () => ({ schemas: [`${core}Group`], displayName: 'Sample' }),
    unique: ['displayName'],
  },
  {
    endpoint: 'CustomClaims',
    body: async () => ({
      schemas: [`${idcs}CustomClaim`],
      name: 'sample',
      value: 'gold',
      expression: false,
      mode: 'always',
      tokenType: 'AT',
      allScopes: true,
    }),
    unique: [],
  },
]

/** Something else of the same type. */
const other = ({ type, values }: Attribute, present: unknown): unknown => {
  switch (type) {
    case 'string':
      return values.find((each) => each !== present) ?? `${String(present)} else`
    case 'boolean':
      return present !== true
    case 'integer':
      return Number(present ?? 0) + 1
    case 'list':
      return [values[0] ?? 'something else']
    case 'object':
      return { ...(isObject(present) ? present : {}), value: 'something else' }
    case 'objects':
      return [{ value: 'something else' }]
  }
}

const wrong = (attribute: Attribute): unknown =>
  attribute.type === 'boolean' || attribute.type === 'integer' ? 'text' : 7

/** Of no interest when it is sent back: out of date as soon as somebody changes something. */
const passing = new Set(['meta', 'idcsLastModifiedBy', 'secrets', 'schemas'])

const schemaOf = ({ endpoint }: Sample): ResourceSchema => {
  const route = routes[endpoint]
  assert.ok(route)
  return route.schema
}

const attributesOf = (sample: Sample): readonly Attribute[] =>
  schemaOf(sample).attributes.filter(({ name }) => !passing.has(name))

const reasonOf = (answer: { readonly body: Json }): unknown => {
  const said = answer.body[errorUrn]
  return isObject(said) && isObject(said['additionalData'])
    ? said['additionalData']['reason']
    : null
}

for (const sample of samples) {
  const { endpoint } = sample
  const type = schemaOf(sample).resourceType

  test(`${type}: a value of another type, and what is not kept, is refused`, async () => {
    await using server = await openExampleServer()
    const body = await sample.body(server)
    const made = await server.call('POST', `/${endpoint}`, body)
    assert.equal(made.status, 201, made.body.detail)
    for (const attribute of attributesOf(sample)) {
      const { name, mutability, kept } = attribute
      if (mutability === 'readOnly') continue
      const expected = kept ? 'ATTRIBUTE_TYPE_WRONG' : 'ATTRIBUTE_NOT_KEPT'
      const value = wrong(attribute)
      const post = await server.call('POST', `/${endpoint}`, { ...body, [name]: value })
      assert.deepEqual([post.status, reasonOf(post)], [400, expected], `POST ${name}`)
      const path = `/${endpoint}/${made.body.id}`
      const put = await server.call('PUT', path, { ...body, [name]: value })
      assert.deepEqual([put.status, reasonOf(put)], [400, expected], `PUT ${name}`)
      const Operations = [{ op: 'replace', path: name, value }]
      const patch = await server.call('PATCH', path, { schemas: [patchUrn], Operations })
      assert.equal(patch.status, 400, `PATCH ${name}`)
    }
    const { body: after } = await server.call('GET', `/${endpoint}/${made.body.id}`)
    assert.equal(after.meta.version, made.body.meta.version)
  })

  test(`${type}: what only the server sets`, async () => {
    await using server = await openExampleServer()
    const body = await sample.body(server)
    const readOnly = attributesOf(sample).filter((each) => each.mutability === 'readOnly')
    const junk = Object.fromEntries(readOnly.map((each) => [each.name, other(each, 'junk')]))
    const made = await server.call('POST', `/${endpoint}`, { ...body, ...junk })
    assert.equal(made.status, 201, `RFC 7644 §3.3: passed over. ${made.body.detail}`)
    const path = `/${endpoint}/${made.body.id}`
    for (const { name } of readOnly) {
      assert.notDeepEqual(made.body[name], junk[name], name)
      const put = await server.call('PUT', path, { ...body, [name]: junk[name] })
      assert.deepEqual([put.status, reasonOf(put)], [400, 'ATTRIBUTE_READ_ONLY'], `PUT ${name}`)
      const Operations = [{ op: 'add', path: name, value: junk[name] }]
      const patch = await server.call('PATCH', path, { schemas: [patchUrn], Operations })
      const said = [patch.status, reasonOf(patch)]
      assert.deepEqual(said, [400, 'ATTRIBUTE_READ_ONLY'], `PATCH ${name}`)
    }
    const { clientSecret: _, ...whole } = made.body
    const back = await server.call('PUT', path, whole)
    assert.equal(back.status, 200, `what was read can be sent back. ${back.body.detail}`)
    assert.equal(back.body.meta.version, made.body.meta.version, 'and changes nothing')
  })

  test(`${type}: what must be there, and what never changes`, async () => {
    await using server = await openExampleServer()
    const body = await sample.body(server)
    const made = await server.call('POST', `/${endpoint}`, body)
    const path = `/${endpoint}/${made.body.id}`
    for (const attribute of attributesOf(sample)) {
      const { name, required, mutability } = attribute
      const patch = (operation: object) =>
        server.call('PATCH', path, { schemas: [patchUrn], Operations: [operation] })
      if (required) {
        const { [name]: _, ...rest } = body
        const post = await server.call('POST', `/${endpoint}`, rest)
        assert.deepEqual([post.status, reasonOf(post)], [400, 'ATTRIBUTE_MISSING'], `POST ${name}`)
        const put = await server.call('PUT', path, rest)
        assert.deepEqual([put.status, reasonOf(put)], [400, 'ATTRIBUTE_MISSING'], `PUT ${name}`)
        assert.equal((await patch({ op: 'remove', path: name })).status, 400, `PATCH ${name}`)
      }
      if (mutability !== 'immutable' || made.body[name] === undefined) continue
      const value = other(attribute, made.body[name])
      const put = await server.call('PUT', path, { ...body, [name]: value })
      assert.deepEqual([put.status, reasonOf(put)], [400, 'ATTRIBUTE_IMMUTABLE'], `PUT ${name}`)
      const patched = await patch({ op: 'replace', path: name, value })
      assert.deepEqual([patched.status, reasonOf(patched)], [400, 'ATTRIBUTE_IMMUTABLE'], name)
    }
  })

  test(`${type}: what is told, and when`, async () => {
    await using server = await openExampleServer()
    const made = await server.call('POST', `/${endpoint}`, await sample.body(server))
    const path = `/${endpoint}/${made.body.id}`
    const ask = async (query: Record<string, string>) =>
      (await server.call('GET', path, null, { query })).body as Json
    const all = await ask({ attributeSets: 'all' })
    const byDefault = await ask({})
    const always = await ask({ attributeSets: 'always' })
    for (const { name, returned, sub } of attributesOf(sample)) {
      const value = all[name]
      if (value === undefined || (Array.isArray(value) && value.length === 0)) continue
      const inside = sub.some((each) => each.returned === 'always')
      assert.equal(name in byDefault, returned !== 'request', `by default: ${name}`)
      assert.equal(name in always, returned === 'always' || inside, `always: ${name}`)
      const one = await ask({ attributes: name })
      assert.deepEqual(one[name], value, `attributes=${name}`)
      const without = await ask({ attributeSets: 'all', excludedAttributes: name })
      assert.equal(name in without, returned === 'always' || inside, `without ${name}`)
      const withUrn = await ask({ attributes: `${schemaOf(sample).urn}:${name.toUpperCase()}` })
      assert.deepEqual(withUrn, one, `with the URN: ${name}`)
    }
    assert.ok(!JSON.stringify(all).includes('clientSecret'))
    assert.ok(Object.keys(all).every((name) => !name.startsWith(ownUrn) || isObject(all[name])))
  })

  test(`${type}: what is there once, whatever its case`, async () => {
    await using server = await openExampleServer()
    const body = await sample.body(server)
    await server.call('POST', `/${endpoint}`, body)
    for (const name of sample.unique) {
      // all others differ
      const rest = sample.unique.filter((each) => each !== name)
      const changed = Object.fromEntries(rest.map((each) => [each, `other_${name}`]))
      const same = { ...body, ...changed, [name]: String(body[name]).toUpperCase() }
      const taken = await server.call('POST', `/${endpoint}`, same)
      assert.deepEqual([taken.status, reasonOf(taken)], [409, 'VALUE_TAKEN'], name)
    }
  })
}
