import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DomainSource, formatMistakes } from './mistake.ts'
import { readDomainFile } from './read-domain-file.ts'

const sourceOf = (...texts: string[]): DomainSource => ({
  files: texts.map((text, at) => ({ name: `${'abc'[at]}.yaml`, text })),
  readBeside: () => {
    throw new Error('no such file')
  },
})

test('the shortest entries have their defaults', () => {
  const read = readDomainFile(
    sourceOf(
      'apis:\n  - {name: A, audience: urn:a, tokenLifetime: 15m}\n',
      'applications:\n  - name: b\n',
    ),
  )
  assert.ok(read.ok)
  const [api] = read.value.apis
  assert.equal(api?.profile, 'identity-domain')
  assert.equal(api?.tokenLifetimeSeconds, 900)
  assert.equal(api?.active, null)
  const [application] = read.value.applications
  assert.deepEqual(application?.grants, ['client_credentials'])
  assert.equal(application?.authentication.secret, 'minted')
  assert.equal(application?.reach, 'specific')
})

test('durations', () => {
  const rows: readonly [string, number | null][] = [
    ['60', 60],
    ['90s', 90],
    ['15m', 900],
    ['1h', 3600],
    ['30d', 2_592_000],
    ['"1h"', 3600],
    ['0', null],
    ['-1', null],
    ['1.5', null],
    ['1w', null],
    ['h', null],
  ]
  for (const [text, seconds] of rows) {
    const read = readDomainFile(
      sourceOf(`apis: [{name: A, audience: urn:a, tokenLifetime: ${text}}]`),
    )
    assert.equal(read.ok ? read.value.apis[0]?.tokenLifetimeSeconds : null, seconds, text)
  }
})

const mistakes: readonly [string, string, RegExp][] = [
  ['no YAML', 'apis: [', /^a\.yaml:\d+:\d+ {2}/],
  ['a list on top', '- a', /1:1 {2}This must be a mapping/],
  ['an unknown part', 'api: []', /1:1 {2}There is no field "api". Did you mean "apis"\?/],
  [
    'an unknown field',
    'apis:\n  - name: A\n    audeince: urn:a\n',
    /3:5 {2}apis\[0\]: .*"audeince". Did you mean "audience"\?\n {8}audeince: urn:a\n {8}\^/,
  ],
  [
    'a field that is missing',
    'apis:\n  - name: A\n',
    /2:5 {2}apis\[0\]: The field audience is missing\./,
  ],
  [
    'a number as name',
    'applications:\n  - name: 123\n',
    /2:11 {2}applications\[0\]\.name: This must be a text\. Put it in quotation marks\./,
  ],
  [
    'a text as flag',
    'applications:\n  - {name: a, active: "yes"}\n',
    /active: This must be true or false/,
  ],
  [
    'a word that is none',
    'apis: [{name: A, audience: u, profile: rfc9086}]',
    /Did you mean "rfc9068"\?/,
  ],
  ['a text as list', 'applications:\n  - {name: a, may: introspect}\n', /may: This must be a list/],
  [
    'an operation that is none',
    'applications:\n  - {name: a, may: [introspct]}\n',
    /2:21 {2}applications\[0\]\.may\[0\]: .*Did you mean "introspect"\?/,
  ],
  [
    'a grant type that is none',
    'applications:\n  - {name: a, grants: [client_credential]}\n',
    /2:24 .*grants\[0\]: .*Did you mean "client_credentials"\?/,
  ],
  [
    'both sides without the other',
    'applications: [{name: a, alsoApi: true}]',
    /There is no "a" under apis\./,
  ],
  [
    'scopes for a group',
    'groups: [{name: g, access: [{api: A, scopes: [s]}]}]',
    /roles, not scopes/,
  ],
  ['a user twice', 'users: [{userName: a}, {userName: A}]', /"A" is there already/],
  ['no certificate', 'authorities: [{alias: a, pem: "-----BEGIN x"}]', /is no certificate/],
  ['a field twice', 'applications:\n  - name: a\n    name: b\n', /3:5 {2}.*unique/],
  [
    'a name twice',
    'apis: [{name: A, audience: u}]\napplications: [{name: a}]',
    /2:23 {2}applications\[0\]\.name: "a" is there already \(a\.yaml:1\)/,
  ],
  [
    'no way to authenticate',
    'applications: [{name: a, authentication: {}}]',
    /This says no way at all/,
  ],
  [
    'another word',
    'applications: [{name: a, authentication: password}]',
    /must be the word secret/,
  ],
  [
    'two subjects',
    'applications: [{name: a, authentication: {tlsSubject: {dns: x, ip: y}}}]',
    /exactly one of/,
  ],
  [
    'a file that is not there',
    'applications: [{name: a, authentication: {certificate: ./x.pem}}]',
    /"\.\/x\.pem" cannot be read/,
  ],
  ['a number as description', 'applications: [{name: a, description: 12}]', /quotation marks/],
  ['a billion laughs', 'a: &a [x,x]\nb: &b [*a,*a]\napis: [*b]', /There is no field "a"/],
]

test('every mistake has its place, and what to do', () => {
  for (const [name, text, expected] of mistakes) {
    const source = sourceOf(text)
    const read = readDomainFile(source)
    assert.ok(!read.ok, name)
    assert.match(formatMistakes(read.failure, source.files), expected, name)
  }
})

test('all mistakes of all files at once, in their order', () => {
  const source = sourceOf(
    'applications:\n  - name: a\n    actvie: true\n    type: secret\n',
    'apis:\n  - name: A\n    audience: 1\n',
  )
  const read = readDomainFile(source)
  assert.ok(!read.ok)
  const places = formatMistakes(read.failure, source.files)
    .split('\n')
    .filter((line) => /^[ab]\.yaml/.test(line))
    .map((line) => line.split('  ', 1)[0])
  assert.deepEqual(places, ['a.yaml:3:5', 'a.yaml:4:11', 'b.yaml:2:11', 'b.yaml:3:15'])
})

test('aliases are followed, and cannot grow without end', () => {
  const shared = [
    'apis:',
    '  - {name: A, audience: "urn:a", scopes: &s [x, y]}',
    '  - {name: B, audience: "urn:b", scopes: *s}',
  ]
  const read = readDomainFile(sourceOf(shared.join('\n')))
  assert.ok(read.ok)
  assert.deepEqual(
    read.value.apis[1]?.scopes.map(({ value }) => value),
    ['x', 'y'],
  )
  const many = `[${Array(500).fill('x').join(',')}]`
  const roles = `[${Array(500).fill('{name: r, scopes: *s}').join(',')}]`
  const bomb = [
    'apis:',
    `  - {name: A, audience: "urn:a", scopes: &s ${many}, roles: &r ${roles}}`,
    '  - {name: B, audience: "urn:b", roles: *r}',
  ]
  const refused = readDomainFile(sourceOf(bomb.join('\n')))
  assert.ok(!refused.ok)
  assert.match(refused.failure[0]?.what ?? '', /holds too much/)
})
