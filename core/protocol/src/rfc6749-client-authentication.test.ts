import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  jwtBearerAssertionType,
  parseBasicCredentials,
  readPresentedCredential,
} from './rfc6749-client-authentication.ts'
import { parseForm } from './rfc6749-form-encoding.ts'

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')
const basic = (id: string, secret: string): string => `Basic ${base64(`${id}:${secret}`)}`

const outcome = (authorization: string | undefined, body = '') => {
  const form = parseForm(new TextEncoder().encode(body))
  assert.ok(form.ok)
  const read = readPresentedCredential({ authorization, form: form.value })
  return read.ok ? read.value : read.failure.reason
}

const good: readonly [title: string, header: string, id: string, secret: string][] = [
  ['plain', basic('app', 's3cret'), 'app', 's3cret'],
  ['scheme in any case', basic('app', 's').replace('Basic', 'bAsIc'), 'app', 's'],
  ['two spaces', basic('app', 's').replace(' ', '  '), 'app', 's'],
  ['no padding', basic('app', 'se').replace(/=+$/, ''), 'app', 'se'],
  ['raw colon in the secret', basic('app', 'a:b:c'), 'app', 'a:b:c'],
  ['encoded colon in the id', basic('an%3Aid', 's'), 'an:id', 's'],
  [
    'everything form-encoded (CA-03)',
    basic('an%3Aid+%25%26%2B%C3%A9', '+%25%26%2B%3A%C3%A9%22'),
    'an:id %&+é',
    ' %&+:é"',
  ],
  ['raw UTF-8', basic('é', 'ü'), 'é', 'ü'],
  [
    '512 and 1024 characters',
    basic('i'.repeat(512), 's'.repeat(1024)),
    'i'.repeat(512),
    's'.repeat(1024),
  ],
]

for (const [title, header, clientId, secret] of good) {
  test(`Basic, ${title}`, () => {
    const read = parseBasicCredentials(header)
    assert.ok(read.ok)
    assert.deepEqual(
      { clientId, secret },
      { clientId: read.value.clientId, secret: read.value.secret },
    )
  })
}

const bad: readonly [title: string, header: string][] = [
  ['empty header', ''],
  ['scheme alone', 'Basic'],
  ['scheme and space', 'Basic '],
  ['not base64', 'Basic !!!'],
  ['base64url alphabet', `Basic ${'_-_-'}`],
  ['space inside', `Basic ${base64('app:s')} x`],
  ['newline inside', `Basic ${base64('app:s').slice(0, 4)}\n${base64('app:s').slice(4)}`],
  ['one character too many', `Basic ${base64('app:sx')}A`],
  ['three pads', 'Basic QQ==='],
  ['pad without need', 'Basic YXA6=='],
  ['no colon', `Basic ${base64('app')}`],
  ['not UTF-8', `Basic ${Buffer.of(0x61, 0x3a, 0xff).toString('base64')}`],
  ['un-encoded percent in the id', basic('100%', 's')],
  ['control character in the id', basic('a%0Ab', 's')],
  ['control character in the secret', basic('a', 's%7F')],
  ['empty id', basic('', 's')],
  ['empty secret', basic('app', '')],
  ['id too long', basic('i'.repeat(513), 's')],
  ['secret too long', basic('i', 's'.repeat(1025))],
  ['Bearer', 'Bearer abc'],
  ['scheme that starts alike', basic('a', 'b').replace('Basic', 'Basics')],
  ['tab after the scheme', basic('a', 'b').replace(' ', '\t')],
]

for (const [title, header] of bad) {
  test(`CREDENTIALS_MALFORMED: ${title}`, () => {
    const parsed = parseBasicCredentials(header)
    assert.equal(!parsed.ok && parsed.failure.reason, 'CREDENTIALS_MALFORMED')
    assert.equal(outcome(header), 'CREDENTIALS_MALFORMED')
  })
}

