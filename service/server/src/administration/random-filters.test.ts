/** Lists over the API find what a plain evaluator finds in the representations it gives. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluateFilter } from '@mintmark/protocol/evaluate-filter'
import { readFilter } from '@mintmark/protocol/rfc7644-filter'
import { applicationSearch } from '@mintmark/registry/search/application-search'
import type { SearchType } from '@mintmark/registry/search-definition'
import fc from 'fast-check'
import { appSchema } from './app-schema.ts'
import { findAttribute } from './attribute.ts'
import {
  apiBody,
  appExtension,
  clientBody,
  type ExampleServer,
  openExampleServer,
} from './example-server.ts'
import { isObject, type Json } from './read-resource.ts'

const fill = async (server: ExampleServer): Promise<readonly Json[]> => {
  const bodies: object[] = [
    { ...apiBody('Orders', 'https://orders.example/', ['read', 'write']), description: 'Étude' },
    { ...apiBody('orders 2', 'https://Orders.example/2/', ['Read']), accessTokenExpiry: 60 },
    {
      ...apiBody('Notes', 'urn:notes', ['a']),
      secondaryAudiences: ['urn:b', 'urn:C'],
      [appExtension]: { tokenProfile: 'rfc9068', signingAlgorithm: 'ES256' },
    },
    clientBody('alpha', { active: true, allowedScopes: [{ fqs: 'https://orders.example/read' }] }),
    clientBody('Alpha "2"', {
      tags: [
        { key: 'Team', value: 'Red' },
        { key: 'x', value: 'y' },
      ],
    }),
    clientBody('Beta', { trustScope: 'Account', [appExtension]: { rawBasicAccepted: true } }),
    clientBody('gamma_%', { clientType: 'trusted', allowedOperations: ['introspect'] }),
    clientBody('Tags', { trustScope: 'Tags', allowedTags: [{ key: 'team', value: 'RED' }] }),
  ]
  for (const body of bodies) {
    server.nowMs += 60_000
    const made = await server.call('POST', '/Apps', body)
    assert.equal(made.status, 201, made.body.detail)
  }
  const query = { attributeSets: 'all', count: '100' }
  return (await server.call('GET', '/Apps', null, { query })).body.Resources
}

interface Field {
  /** As a filter names it. */
  readonly path: string
  readonly type: SearchType
  /** Values that some resource has. */
  readonly values: readonly (string | number | boolean)[]
}

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

const valuesAt = (resource: Json, name: string): readonly unknown[] => {
  const [head = '', sub] = name.split('.')
  const isCore = findAttribute(appSchema.attributes, head) !== undefined
  const inside = isCore ? resource : resource[appExtension]
  const whole = listed(isObject(inside) ? inside[head] : undefined)
  return sub === undefined ? whole : whole.map((each) => (isObject(each) ? each[sub] : undefined))
}

const fieldsOf = (resources: readonly Json[]): readonly Field[] =>
  Object.entries(applicationSearch.fields).flatMap(([name, field]) => {
    const parts: readonly (readonly [string, SearchType])[] =
      field.kind === 'elements'
        ? Object.entries(field.fields).map(([part, type]) => [`${name}.${part}`, type])
        : [[name, field.type]]
    return parts.map(([each, type]) => {
      const isOwn = findAttribute(appSchema.attributes, each.split('.')[0] ?? '') === undefined
      const found = resources.flatMap((resource) => valuesAt(resource, each))
      const values = found.filter((value) => ['string', 'number', 'boolean'].includes(typeof value))
      const path = isOwn ? `${appExtension}:${each}` : each
      return { path, type, values: values as Field['values'] }
    })
  })

const operators: Readonly<Record<SearchType, readonly string[]>> = {
  folded: ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'],
  exact: ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'],
  boolean: ['eq', 'ne'],
  number: ['eq', 'ne', 'gt', 'ge', 'lt', 'le'],
}

const isTime = ({ path }: Field): boolean => path.startsWith('meta.')

/** A value that is there, a part of it, its other case, or none that is. */
const operandOf = (field: Field): fc.Arbitrary<string> => {
  if (field.type === 'boolean') return fc.constantFrom('true', 'false')
  if (field.type === 'number') return fc.constantFrom('0', '60', '3600', '61')
  const texts = field.values.map(String)
  const some = fc.constantFrom(...(texts.length === 0 ? ['none'] : texts))
  if (isTime(field)) return some.map((text) => JSON.stringify(text))
  const changed = fc.oneof(
    some,
    some.map((text) => text.toUpperCase()),
    some.map((text) => text.slice(0, 3)),
    some.map((text) => text.slice(-3)),
    fc.constantFrom('', 'a', '%', '_', 'é', '\\'),
  )
  return changed.map((text) => JSON.stringify(text))
}

const comparison = (field: Field, name: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(`${name} pr`, `${name} eq null`, `${name} ne null`) },
    {
      weight: 5,
      arbitrary: fc
        .tuple(fc.constantFrom(...operators[field.type]), operandOf(field))
        .map(([operator, operand]) => `${name} ${operator} ${operand}`),
    },
  )

const listNames = ['scopes', 'allowedScopes', 'tags', 'allowedTags', 'grantedAppRoles']

const filters = (fields: readonly Field[]): fc.Arbitrary<string> => {
  const plain = fc.constantFrom(...fields).chain((field) => comparison(field, field.path))
  const inBrackets = fc.constantFrom(...listNames).chain((list) => {
    const inside = fields.filter(({ path }) => path.startsWith(`${list}.`))
    const one = fc
      .constantFrom(...inside)
      .chain((field) => comparison(field, field.path.slice(list.length + 1)))
    const joined = fc.tuple(one, fc.constantFrom('and', 'or'), one)
    return joined.map(([left, joint, right]) => `${list}[${left} ${joint} ${right}]`)
  })
  return fc.letrec<{ filter: string; leaf: string }>((tie) => ({
    leaf: fc.oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: inBrackets }),
    filter: fc.oneof(
      { maxDepth: 3 },
      tie('leaf'),
      fc
        .tuple(tie('filter'), fc.constantFrom('and', 'or'), tie('filter'))
        .map(([left, joint, right]) => `(${left}) ${joint} ${right}`),
      tie('filter').map((inner) => `not (${inner})`),
    ),
  })).filter
}

test('a thousand random filters over HTTP parameters find what the evaluator finds', async () => {
  await using server = await openExampleServer()
  const resources = await fill(server)
  const found: boolean[] = []
  const check = async (filter: string) => {
    const read = readFilter(filter)
    assert.ok(read.ok, filter)
    const expected = resources
      .filter((resource) => evaluateFilter(read.value, resource, appSchema))
      .map((each) => each['displayName'])
    const query = { filter, count: '100', attributes: 'displayName' }
    const { status, body } = await server.call('GET', '/Apps', null, { query })
    assert.equal(status, 200, `${filter}: ${body.detail}`)
    const names = body.Resources.map((each: Json) => each['displayName'])
    assert.deepEqual(names.toSorted(), expected.toSorted(), filter)
    found.push(expected.length > 0 && expected.length < resources.length)
  }
  await fc.assert(fc.asyncProperty(filters(fieldsOf(resources)), check), { numRuns: 1000 })
  const telling = found.filter(Boolean).length
  assert.ok(telling > 150, `${telling} tell resources from each other`)
})
