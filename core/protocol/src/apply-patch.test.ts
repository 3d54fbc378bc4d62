import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { applyPatch } from './apply-patch.ts'
import type { ResourceAttribute, ResourceAttributes } from './resource-attribute.ts'
import { patchSchema, readPatch } from './rfc7644-patch.ts'

const a = (
  name: string,
  type: ResourceAttribute['type'] = 'string',
  more: Partial<ResourceAttribute> = {},
): ResourceAttribute => ({
  ...{ name, type, mutability: 'readWrite', required: false, sub: [], shorthand: null },
  ...more,
})
const readOnly = { mutability: 'readOnly' } as const
const immutable = { mutability: 'immutable' } as const
const urn = 'urn:x:schemas:App'
const ext = 'urn:x:schemas:extension:1.0:App'
const kept = 'urn:x:schemas:extension:opc:App'

const app: ResourceAttributes = {
  urn,
  attributes: [
    a('id', 'string', readOnly),
    a('schemas', 'list', { required: true }),
    a('meta', 'object', readOnly),
    a('displayName', 'string', { required: true }),
    a('name', 'string', immutable),
    a('active', 'boolean'),
    a('accessTokenExpiry', 'integer'),
    a('redirectUris', 'list'),
    a('basedOn', 'object', { ...immutable, sub: [a('value'), a('$ref', 'string', readOnly)] }),
    a('owner', 'object', { sub: [a('value', 'string', { required: true }), a('display')] }),
    a('policy', 'object'),
    a('certificates', 'objects', {
      shorthand: 'certAlias',
      sub: [a('certAlias', 'string', { required: true }), a('kid', 'string', readOnly)],
    }),
    a('scopes', 'objects', {
      sub: [
        a('value', 'string', { required: true, caseExact: true }),
        a('description'),
        a('requiresConsent', 'boolean'),
        a('fqs', 'string', readOnly),
      ],
    }),
    a('tags', 'objects', { compositeKey: ['key'], sub: [a('key'), a('value')] }),
    a('members', 'objects', { sub: [a('value', 'string', immutable), a('type')] }),
    a('emails', 'objects', { sub: [a('value'), a('type'), a('primary', 'boolean')] }),
  ],
  extension: {
    urn: ext,
    attributes: [a('profile'), a('allowed', 'list'), a('serial', 'integer', readOnly)],
  },
  keptExtensions: [kept],
}

const orders = {
  id: '1',
  schemas: [urn],
  displayName: 'Orders',
  name: 'orders',
  basedOn: { value: 'T', $ref: 'https://t' },
  redirectUris: ['https://a', 'https://b'],
  certificates: [{ certAlias: 'one', kid: 'k1' }],
  scopes: [
    { value: 'read', description: 'Reads', fqs: 'urn:read' },
    { value: 'write', requiresConsent: true, fqs: 'urn:write' },
  ],
  tags: [{ key: 'k', value: '1' }],
  members: [{ value: 'u1', type: 'User' }],
  emails: [{ value: 'a@x', primary: true }, { value: 'b@x' }],
}

const patched = (operations: readonly unknown[], resource: object = orders) => {
  const read = readPatch({ schemas: [patchSchema], Operations: operations })
  if (!read.ok) return read
  return applyPatch(resource as Record<string, unknown>, read.value, app)
}

const set = (path: string | null, value: unknown, op = 'replace') =>
  path === null ? { op, value } : { op, path, value }
const add = (path: string | null, value: unknown) => set(path, value, 'add')
const remove = (path: string) => ({ op: 'remove', path })