const app = basic('app', 's')
const jwt = `client_assertion=a.b.c&client_assertion_type=${jwtBearerAssertionType}`
const presented: readonly [
  title: string,
  header: string | undefined,
  body: string,
  out: unknown,
][] = [
  [
    'Basic',
    app,
    '',
    { method: 'client_secret_basic', clientId: 'app', secret: 's', rawSecret: 's' },
  ],
  [
    'Basic and its own client_id',
    app,
    'client_id=app',
    { method: 'client_secret_basic', clientId: 'app', secret: 's', rawSecret: 's' },
  ],
  [
    'Basic and empty secret and assertion (TE-06)',
    app,
    'client_secret=&client_assertion=&client_assertion_type=',
    { method: 'client_secret_basic', clientId: 'app', secret: 's', rawSecret: 's' },
  ],
  ['Basic and another client_id', app, 'client_id=other', 'CLIENT_ID_MISMATCH'],
  ['Basic and secret', app, 'client_secret=s', 'SEVERAL_AUTHENTICATION_METHODS'],
  ['Basic and assertion', app, jwt, 'SEVERAL_AUTHENTICATION_METHODS'],
  [
    'Basic and assertion without type',
    app,
    'client_assertion=a.b.c',
    'SEVERAL_AUTHENTICATION_METHODS',
  ],
  [
    'secret and assertion',
    undefined,
    `client_id=app&client_secret=s&${jwt}`,
    'SEVERAL_AUTHENTICATION_METHODS',
  ],
  ['all three', app, `client_secret=s&${jwt}`, 'SEVERAL_AUTHENTICATION_METHODS'],
  [
    'post',
    undefined,
    'client_id=app&client_secret=s+%C3%A9',
    { method: 'client_secret_post', clientId: 'app', secret: 's é' },
  ],
  ['post without id', undefined, 'client_secret=s', 'CREDENTIALS_MALFORMED'],
  [
    'post with control character',
    undefined,
    'client_id=app&client_secret=%0A',
    'CREDENTIALS_MALFORMED',
  ],
  ['id of 10 kB', undefined, `client_id=${'a'.repeat(10_000)}`, 'CREDENTIALS_MALFORMED'],
  ['id with control byte', undefined, 'client_id=a%01', 'CREDENTIALS_MALFORMED'],
  ['assertion', undefined, jwt, { method: 'assertion', clientId: null, assertion: 'a.b.c' }],
  [
    'assertion and client_id',
    undefined,
    `client_id=app&${jwt}`,
    { method: 'assertion', clientId: 'app', assertion: 'a.b.c' },
  ],
  ['assertion without type', undefined, 'client_assertion=a.b.c', 'ASSERTION_TYPE_MISSING'],
  [
    'unknown type',
    undefined,
    'client_assertion=a.b.c&client_assertion_type=urn:foo',
    'ASSERTION_TYPE_UNSUPPORTED',
  ],
  ['type alone', undefined, `client_assertion_type=${jwtBearerAssertionType}`, 'ASSERTION_MISSING'],
  ['client_id alone', undefined, 'client_id=app', { method: 'none', clientId: 'app' }],
  ['nothing', undefined, 'client_id=', { method: 'none', clientId: null }],
  ['Bearer and secret', 'Bearer x', 'client_id=app&client_secret=s', 'CREDENTIALS_MALFORMED'],
  ['Digest', 'Digest username="a"', '', 'CREDENTIALS_MALFORMED'],
]

for (const [title, header, body, out] of presented) {
  test(`presented: ${title}`, () => assert.deepEqual(outcome(header, body), out))
}

for (const raw of ['100%', 'a%00']) {
  test(`CA-05 ${raw} is no form-encoded secret, and kept as it was sent`, () => {
    const value = { clientId: 'app', secret: null, rawSecret: raw }
    assert.deepEqual(parseBasicCredentials(basic('app', raw)), { ok: true, value })
  })
}

test('refusals never carry what was presented', () => {
  for (const [, header] of bad) {
    const parsed = parseBasicCredentials(header)
    assert.ok(!parsed.ok)
    assert.equal(parsed.failure.detail, undefined)
    assert.doesNotMatch(parsed.failure.operator ?? '', /s3cret|YXA6|abc/)
  }
})

test('form-encoded id and secret survive Basic', () => {
  const word = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    .filter((text) => !/\p{Cc}/u.test(text) && text.isWellFormed() && text.length <= 200)
  fc.assert(
    fc.property(word, word, (clientId, secret) => {
      const header = basic(encodeURIComponent(clientId), encodeURIComponent(secret))
      const rawSecret = encodeURIComponent(secret)
      const value = { clientId, secret, rawSecret }
      assert.deepEqual(parseBasicCredentials(header), { ok: true, value })
    }),
  )
})
