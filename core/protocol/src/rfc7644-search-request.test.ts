import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { writeAttributePath } from './rfc7644-attribute-path.ts'
import { refusalText } from './rfc7644-error.ts'
import { writeFilter } from './rfc7644-filter-text.ts'
import { readListQuery, readSearchRequest, searchRequestSchema } from './rfc7644-search-request.ts'

const schemas = [searchRequestSchema]
const ours = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'

test('RFC 7644 §3.4.3: a search in a body is the one of a query', () => {
  const body = readSearchRequest({
    schemas,
    attributes: ['displayName', `${ours}:tokenProfile`, 'emails.value'],
    excludedAttributes: null,
    attributeSets: ['Default', 'request'],
    filter: 'displayName sw "a, b" and active eq true',
    sortBy: 'meta.created',
    sortOrder: 'DESCENDING',
    startIndex: 11,
    count: 10,
  })
  const query = readListQuery({
    attributes: ` displayName , ${ours}:tokenProfile,emails.value`,
    excludedAttributes: '',
    attributeSets: 'default,REQUEST,default',
    filter: 'displayName sw "a, b" and active eq true',
    sortBy: 'meta.created',
    sortOrder: 'descending',
    startIndex: '11',
    count: '10',
  })
  assert.deepEqual(body, query)
  assert.ok(query.ok)
  const { attributes, attributeSets, excludedAttributes, filter, sort, page } = query.value
  assert.deepEqual(attributes.map(writeAttributePath), [
    'displayName',
    `${ours}:tokenProfile`,
    'emails.value',
  ])
  assert.deepEqual([excludedAttributes, attributeSets], [[], ['default', 'request']])
  assert.equal(filter && writeFilter(filter), 'displayName sw "a, b" and active eq true')
  assert.deepEqual(sort, { path: { urn: null, name: 'meta', sub: 'created' }, descending: true })
  assert.deepEqual(page, { startIndex: 11, count: 10, style: 'index' })
})

test('a search that says nothing asks for the first page of everything', () => {
  const nothing = { attributes: [], excludedAttributes: [], attributeSets: [] }
  const page = { startIndex: 1, count: 50, style: 'index' }
  const value = { ...nothing, filter: null, sort: null, page }
  assert.deepEqual(readSearchRequest({ schemas }), { ok: true, value })
  assert.deepEqual(readListQuery({ sortOrder: 'ascending' }), { ok: true, value })
  const token = { ...page, count: 5, style: 'token' }
  assert.deepEqual(readListQuery({ limit: '5' }), { ok: true, value: { ...value, page: token } })
})

const refused: readonly [body: unknown, reason: string, message: RegExp][] = [
  [[], 'BODY_NOT_AN_OBJECT', /object/],
  [{}, 'SCHEMA_MISSING', /SearchRequest/],
  [{ schemas: ['urn:x'] }, 'SCHEMA_MISSING', /SearchRequest/],
  [{ schemas, filters: 'a pr' }, 'ATTRIBUTE_UNKNOWN', /Did you mean "filter"/],
  [{ schemas, page: 'p1' }, 'ATTRIBUTE_UNKNOWN', /no member "page"/],
  [JSON.parse(`{"schemas":["${schemas}"],"__proto__":{}}`), 'ATTRIBUTE_UNKNOWN', /"__proto__"/],
  [{ schemas, attributes: 'displayName' }, 'ATTRIBUTE_TYPE_WRONG', /attributes must be a list/],
  [{ schemas, attributes: [1] }, 'ATTRIBUTE_TYPE_WRONG', /attributes must be a list/],
  [{ schemas, attributes: ['a,b'] }, 'ATTRIBUTE_TYPE_WRONG', /attributes must be a list/],
  [{ schemas, filter: ['a pr'] }, 'ATTRIBUTE_TYPE_WRONG', /filter must be a text/],
  [{ schemas, count: '10' }, 'ATTRIBUTE_TYPE_WRONG', /count must be a whole number/],
  [{ schemas, count: 1.5 }, 'ATTRIBUTE_TYPE_WRONG', /count must be a whole number/],
  [{ schemas, startIndex: 1e300 }, 'ATTRIBUTE_TYPE_WRONG', /startIndex must be a whole/],
  [{ schemas, filter: 'a eq' }, 'FILTER_MALFORMED', /filter column 5/],
  [{ schemas, sortBy: 'a b' }, 'QUERY_MALFORMED', /sortBy column 2/],
  [{ schemas, sortBy: '' }, 'QUERY_MALFORMED', /sortBy column 1/],
  [{ schemas, sortOrder: 'down' }, 'QUERY_MALFORMED', /ascending or descending/],
  [{ schemas, attributes: ['a', 'b c'] }, 'QUERY_MALFORMED', /attributes column 4/],
  [{ schemas, attributes: Array(201).fill('a') }, 'QUERY_MALFORMED', /at most 200/],
  [{ schemas, attributeSets: ['some'] }, 'QUERY_MALFORMED', /no value "some".*all, always/],
]

test('a search that is none is refused', () => {
  for (const [body, reason, message] of refused) {
    const search = readSearchRequest(body)
    assert.ok(!search.ok, JSON.stringify(body))
    assert.equal(search.failure.reason, reason, JSON.stringify(body))
    assert.match(refusalText(search.failure), message)
  }
})

test('no body makes the reader throw', () => {
  const names = fc.constantFrom(
    'attributes',
    'filter',
    'sortBy',
    'count',
    'attributeSets',
    '__proto__',
  )
  const bodies = fc.dictionary(names, fc.jsonValue()).map((each) => ({ ...each, schemas }))
  fc.assert(fc.property(bodies, (body) => typeof readSearchRequest(body).ok === 'boolean'))
})