type Row = readonly [what: string, operations: readonly unknown[], changed: object]
const { certificates, scopes, emails } = orders
const applied: readonly Row[] = [
  ['replace a text', [set('displayName', 'B')], { displayName: 'B' }],
  ['name in another case', [set('DISPLAYNAME', 'B')], { displayName: 'B' }],
  ['name after the URN', [set(`${urn}:displayName`, 'B')], { displayName: 'B' }],
  ['add a number', [add('accessTokenExpiry', 60)], { accessTokenExpiry: 60 }],
  [
    'without path',
    [set(null, { displayName: 'B', active: true })],
    { displayName: 'B', active: true },
  ],
  ['upper case, as the SDK', [set('active', true, 'REPLACE')], { active: true }],
  ['one after the other', [set('active', true), set('active', false)], { active: false }],
  ['remove', [remove('redirectUris')], { redirectUris: undefined }],
  ['remove what is not there', [remove('active')], {}],
  ['null removes', [set('redirectUris', null)], { redirectUris: undefined }],
  ['an empty list removes', [set('redirectUris', [])], { redirectUris: undefined }],
  ['adding null changes nothing', [add('redirectUris', null)], {}],
  ['an immutable, to what it is', [set('name', 'orders')], {}],
  ['an immutable object, to what it is', [set('basedOn', { value: 'T' })], {}],
  [
    'list: append',
    [add('redirectUris', ['https://b', 'https://c'])],
    { redirectUris: ['https://a', 'https://b', 'https://c'] },
  ],
  [
    'list: append one',
    [add('redirectUris', 'https://c')],
    { redirectUris: ['https://a', 'https://b', 'https://c'] },
  ],
  ['list: replace', [set('redirectUris', ['x'])], { redirectUris: ['x'] }],
  [
    'list: remove one',
    [remove('redirectUris[value eq "https://a"]')],
    { redirectUris: ['https://b'] },
  ],
  [
    'list: replace one',
    [set('redirectUris[value ew "a"]', 'z')],
    { redirectUris: ['z', 'https://b'] },
  ],
  ['list: remove all by filter', [remove('redirectUris[value pr]')], { redirectUris: undefined }],
  [
    'plain aliases',
    [add('certificates', ['one', 'two'])],
    { certificates: [...certificates, { certAlias: 'two' }] },
  ],
  ['what is there, without read-only', [add('certificates', [{ certAlias: 'one' }])], {}],
  [
    'read-only inside is passed over',
    [add('certificates', [{ certAlias: 'two', kid: 'x' }])],
    { certificates: [...certificates, { certAlias: 'two' }] },
  ],
  [
    'composite key',
    [add('tags', [{ key: 'k', value: '2' }])],
    { tags: [{ key: 'k', value: '2' }] },
  ],
  [
    'sub of a selected value',
    [set('scopes[value eq "read"].description', 'R')],
    { scopes: [{ ...scopes[0], description: 'R' }, scopes[1]] },
  ],
  [
    'sub of several',
    [set('scopes[value pr].requiresConsent', false)],
    { scopes: scopes.map((each) => ({ ...each, requiresConsent: false })) },
  ],
  [
    'a value, replaced',
    [set('scopes[value eq "read"]', { value: 'r' })],
    { scopes: [{ value: 'r' }, scopes[1]] },
  ],
  [
    'a value, added to',
    [add('scopes[value eq "write"]', { description: 'W' })],
    { scopes: [scopes[0], { ...scopes[1], description: 'W' }] },
  ],
  [
    'a value, removed',
    [remove('scopes[value eq "read" or description eq "x"]')],
    { scopes: [scopes[1]] },
  ],
  [
    'sub, removed',
    [remove('scopes[value eq "read"].description')],
    { scopes: [{ value: 'read', fqs: 'urn:read' }, scopes[1]] },
  ],
  ['object: sub by dot', [set('owner.value', 'u')], { owner: { value: 'u' } }],
  [
    'object: merged',
    [set('owner', { value: 'u' }), set('owner', { display: 'U' })],
    { owner: { value: 'u', display: 'U' } },
  ],
  ['object: last sub removed', [set('policy.a', 1), remove('policy.a')], {}],
  [
    'object of free content',
    [add('policy', { a: { b: 1 } }), add('policy', { c: 2 })],
    { policy: { a: { b: 1 }, c: 2 } },
  ],
  [
    'another primary',
    [add('emails', [{ value: 'c@x', primary: true }])],
    { emails: [{ value: 'a@x', primary: false }, emails[1], { value: 'c@x', primary: true }] },
  ],
  [
    'chosen primary',
    [set('emails[value eq "b@x"].primary', true)],
    {
      emails: [
        { value: 'a@x', primary: false },
        { value: 'b@x', primary: true },
      ],
    },
  ],
  ['extension: one', [set(`${ext}:profile`, 'p')], { [ext]: { profile: 'p' } }],
  ['extension: case', [set(`${ext.toUpperCase()}:PROFILE`, 'p')], { [ext]: { profile: 'p' } }],
  [
    'extension: as a whole',
    [set(ext, { profile: 'p', allowed: ['x'] })],
    { [ext]: { profile: 'p', allowed: ['x'] } },
  ],
  [
    'extension: without path',
    [add(null, { [ext]: { profile: 'p' } })],
    { [ext]: { profile: 'p' } },
  ],
  [
    'extension: key with its URN',
    [add(null, { [`${ext}:profile`]: 'p' })],
    { [ext]: { profile: 'p' } },
  ],
  ['extension: gone', [set(ext, { profile: 'p' }), remove(ext)], {}],
  [
    'kept: whole',
    [add(kept, { a: 1 }), add(null, { [kept]: { b: 2 } })],
    { [kept]: { a: 1, b: 2 } },
  ],
  [
    'kept: one',
    [set(`${kept}:a`, 1), set(`${kept}:b`, 2), remove(`${kept}:a`)],
    { [kept]: { b: 2 } },
  ],
  ['kept: gone', [set(`${kept}:a`, 1), remove(kept)], {}],
  ['schemas', [add('schemas', [ext, urn])], { schemas: [urn, ext] }],
  ['key with a dot', [add(null, { 'owner.value': 'u' })], { owner: { value: 'u' } }],
]

