import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readProjection } from '@mintmark/protocol/rfc7644-search-request'
import { attribute, type ResourceSchema } from './attribute.ts'
import { projectResource } from './project-resource.ts'

const urn = 'urn:example:Thing'
const ours = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:Thing'
const kept = 'urn:example:kept:2.0:Thing'
const request = { returned: 'request' } as const

const schema: ResourceSchema = {
  urn,
  resourceType: 'Thing',
  endpoint: 'Things',
  attributes: [
    attribute('id', 'string', { returned: 'always' }),
    attribute('title', 'string'),
    attribute('icon', 'string', request),
    attribute('owner', 'object', {
      sub: [attribute('value', 'string', { returned: 'always' }), attribute('display', 'string')],
    }),
    attribute('parts', 'objects', {
      sub: [attribute('value', 'string'), attribute('fqs', 'string'), attribute('note', 'string')],
    }),
    attribute('labels', 'list'),
  ],
  extension: {
    urn: ours,
    attributes: [attribute('colour', 'string'), attribute('size', 'string')],
  },
  keptExtensions: [kept],
}

const whole = {
  id: '1',
  title: 'T',
  icon: 'I',
  owner: { value: 'o', display: 'O' },
  parts: [
    { value: 'a', fqs: 'A', note: 'n' },
    { value: 'b', fqs: 'B' },
  ],
  labels: [],
  nothing: null,
  [ours]: { colour: 'red', size: 'L' },
  [kept]: { any: 1 },
}
const { icon, nothing: _, ...byDefault } = whole
const always = { id: '1', owner: { value: 'o' } }

const rows: readonly [string, Record<string, string>, object][] = [
  ['by default', {}, byDefault],
  ['one attribute, in any case', { attributes: 'TITLE' }, { ...always, title: 'T' }],
  ['returned on request', { attributes: 'icon' }, { ...always, icon }],
  ['with the URN of the schema', { attributes: `${urn}:title` }, { ...always, title: 'T' }],
  ['the schema itself names no attribute of another', { attributes: 'Thing' }, always],
  ['a sub-attribute', { attributes: 'owner.display' }, { ...always, owner: whole.owner }],
  [
    'sub-attributes of every element',
    { attributes: 'parts.value,parts.FQS' },
    {
      ...always,
      parts: [
        { value: 'a', fqs: 'A' },
        { value: 'b', fqs: 'B' },
      ],
    },
  ],
  [
    'as a whole wins over in part',
    { attributes: 'parts.value,parts' },
    { ...always, parts: whole.parts },
  ],
  [
    'an attribute of the extension',
    { attributes: `${ours}:colour` },
    { ...always, [ours]: { colour: 'red' } },
  ],
  ['the extension', { attributes: ours }, { ...always, [ours]: whole[ours] }],
  ['a kept extension', { attributes: kept }, { ...always, [kept]: whole[kept] }],
  ['what does not exist', { attributes: 'nonsense,__proto__' }, always],
  ['a set', { attributeSets: 'Request' }, { ...always, icon }],
  [
    'sets and attributes',
    { attributeSets: 'request', attributes: 'title' },
    { ...always, icon, title: 'T' },
  ],
  ['all', { attributeSets: 'all' }, { ...byDefault, icon }],
  ['only what is always returned', { attributeSets: 'always' }, always],
  [
    'without',
    { excludedAttributes: `title,owner,parts,labels,${ours},${kept}` },
    { id: '1', owner: { value: 'o' } },
  ],
  [
    'without a part',
    { attributes: 'parts', excludedAttributes: 'parts.note,id' },
    {
      ...always,
      parts: [
        { value: 'a', fqs: 'A' },
        { value: 'b', fqs: 'B' },
      ],
    },
  ],
  [
    'without one of the extension',
    { attributes: ours, excludedAttributes: `${ours}:size` },
    { ...always, [ours]: { colour: 'red' } },
  ],
]

for (const [name, query, expected] of rows) {
  test(`RFC 7644 §3.9, ${name}`, () => {
    const projection = readProjection(query)
    assert.ok(projection.ok)
    assert.deepEqual(projectResource(whole, schema, projection.value), expected)
  })
}
