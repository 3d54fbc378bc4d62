import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFilter } from '@mintmark/protocol/rfc7644-filter'
import type { Condition } from '@mintmark/registry/query'
import { applicationSearch } from '@mintmark/registry/search/application-search'
import { roleSearch } from '@mintmark/registry/search/role-search'
import { appRoleSchema } from './app-role.ts'
import { appExtensionUrn, appSchema } from './app-schema.ts'
import type { ResourceSchema } from './attribute.ts'
import { readCondition as readTyped, type SearchFields } from './read-condition.ts'

const readCondition = (text: string, schema: ResourceSchema, fields: SearchFields) => {
  const filter = readFilter(text)
  return filter.ok ? readTyped(filter.value, schema, fields) : filter
}

const eq = (field: string, value: string | number | boolean): Condition => ({
  kind: 'compare',
  field,
  operator: 'eq',
  value,
})
const present = (field: string): Condition => ({ kind: 'present', field })

const accepted: readonly [string, Condition][] = [
  ['displayName eq "ÄPFEL"', eq('displayName', 'äpfel')],
  ['DISPLAYNAME sw "A"', { ...eq('displayName', 'a'), operator: 'sw' } as Condition],
  [`${appSchema.urn}:displayName eq "a"`, eq('displayName', 'a')],
  [`${appExtensionUrn}:tokenProfile eq "rfc9068"`, eq('tokenProfile', 'rfc9068')],
  ['tokenProfile eq "rfc9068"', eq('tokenProfile', 'rfc9068')],
  ['active eq true', eq('active', true)],
  ['accessTokenExpiry eq 60', eq('accessTokenExpiry', 60)],
  ['allowedGrants eq "Client_Credentials"', eq('allowedGrants', 'Client_Credentials')],
  ['scopes.fqs eq "https://A/x"', eq('scopes.fqs', 'https://A/x')],
  ['scopes eq "x"', eq('scopes.value', 'x')],
  [
    'scopes[value eq "x" and requiresConsent eq true]',
    {
      kind: 'some',
      field: 'scopes',
      condition: { kind: 'and', conditions: [eq('value', 'x'), eq('requiresConsent', true)] },
    },
  ],
  [
    'allowedGrants[value sw "cl"]',
    {
      kind: 'some',
      field: 'allowedGrants',
      condition: { ...eq('value', 'cl'), operator: 'sw' } as Condition,
    },
  ],
  ['basedOnTemplate[value eq "X"]', eq('basedOnTemplate.value', 'X')],
  ['meta.created eq "2026-01-01T01:00:00+01:00"', eq('meta.created', '2026-01-01T00:00:00.000Z')],
  ['meta.created eq "2026-01-01"', eq('meta.created', '2026-01-01T00:00:00.000Z')],
  ['meta.created sw "2026-01"', { ...eq('meta.created', '2026-01'), operator: 'sw' } as Condition],
  ['description eq null', { kind: 'not', condition: present('description') }],
  ['description ne null', present('description')],
  ['scopes pr', present('scopes')],
  ['scopes.value pr', present('scopes.value')],
  ['meta pr', { kind: 'or', conditions: [present('meta.created'), present('meta.lastModified')] }],
  [
    'not (active eq true) or name eq "A"',
    {
      kind: 'or',
      conditions: [{ kind: 'not', condition: eq('active', true) }, eq('name', 'a')],
    },
  ],
]

for (const [text, condition] of accepted) {
  test(`RFC 7644 §3.4.2.2: ${text}`, () => {
    const read = readCondition(text, appSchema, applicationSearch.fields)
    assert.ok(read.ok, read.ok ? '' : read.failure.what)
    assert.deepEqual(read.value, condition)
  })
}

const refused: readonly [string, string, RegExp][] = [
  [
    'dispalyName eq "a"',
    'FILTER_MALFORMED',
    /column 1: .*"dispalyName".*Did you mean "displayName"/,
  ],
  [
    'active eq true and nonsense pr',
    'FILTER_MALFORMED',
    /column 20: App has no attribute "nonsense"/,
  ],
  ['scopes.valu eq "a"', 'FILTER_MALFORMED', /"scopes.valu".*Did you mean "value"/],
  ['scopes[fsq eq "a"]', 'FILTER_MALFORMED', /column 8: .*Did you mean "fqs"/],
  ['displayName.x eq "a"', 'FILTER_MALFORMED', /has no parts/],
  ['__proto__ eq "a"', 'FILTER_MALFORMED', /"__proto__"/],
  ['constructor.prototype pr', 'FILTER_MALFORMED', /"constructor"/],
  ['urn:example:Other:x eq "a"', 'FILTER_NOT_OFFERED', /cannot be searched by "urn:example:Other"/],
  ['active eq "true"', 'FILTER_MALFORMED', /column 11: active is compared with true or false/],
  ['displayName eq 1', 'FILTER_MALFORMED', /displayName is compared with text/],
  ['accessTokenExpiry gt "1"', 'FILTER_MALFORMED', /compared with a number/],
  ['meta.created gt "yesterday"', 'FILTER_MALFORMED', /compared with a time/],
  [
    'landingPageUrl eq "x"',
    'FILTER_NOT_OFFERED',
    /cannot be searched by 'landingPageUrl'.*displayName/,
  ],
  ['clientSecret eq "x"', 'FILTER_NOT_OFFERED', /'clientSecret'/],
  ['secret sw "x"', 'FILTER_NOT_OFFERED', /'secret'/],
  ['serviceParams[name eq "x"]', 'FILTER_NOT_OFFERED', /'serviceParams'/],
  ['serviceParams eq "x"', 'FILTER_NOT_OFFERED', /'serviceParams'/],
]

for (const [text, reason, message] of refused) {
  test(`refused: ${text}`, () => {
    const read = readCondition(text, appSchema, applicationSearch.fields)
    assert.ok(!read.ok)
    const { what, fix = '' } = read.failure
    assert.equal(read.failure.reason, reason)
    assert.match(`${what} ${fix}`, message)
  })
}

test('the one object of an app role: by its own field, and by what the database looks up', () => {
  const of = (text: string) => readCondition(text, appRoleSchema, roleSearch.fields)
  assert.deepEqual(of('app.value eq "X"'), { ok: true, value: eq('app.value', 'X') })
  assert.deepEqual(of('app[value eq "X" and display eq "Y"]'), {
    ok: true,
    value: { kind: 'and', conditions: [eq('app.value', 'X'), eq('app.display', 'y')] },
  })
})

test('ten thousand levels are refused before they are walked', () => {
  const deep = `${'('.repeat(10_000)}active eq true${')'.repeat(10_000)}`
  const read = readCondition(deep, appSchema, applicationSearch.fields)
  assert.ok(!read.ok)
  assert.equal(read.failure.reason, 'FILTER_MALFORMED')
  const nots = readCondition('not ('.repeat(500), appSchema, applicationSearch.fields)
  assert.ok(!nots.ok)
})

test('every field of a definition is known to its schema', () => {
  const differing = Object.entries(applicationSearch.fields).flatMap(([field]) => {
    const read = readCondition(`${field} pr`, appSchema, applicationSearch.fields)
    return read.ok ? [] : [field]
  })
  assert.deepEqual(differing, [])
})