for (const [what, operations, changed] of applied) {
  test(`PATCH: ${what}`, () => {
    const before = structuredClone(orders)
    const after = patched(operations)
    assert.ok(after.ok, JSON.stringify(after))
    const expected = JSON.parse(JSON.stringify({ ...orders, ...changed }))
    assert.deepEqual(JSON.parse(JSON.stringify(after.value)), expected)
    assert.deepEqual(orders, before)
  })
}

const refused: readonly [operation: unknown, reason: string][] = [
  [set('dispalyName', 'x'), 'ATTRIBUTE_UNKNOWN'],
  [set('constructor', 'x'), 'ATTRIBUTE_UNKNOWN'],
  [set('__proto__', { x: 1 }), 'ATTRIBUTE_UNKNOWN'],
  [set('__proto__.polluted', 1), 'ATTRIBUTE_UNKNOWN'],
  [set('constructor.prototype', { x: 1 }), 'ATTRIBUTE_UNKNOWN'],
  [set('prototype', 'x'), 'ATTRIBUTE_UNKNOWN'],
  [set('toString', 'x'), 'ATTRIBUTE_UNKNOWN'],
  [set('policy.__proto__', 1), 'ATTRIBUTE_UNKNOWN'],
  [set('owner.__proto__', 1), 'ATTRIBUTE_UNKNOWN'],
  [set('owner.constructor', 1), 'ATTRIBUTE_UNKNOWN'],
  [set(`${kept}:__proto__`, { x: 1 }), 'ATTRIBUTE_UNKNOWN'],
  [set(`${ext}:__proto__`, { x: 1 }), 'ATTRIBUTE_UNKNOWN'],
  [set('urn:x:other:App:name', 'x'), 'ATTRIBUTE_UNKNOWN'],
  [set(null, JSON.parse('{"__proto__":{"x":1}}')), 'ATTRIBUTE_UNKNOWN'],
  [set(null, { 'no name': 1 }), 'ATTRIBUTE_UNKNOWN'],
  [set('scopes[valeu eq "x"]', {}), 'ATTRIBUTE_UNKNOWN'],
  [set('scopes[__proto__ pr].value', 'x'), 'ATTRIBUTE_UNKNOWN'],
  [set('scopes[value eq "read"].__proto__', 'x'), 'ATTRIBUTE_UNKNOWN'],
  [set('scopes[value eq "read"].nothing', 'x'), 'ATTRIBUTE_UNKNOWN'],
  [set('redirectUris[value pr].type', 'x'), 'ATTRIBUTE_UNKNOWN'],
  [add('scopes', [{ value: 'x', nothing: 1 }]), 'ATTRIBUTE_UNKNOWN'],
  [set(null, { [ext]: { nothing: 1 } }), 'ATTRIBUTE_UNKNOWN'],
  [add('scopes', [{ value: 'x', VALUE: 'y' }]), 'ATTRIBUTE_REPEATED'],
  [set('id', '2'), 'ATTRIBUTE_READ_ONLY'],
  [remove('meta'), 'ATTRIBUTE_READ_ONLY'],
  [set('meta.version', 'x'), 'ATTRIBUTE_READ_ONLY'],
  [set(null, { id: '2' }), 'ATTRIBUTE_READ_ONLY'],
  [set('scopes[value eq "read"].fqs', 'x'), 'ATTRIBUTE_READ_ONLY'],
  [set('basedOn.$ref', 'x'), 'ATTRIBUTE_READ_ONLY'],
  [set(`${ext}:serial`, 1), 'ATTRIBUTE_READ_ONLY'],
  [set(ext, { serial: 1 }), 'ATTRIBUTE_READ_ONLY'],
  [set('name', 'other'), 'ATTRIBUTE_IMMUTABLE'],
  [remove('name'), 'ATTRIBUTE_IMMUTABLE'],
  [set('name', null), 'ATTRIBUTE_IMMUTABLE'],
  [set('basedOn.value', 'other'), 'ATTRIBUTE_IMMUTABLE'],
  [set('members[value eq "u1"].value', 'u2'), 'ATTRIBUTE_IMMUTABLE'],
  [set('members[value eq "u1"]', { value: 'u2' }), 'ATTRIBUTE_IMMUTABLE'],
  [remove('displayName'), 'ATTRIBUTE_MISSING'],
  [set('displayName', null), 'ATTRIBUTE_MISSING'],
  [remove('schemas[value pr]'), 'ATTRIBUTE_MISSING'],
  [set('owner', { display: 'x' }), 'ATTRIBUTE_MISSING'],
  [remove('scopes[value eq "read"].value'), 'ATTRIBUTE_MISSING'],
  [set('displayName', 1), 'ATTRIBUTE_TYPE_WRONG'],
  [set('active', 'true'), 'ATTRIBUTE_TYPE_WRONG'],
  [set('accessTokenExpiry', 1.5), 'ATTRIBUTE_TYPE_WRONG'],
  [set('accessTokenExpiry', '60'), 'ATTRIBUTE_TYPE_WRONG'],
  [set('redirectUris', 'x'), 'ATTRIBUTE_TYPE_WRONG'],
  [add('redirectUris', [1]), 'ATTRIBUTE_TYPE_WRONG'],
  [set('owner', 'u'), 'ATTRIBUTE_TYPE_WRONG'],
  [add('scopes', ['read']), 'ATTRIBUTE_TYPE_WRONG'],
  [set('scopes[value eq "read"]', 'x'), 'ATTRIBUTE_TYPE_WRONG'],
  [set('scopes[value eq "read"].requiresConsent', 'x'), 'ATTRIBUTE_TYPE_WRONG'],
  [set(ext, 'x'), 'ATTRIBUTE_TYPE_WRONG'],
  [set(kept, ['x']), 'ATTRIBUTE_TYPE_WRONG'],
  [set('scopes[value eq "READ"]', { value: 'x' }), 'PATCH_NO_TARGET'], // its case counts
  [remove('scopes[value eq "none"]'), 'PATCH_NO_TARGET'],
  [add('emails[type eq "work"].value', 'x'), 'PATCH_NO_TARGET'],
  [set('displayName[value eq "x"]', 'x'), 'PATCH_PATH_INVALID'],
  [set('owner[value eq "x"].display', 'x'), 'PATCH_PATH_INVALID'],
  [set('scopes.description', 'x'), 'PATCH_PATH_INVALID'],
  [set('displayName.value', 'x'), 'PATCH_PATH_INVALID'],
  [set(`${kept}:a[b eq 1]`, 'x'), 'PATCH_PATH_INVALID'],
  [add('redirectUris', Array(2001).fill('x')), 'VALUE_INVALID'],
  [
    add(
      'redirectUris',
      Array.from({ length: 1999 }, (_, at) => `u${at}`),
    ),
    'VALUE_INVALID',
  ],
]

