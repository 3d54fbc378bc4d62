import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeProtectedHeader, exportJWK, type JWK, jwtVerify } from 'jose'
import { ClientError } from './client-error.ts'
import type { ClientOptions } from './client-options.ts'
import { createClient } from './create-client.ts'
import {
  makeWorld,
  metadataOf,
  metadataPath,
  type Seen,
  startIssuer,
  startTestServer,
  tokenPath,
  tokenReply,
} from './test-server.ts'

const decode = (part: string) => decodeURIComponent(part.replaceAll('+', ' '))

/** RFC 6749 §2.3.1 read back. */
const basicOf = ({ headers }: Seen): readonly string[] => {
  const [scheme, value = ''] = String(headers.authorization).split(' ')
  assert.equal(scheme, 'Basic')
  return Buffer.from(value, 'base64').toString('latin1').split(':').map(decode)
}

test('id and secret arrive whole, whatever they are made of', async (t) => {
  const issuer = await startIssuer()
  t.after(issuer.close)
  const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((each) => each.isWellFormed())
  await fc.assert(
    fc.asyncProperty(text, text, async (clientId, clientSecret) => {
      const options = { issuer: issuer.url, clientId, clientSecret }
      for (const secretIn of ['header', 'body'] as const) {
        const client = createClient({ ...options, secretIn }, makeWorld())
        await client.token()
        client.close()
        const seen = issuer.seen.at(-1)!
        const { form } = seen
        const sent =
          secretIn === 'header' ? basicOf(seen) : [form.get('client_id'), form.get('client_secret')]
        assert.deepEqual(sent, [clientId, clientSecret])
        assert.equal(seen.headers.authorization === undefined, secretIn === 'body')
      }
    }),
    { numRuns: 50 },
  )
})

