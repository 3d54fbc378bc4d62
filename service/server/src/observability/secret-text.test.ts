import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { isSecretName, redact, redacted, secretText } from './secret-text.ts'

const canary = 'CANARYxw7Q'
const minted = `mms_${canary}dYdWGfyhlM6YM0VpWmy8MaQotT6v4b1IghhfUdpZ32CI`
const jwt = `eyJhbGciOiJFUzI1NiJ9.eyJ${canary}.sig-${canary}_x`

const texts: readonly (readonly [string, string])[] = [
  ['minted secret', `secret ${minted} does not match`],
  ['minted secret, cut off', `mms_${canary}`],
  ['minted secret, percent-encoded', `mms%5F${canary}`],
  ['JWT', `token ${jwt} expired`],
  ['JWT without signature', `eyJhbGciOiJub25lIn0.${canary}${canary}`],
  ['JWT whose header begins with a space', `eyAiYWxnIjoiRVMyNTYifQ.${canary}.${canary}`],
  ['JWT after percent-encoding', `access_token%3D${jwt}`],
  ['JWT glued to a word', `x${jwt}`],
  ['Basic', `authorization is Basic ${canary}Yjpj`],
  ['basic in small letters', `basic   ${canary}=`],
  ['Basic, percent-encoded', `Authorization%3A%20Basic%20${canary}`],
  ['Bearer opaque', `Bearer ${canary}.x-y`],
  ['Bearer, only small letters', `bearer ${canary.toLowerCase()}`],
  ['form', `grant_type=client_credentials&client_secret=${canary}&scope=a`],
  ['form with a quotation mark in the value', `password=a'${canary}`],
  ['query', `/oauth2/v1/token?token=${canary}`],
  ['form inside percent-encoding', `client_secret%3D${canary}`],
  ['JSON', `{"client_secret":"${canary}","x":1}`],
  ['JSON with escapes', `{"password":"a\\"${canary}\\\\","x":1}`],
  ['JSON value that ends in a backslash', `{"secret":"x\\\\","password":"${canary}"}`],
  ['JSON in JSON', JSON.stringify({ msg: JSON.stringify({ password: `a"${canary}` }) })],
  ['JSON thrice', JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ token: canary }) }) })],
  ['private JWK', `{"kty":"EC","d":"${canary}"}`],
  ['inspected object', inspect({ clientSecret: canary })],
  ['header line', `Cookie: a=b; session=${canary}`],
  ['header line with a foreign scheme', `authorization: Negotiate ${canary}`],
  ['YAML', `clientSecret: ${canary}`],
  ['private key', `-----BEGIN EC PRIVATE KEY-----\n${canary}\n-----END EC PRIVATE KEY-----`],
  ['private key, cut off', `-----BEGIN PRIVATE KEY-----\\n${canary}`],
  ['URL', `https://me:${canary}@example.test/`],
]

for (const [name, text] of texts) {
  test(`redact: ${name}`, () => {
    const clean = redact(text)
    assert.ok(!clean.toLowerCase().includes(canary.toLowerCase()), clean)
    assert.ok(clean.includes(redacted), clean)
    const line = redact(JSON.stringify({ level: 'info', deep: { list: [text] }, end: 'kept' }))
    assert.ok(!line.toLowerCase().includes(canary.toLowerCase()), line)
    assert.equal(JSON.parse(line).end, 'kept')
  })
}

test('redact: what is no secret stays as it is', () => {
  for (const text of [
    'Client authentication failed. Check client_id and client_secret.',
    'The client uses Basic authentication.',
    'Bearer realm="domain", error="invalid_token"',
    'a Bearer token is missing',
    'MISTYPED_SECRET  checksum does not match; copy it again or rotate',
    'https://auth.example.test:8482/oauth2/v1/token',
    '{"endpoint":"token","client":"demo-app","kid":"2026-11-21-k7","tokens":7}',
    'mms_',
  ]) {
    assert.equal(redact(text), text)
  }
})

test('redact: hostile text costs linear time', () => {
  const hostile = [
    'eyJ'.repeat(100_000),
    '\\'.repeat(300_000),
    '"'.repeat(300_000),
    '"d":"'.repeat(60_000),
    'token='.repeat(50_000),
    'basic '.repeat(50_000),
    '-----BEGIN PRIVATE KEY-----'.repeat(10_000),
    '://a:'.repeat(60_000),
    `"${'a'.repeat(300_000)}`,
    `cookie: ${'\\'.repeat(200_000)}`,
    "token: 'token: '".repeat(20_000),
  ]
  for (const text of hostile) {
    // Quadratic would be minutes: the test run's own limit is what fails it.
    const started = performance.now()
    redact(text)
    assert.ok(performance.now() - started < 10_000, text.slice(0, 20))
  }
})

test('secret names are told from names that merely mention one', () => {
  for (const name of [
    'client_secret',
    'clientSecret',
    'authorization',
    'set-cookie',
    'id_token',
    'private_key',
    'privateKey',
    'client_assertion',
    'DPoP',
  ]) {
    assert.ok(isSecretName(name), name)
  }
  for (const name of ['client', 'tokens', 'tokenEndpoint', 'secretsCount', 'kid']) {
    assert.ok(!isSecretName(name), name)
  }
})

test('a secret text hides in every conversion', () => {
  const secret = secretText(canary)
  assert.equal(secret.reveal(), canary)
  for (const shown of [
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }),
    inspect(secret),
    inspect(secret, { showHidden: true, depth: 9 }),
    String(secret),
  ]) {
    assert.ok(!shown.includes(canary), shown)
  }
})

test('what the server says of credentials is no credential', () => {
  const source = join(import.meta.dirname, '../../../../core/protocol/src')
  const files = readdirSync(source).filter((name) => /^rfc.*(?<!test)\.ts$/.test(name))
  const sentence = /'([^'\n]*\b(?:Basic|Bearer|DPoP) [^'\n]*\.)'/g
  const said = files.flatMap((name) =>
    [...readFileSync(join(source, name), 'utf8').matchAll(sentence)].map(([, text = '']) => text),
  )
  assert.ok(said.length > 15, `${said.length} sentences`)
  for (const text of said) assert.equal(redact(text), text)
})