for (const [operation, reason] of refused) {
  test(`PATCH refuses ${JSON.stringify(operation).slice(0, 100)}`, () => {
    const after = patched([set('active', true), operation])
    assert.ok(!after.ok)
    assert.equal(after.failure.reason, reason)
    assert.match(after.failure.what, /^Operations\[1\]/)
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  })
}

test('an attribute of the extension without its URN: the fix says how it is written', () => {
  const after = patched([set('PROFILE', 'x')])
  assert.equal(!after.ok && after.failure.reason, 'ATTRIBUTE_UNKNOWN')
  assert.equal(!after.ok && after.failure.fix, `Write ${ext}:profile.`)
})

test('what only the server writes stays when its extension is removed', () => {
  const after = patched([remove(ext)], { ...orders, [ext]: { profile: 'p', serial: 7 } })
  assert.deepEqual(after.ok && after.value[ext], { serial: 7 })
})

test('removing a value makes no other one the primary', () => {
  const [one, two] = ['c@x', 'd@x'].map((value) => ({ value, primary: true }))
  const after = patched([remove('emails[value eq "a"]')], {
    ...orders,
    emails: [{ value: 'a' }, one, two],
  })
  assert.deepEqual(after.ok && after.value['emails'], [one, two])
})

test('every attribute of every result is one that the schema names, and none inherited', () => {
  const names = [...app.attributes.map((each) => each.name), ext, kept]
  const known = app.attributes.flatMap((each) => [each.name, `${each.name}[value pr]`])
  const wild = ['__proto__', 'constructor', 'hasOwnProperty', `${ext}:profile`, `${kept}:x`, ext]
  const path = fc.oneof(fc.constantFrom(...known, ...wild), fc.string())
  const value = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(fc.constantFrom(...names, ...wild, 'value'), fc.jsonValue()),
  )
  const operation = fc.record(
    { op: fc.constantFrom('add', 'replace', 'remove'), path, value },
    { requiredKeys: ['op'] },
  )
  fc.assert(
    fc.property(fc.array(operation, { minLength: 1, maxLength: 4 }), (operations) => {
      const before = JSON.stringify(orders)
      const after = patched(operations)
      assert.equal(JSON.stringify(orders), before)
      if (!after.ok) return
      assert.equal(Object.getPrototypeOf(after.value), Object.prototype)
      for (const name of Object.keys(after.value)) assert.ok(names.includes(name), name)
      for (const name of ['id', 'name', 'basedOn', 'meta'] as const) {
        assert.deepEqual(after.value[name], (orders as Record<string, unknown>)[name])
      }
      assert.equal(typeof after.value['displayName'], 'string')
    }),
    { numRuns: 2000 },
  )
})

test('RFC 7644 §3.5.2.1: adding twice is adding once', () => {
  const item = fc.record({ value: fc.string(), type: fc.string() }, { requiredKeys: ['value'] })
  fc.assert(
    fc.property(fc.array(item, { maxLength: 6 }), (items) => {
      const once = patched([add('members', items)])
      const twice = patched([add('members', items), add('members', items)])
      assert.deepEqual(twice, once)
    }),
  )
})