test('a server that reads secrets in the body only gets them there', async (t) => {
  const more = { token_endpoint_auth_methods_supported: ['client_secret_post'] }
  const issuer = await startTestServer(({ path }, { url }) =>
    path === metadataPath ? metadataOf(url, more) : tokenReply(),
  )
  t.after(issuer.close)
  const options = { issuer: issuer.url, clientId: 'caller', clientSecret: 's' }
  await createClient(options, makeWorld()).token()
  assert.equal(issuer.at(tokenPath)[0]?.form.get('client_secret'), 's')
})

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const ed = generateKeyPairSync('ed25519').privateKey
const pem = (key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1' = 'pkcs8'): string =>
  key.export({ type, format: 'pem' } as never) as unknown as string
const folder = mkdtempSync(join(tmpdir(), 'mintmark-client-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'key.pem')
writeFileSync(file, pem(ec))

interface KeyRow {
  readonly name: string
  readonly key: KeyObject
  readonly options: () => ClientOptions | Promise<ClientOptions>
  readonly header: Readonly<Record<string, string>>
}

const native = (key: KeyObject, algorithm: object) =>
  crypto.subtle.importKey('jwk', key.export({ format: 'jwk' }), algorithm as never, false, ['sign'])

const keyRows: readonly KeyRow[] = [
  { name: 'RSA', key: rsa, options: () => ({ privateKey: pem(rsa) }), header: { alg: 'RS256' } },
  {
    name: 'RSA as PKCS #1, with kid and thumbprint',
    key: rsa,
    options: () => ({ privateKey: pem(rsa, 'pkcs1'), kid: 'billing-2026', x5t: 'abc' }),
    header: { alg: 'RS256', kid: 'billing-2026', x5t: 'abc' },
  },
  {
    name: 'PS256',
    key: rsa,
    options: () => ({ privateKey: pem(rsa), alg: 'PS256' }),
    header: { alg: 'PS256' },
  },
  { name: 'EC', key: ec, options: () => ({ privateKey: pem(ec) }), header: { alg: 'ES256' } },
  {
    name: 'EC as SEC 1',
    key: ec,
    options: () => ({ privateKey: pem(ec, 'sec1') }),
    header: { alg: 'ES256' },
  },
  {
    name: 'EC in a file',
    key: ec,
    options: () => ({ privateKeyFile: file, kid: 'f' }),
    header: { alg: 'ES256', kid: 'f' },
  },
  {
    name: 'a JWK',
    key: ec,
    options: async () => ({ privateKey: { ...(await exportJWK(ec)), kid: 'own' } as JWK }),
    header: { alg: 'ES256', kid: 'own' },
  },
  {
    name: 'Ed25519',
    key: ed,
    options: () => ({ privateKey: pem(ed) }),
    header: { alg: 'Ed25519' },
  },
  {
    name: 'a CryptoKey',
    key: ec,
    options: async () => ({ privateKey: await native(ec, { name: 'ECDSA', namedCurve: 'P-256' }) }),
    header: { alg: 'ES256' },
  },
  {
    name: 'a CryptoKey for PS256',
    key: rsa,
    options: async () => ({ privateKey: await native(rsa, { name: 'RSA-PSS', hash: 'SHA-256' }) }),
    header: { alg: 'PS256' },
  },
]

for (const { name, key, options, header } of keyRows) {
  test(`signs an assertion for the issuer with ${name}`, async (t) => {
    const issuer = await startIssuer()
    t.after(issuer.close)
    const world = makeWorld()
    const stated = { issuer: issuer.url, clientId: 'caller', ...(await options()) }
    const client = createClient(stated, world)
    await client.token()
    await client.token({ scope: 'another' })
    const [first, second] = issuer.at(tokenPath).map(({ form }) => form)
    const assertion = first?.get('client_assertion') ?? ''
    assert.equal(
      first?.get('client_assertion_type'),
      'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    )
    assert.deepEqual(decodeProtectedHeader(assertion), { ...header, typ: 'JWT' })
    const { payload } = await jwtVerify(assertion, createPublicKey(key), {
      issuer: 'caller',
      subject: 'caller',
      audience: issuer.url,
      currentDate: new Date(world.nowMs()),
    })
    assert.equal(Number(payload.exp) - Number(payload.iat), 60)
    assert.match(String(payload.jti), /^[0-9a-f-]{36}$/)
    assert.notEqual(second?.get('client_assertion'), assertion)
  })
}

test('each try has a new jti', async (t) => {
  let tries = 0
  const issuer = await startIssuer(() => {
    tries += 1
    return tries < 3 ? { status: 503 } : tokenReply()
  })
  t.after(issuer.close)
  const options = { issuer: issuer.url, clientId: 'caller', privateKey: pem(ec) }
  await createClient(options, makeWorld()).token()
  const sent = issuer.at(tokenPath).map(({ form }) => form.get('client_assertion'))
  assert.equal(new Set(sent).size, 3)
})

test('an assertion for a domain of another name is meant for its address', async (t) => {
  const issuer = await startTestServer(({ path }, { url }) =>
    path === metadataPath ? metadataOf(url, { issuer: 'https://honest.example' }) : tokenReply(),
  )
  t.after(issuer.close)
  const own = { issuer: issuer.url, clientId: 'caller', privateKey: pem(ec) }
  const both = { ...own, domainUrl: issuer.url, issuer: 'https://honest.example' }
  const stated = { ...own, assertionAudience: 'https://stated.example' }
  for (const [options, audience] of [
    [own, issuer.url + tokenPath],
    [both, 'https://honest.example'],
    [stated, 'https://stated.example'],
  ] as const) {
    const world = makeWorld()
    await createClient(options, world).token()
    const assertion = issuer.seen.at(-1)?.form.get('client_assertion') ?? ''
    const currentDate = new Date(world.nowMs())
    await jwtVerify(assertion, createPublicKey(ec), { audience, currentDate })
  }
})

test('a clock that is ten minutes off is corrected by the server, once', async (t) => {
  const world = makeWorld()
  const serverNowMs = () => world.nowMs() + 600_000
  const issuer = await startIssuer(async ({ form }) => {
    const headers = { date: new Date(serverNowMs()).toUTCString() }
    const options = { currentDate: new Date(serverNowMs()) }
    const assertion = form.get('client_assertion') ?? ''
    const isDated = await jwtVerify(assertion, createPublicKey(ec), options).catch(() => null)
    if (isDated !== null) return { ...tokenReply(), headers }
    return { status: 401, headers, body: { error: 'invalid_client' } }
  })
  t.after(issuer.close)
  const events: string[] = []
  const client = createClient(
    {
      issuer: issuer.url,
      clientId: 'caller',
      privateKey: pem(ec),
      onEvent: ({ type }) => events.push(type),
    },
    world,
  )
  await client.token()
  await client.token({ scope: 'another' })
  assert.equal(issuer.at(tokenPath).length, 3)
  assert.equal(events.filter((each) => each === 'clock_corrected').length, 1)
})

test('an audience that is no URI is asked for with a scope, or refused here', async (t) => {
  const issuer = await startIssuer()
  t.after(issuer.close)
  const options = { issuer: issuer.url, clientId: 'caller', clientSecret: 's', audience: 'parts' }
  const client = createClient(options, makeWorld())
  await assert.rejects(client.token(), /"parts" is no URI.*Set scope/)
  await client.token({ scope: 'read' })
  assert.equal(issuer.at(tokenPath)[0]?.form.get('scope'), 'partsread')
})

test('a secret is never tried again for the clock', async (t) => {
  const headers = { date: 'Thu, 01 Jan 2015 00:00:00 GMT' }
  const issuer = await startIssuer(() => ({
    status: 401,
    headers,
    body: { error: 'invalid_client' },
  }))
  t.after(issuer.close)
  const options = { issuer: issuer.url, clientId: 'caller', clientSecret: 's' }
  await assert.rejects(createClient(options, makeWorld()).token())
  assert.equal(issuer.at(tokenPath).length, 1)
})

const broken: readonly (readonly [string, ClientOptions])[] = [
  ['no PEM', { privateKey: 'MIIEvQIBADANBgkqhkiG-not-a-key' }],
  [
    'a public key',
    { privateKey: createPublicKey(ec).export({ type: 'spki', format: 'pem' }) as string },
  ],
  ['a key for another algorithm', { privateKey: pem(ec), alg: 'RS256' }],
]

for (const [name, options] of broken) {
  test(`says that ${name} cannot sign, and quotes nothing of it`, async (t) => {
    const issuer = await startIssuer()
    t.after(issuer.close)
    const client = createClient({ issuer: issuer.url, clientId: 'caller', ...options }, makeWorld())
    await assert.rejects(client.token(), (error) => {
      assert.ok(error instanceof ClientError)
      assert.equal(error.reason, 'credential_unreadable')
      assert.equal(error.cause, undefined)
      assert.doesNotMatch(error.message, /MII/)
      return true
    })
    assert.equal(issuer.at(tokenPath).length, 0)
  })
}
