import assert from 'node:assert/strict'
import { test } from 'node:test'
import { places, plantRepository } from './planted-repository.ts'
import { secrets } from './secrets.ts'

// Put together here, so that the check does not find its own test.
const machine = ['', 'root', 'project'].join('/')
const shared = ['..', 'shared', 'x.md'].join('/')
const registry = ['registry', 'npmjs', 'org'].join('.')
const key = `-----BEGIN ${'EC '}PRIVATE KEY-----`
const secret = `mms_${'a'.repeat(49)}`

test('paths of a machine, registries, keys and secrets are found in any file', async (t) => {
  const tree = await plantRepository(t, {
    'docs/page.md': ['text', `see ${machine}/file`, `and ${shared}`],
    'service/server/src/a.ts': ['', `const host = '${registry}'`, `const pem = \`${key}\``],
    'README.md': `curl -u demo:${secret}`,
    '.npmrc': `registry=https://${registry}/`,
  })
  assert.deepEqual(places(secrets.run(tree)), [
    '.npmrc:1 secrets',
    'README.md:1 secrets',
    'docs/page.md:2 secrets',
    'docs/page.md:3 secrets',
    'service/server/src/a.ts:2 secrets',
    'service/server/src/a.ts:3 secrets',
  ])
})

test('tests may hold keys and secrets, and still no path of a machine', async (t) => {
  const tree = await plantRepository(t, {
    'core/a.test.ts': [`const pem = \`${key}\``, `const secret = '${secret}'`, `// ${machine}/x`],
  })
  assert.deepEqual(places(secrets.run(tree)), ['core/a.test.ts:3 secrets'])
})

test('a lock file names no address', async (t) => {
  const tree = await plantRepository(t, {
    'package-lock.json': [
      '{ "a": { "resolved": "core/protocol", "link": true },',
      '  "b": { "resolved": "https://packages.example.test/b.tgz" } }',
    ],
  })
  assert.deepEqual(places(secrets.run(tree)), ['package-lock.json:2 secrets'])
})

test('an address or a shortened secret that only looks alike is fine', async (t) => {
  const tree = await plantRepository(t, {
    'docs/page.md': [
      'https://orders.example/work/items, ./home/, mms_8hT…, networks/',
      '-----BEGIN PUBLIC KEY-----',
    ],
  })
  assert.deepEqual(secrets.run(tree), [])
})
