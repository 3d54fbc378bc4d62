import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { ClientError } from './client-error.ts'
import type { ClientOptions } from './client-options.ts'
import { readSettings } from './read-settings.ts'
import { makeWorld } from './test-server.ts'

const secret = 'never-to-be-seen'
const enough: ClientOptions = { issuer: 'https://i.example', clientId: 'c', clientSecret: secret }
const read = (options: ClientOptions, environment: Record<string, string> = {}) =>
  readSettings(options, makeWorld(environment))

const refused: readonly (readonly [string, ClientOptions, RegExp])[] = [
  ['nothing', {}, /MINTMARK_ISSUER/],
  ['no client', { issuer: 'https://i.example' }, /MINTMARK_CLIENT_ID/],
  ['no credential', { issuer: 'https://i.example', clientId: 'c' }, /MINTMARK_CLIENT_SECRET/],
  ['plain http', { ...enough, issuer: 'http://i.example' }, /plain http: http:\/\/i\.example/],
  ['no URL', { ...enough, issuer: 'i.example' }, /issuer is no http or https URL/],
  ['a URL with credentials', { ...enough, issuer: 'https://a:b@i.example' }, /credentials/],
  ['two secrets', { ...enough, clientSecretFile: 'f' }, /not both/],
  ['secret and key', { ...enough, privateKeyFile: 'f' }, /not both/],
  ['a certificate without its key', { ...enough, certificateFile: 'f' }, /give both/],
  [
    'an origin with a path',
    { ...enough, allowedOrigins: ['https://a.example/b'] },
    /"https:\/\/a\.example"/,
  ],
  ['an origin over plain http', { ...enough, allowedOrigins: ['http://a.example'] }, /plain http/],
  ['a wait without end', { ...enough, maxWaitSeconds: Number.POSITIVE_INFINITY }, /maxWaitSeconds/],
]

for (const [name, options, pattern] of refused) {
  test(`refuses ${name}`, () => {
    assert.throws(
      () => read(options),
      (error) => {
        assert.ok(error instanceof ClientError)
        assert.equal(error.reason, 'not_configured')
        assert.match(error.message, pattern)
        assert.ok(!inspect(error).includes(secret))
        return true
      },
    )
  })
}

const origins: readonly (readonly [ClientOptions, readonly string[]])[] = [
  [{}, []],
  [{ audience: 'orders' }, []],
  [{ audience: 'https://a.example/orders' }, ['https://a.example']],
  [{ audience: 'http://a.example/' }, []],
  [{ audience: 'http://localhost:8480/demo/orders' }, ['http://localhost:8480']],
  [{ resource: 'https://b.example/x' }, ['https://b.example']],
  [{ audience: 'https://a.example', allowedOrigins: [] }, []],
  [
    { audience: 'https://a.example', allowedOrigins: ['https://c.example/'] },
    ['https://c.example'],
  ],
]

for (const [options, expected] of origins) {
  test(`tokens of ${JSON.stringify(options)} go to [${expected}]`, () => {
    assert.deepEqual([...read({ ...enough, ...options }).allowedOrigins], expected)
  })
}

test('everything can come from the environment', () => {
  const settings = read(
    {},
    {
      MINTMARK_ISSUER: 'https://e.example',
      MINTMARK_CLIENT_ID: 'from-there',
      MINTMARK_CLIENT_SECRET_FILE: '/run/secrets/s',
      MINTMARK_AUDIENCE: 'https://a.example',
      MINTMARK_SCOPE: 'w r',
    },
  )
  assert.equal(settings.clientId, 'from-there')
  assert.deepEqual(settings.secret, { file: '/run/secrets/s' })
  assert.deepEqual(settings.target, {
    issuer: 'https://e.example',
    audience: 'https://a.example',
    scopes: ['r', 'w'],
    resource: null,
  })
})

test('the code goes before the environment; of credentials it takes none from there', () => {
  const environment = {
    MINTMARK_CLIENT_SECRET: 'e',
    MINTMARK_PRIVATE_KEY_FILE: 'f',
    MINTMARK_SCOPE: 's',
  }
  const settings = read({ ...enough, scope: undefined } as unknown as ClientOptions, environment)
  assert.deepEqual(settings.secret, { text: secret })
  assert.equal(settings.key, null)
  assert.deepEqual(settings.target.scopes, ['s'])
})
