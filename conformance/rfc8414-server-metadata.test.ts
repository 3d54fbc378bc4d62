import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { allowInsecureRequests, discoveryRequest, processDiscoveryResponse } from 'oauth4webapi'
import { assertOk } from './kit/answers.ts'
import { post } from './kit/ask.ts'
import { cBasic } from './kit/fixtures.ts'
import { type Answer, send } from './kit/http.ts'
import { startOurs, useMintmark } from './kit/start-domain.ts'
import { introspectionPath, revocationPath, tokenPath } from './kit/test-domain.ts'

const domain = await useMintmark()
const oauthPath = '/.well-known/oauth-authorization-server'
const openidPath = '/.well-known/openid-configuration'
const oraclePath = '/.well-known/idcs-configuration'

const get = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  send({ url: domain.url + path, method: 'GET', headers })

const metadata = async (): Promise<Readonly<Record<string, unknown>>> =>
  (await get(oauthPath)).json ?? {}

test('MD-01 the metadata is one JSON object', async () => {
  for (const path of [oauthPath, openidPath, oraclePath]) {
    const answer = await get(path)
    equal(answer.status, 200)
    match(answer.headers['content-type'] ?? '', /^application\/json/)
    ok(answer.json !== null, path)
  }
})

test('MD-02 without a setting the issuer is the domain URL', async () => {
  equal((await metadata())['issuer'], domain.url)
})

test('MD-02 MD-03 a configured issuer with a path is where clients look for it', async () => {
  const issuer = 'https://id.example/t1/'
  const other = await startOurs({ environment: { MINTMARK_ISSUER: issuer } })
  try {
    const at = (path: string) => send({ url: other.url + path, method: 'GET' })
    const document = await at(`${oauthPath}/t1`)
    equal(document.status, 200)
    equal(document.json?.['issuer'], issuer)
    deepEqual((await at(`/t1${openidPath}`)).json, document.json)
    deepEqual((await at(openidPath)).json, document.json)
    for (const [method, status] of [
      ['HEAD', 200],
      ['OPTIONS', 405],
      ['POST', 405],
    ] as const) {
      const answer = await send({ url: `${other.url}/t1${openidPath}`, method })
      deepEqual([answer.status, answer.text === ''], [status, method === 'HEAD'])
      equal(answer.headers.allow, status === 405 ? 'GET, HEAD' : undefined)
    }
    equal((await at(`${oauthPath}/t2`)).status, 404)
    equal((await at(`/t2${openidPath}`)).status, 404)
    const spoofed = await send({
      url: other.url + openidPath,
      method: 'GET',
      headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example' },
    })
    deepEqual(spoofed.json, document.json)
  } finally {
    await other.stop()
  }
})

test('MD-03 an issuer that is a word has no path to look at', async () => {
  const other = await startOurs({ environment: { MINTMARK_WORKERS: '2' } })
  try {
    await other.admin.call('PATCH', '/Settings/Settings', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'issuer', value: 'acme' }],
    })
    for (const [path, status] of [
      [oauthPath, 200],
      [`${oauthPath}/x`, 404],
      [`/x${openidPath}`, 404],
    ] as const) {
      const answer = await send({ url: other.url + path, method: 'GET' })
      equal(answer.status, status, `${path} ${answer.text}`)
    }
  } finally {
    await other.stop()
  }
})

test('MD-04 the endpoints are absolute and where they say', async () => {
  const document = await metadata()
  const paths = {
    token_endpoint: tokenPath,
    introspection_endpoint: introspectionPath,
    revocation_endpoint: revocationPath,
  }
  for (const [name, path] of Object.entries(paths)) equal(document[name], domain.url + path)
  for (const name of ['token', 'introspection', 'revocation']) {
    match(String(document[`secure_${name}_endpoint`]), /^https:\/\/[^#?]+$/)
  }
})

test('MD-05 a server without authorization endpoint lists no response types', async () => {
  const document = await metadata()
  for (const name of ['response_types_supported', 'authorization_endpoint']) {
    ok(!(name in document), name)
  }
})

test('MD-06 the grant types are spelt out, and only those that work', async () => {
  const grants = (await metadata())['grant_types_supported'] as readonly string[]
  deepEqual(grants.toSorted(), ['client_credentials', 'tls_cert_auth', 'tls_client_auth'])
})

test('MD-09 introspection and revocation say how clients prove themselves there', async () => {
  const document = await metadata()
  const name = 'endpoint_auth_methods_supported'
  for (const endpoint of ['introspection', 'revocation']) {
    deepEqual(document[`${endpoint}_${name}`], document[`token_${name}`])
    const algorithms = document[`${endpoint}_endpoint_auth_signing_alg_values_supported`]
    deepEqual(algorithms, document['token_endpoint_auth_signing_alg_values_supported'])
    const path = endpoint === 'introspection' ? introspectionPath : revocationPath
    equal((await post(domain, path, { token: 'x' })).status, 401)
  }
})

const emptyLists = (value: unknown, at: string): readonly string[] => {
  if (Array.isArray(value)) return value.length === 0 ? [at] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => emptyLists(member, `${at}.${name}`))
}

test('MD-10 no list is empty', async () => {
  for (const path of [oauthPath, openidPath, oraclePath]) {
    deepEqual(emptyLists((await get(path)).json, path), [])
  }
})

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

test('MD-11 the key set holds public keys only, each with its own kid', async () => {
  const answer = await get(new URL(String((await metadata())['jwks_uri'])).pathname)
  equal(answer.status, 200)
  const keys = answer.json?.['keys'] as readonly Readonly<Record<string, unknown>>[]
  ok(keys.length >= 2, 'a key for each algorithm')
  for (const key of keys) {
    equal(typeof key['kid'], 'string')
    equal(key['use'], 'sig')
    equal(typeof key['alg'], 'string')
    for (const name of privateMembers) ok(!(name in key), `${key['kid']} has ${name}`)
    if (key['kty'] === 'RSA') ok(Buffer.from(String(key['n']), 'base64url').length >= 256)
    else equal(key['crv'], 'P-256')
  }
  equal(new Set(keys.map((key) => key['kid'])).size, keys.length)
})

test('MD-12 documents can be kept for a while, and asked about', async () => {
  for (const path of [oauthPath, openidPath, '/.well-known/jwks.json']) {
    const { headers } = await get(path)
    const seconds = Number(/max-age=(\d+)/.exec(headers['cache-control'] ?? '')?.[1])
    ok(seconds > 0 && seconds <= 3600, `${path}: ${headers['cache-control']}`)
    const tag = headers.etag ?? ''
    match(tag, /^"[^"]+"$/)
    const same = await get(path, { 'if-none-match': tag })
    equal(same.status, 304)
    equal(same.text, '')
    equal(same.headers.etag, tag)
    equal((await get(path, { 'if-none-match': `"x", W/${tag}` })).status, 304)
    equal((await get(path, { 'if-none-match': '"other"' })).status, 200)
  }
})

test('MD-14 all documents say the same', async () => {
  const oauth = await metadata()
  deepEqual((await get(openidPath)).json, oauth)
  deepEqual((await get(oraclePath)).json?.['openid-configuration'], oauth)
})

test('MD-15 members have the types of the registry', async () => {
  for (const [name, value] of Object.entries(await metadata())) {
    if (name.endsWith('_supported')) {
      ok(Array.isArray(value), name)
      for (const each of value) equal(typeof each, 'string', name)
    } else if (name.endsWith('_endpoint') || name.endsWith('_uri') || name === 'issuer') {
      ok(URL.canParse(String(value)), name)
    } else if (name === 'mtls_endpoint_aliases') {
      for (const each of Object.values(value as object)) ok(URL.canParse(String(each)), name)
    } else if (name.startsWith('tls_')) equal(typeof value, 'boolean', name)
    else throw new Error(`${name} is no member that these tests know`)
  }
})

test('MD-17 any origin may read the documents and the keys, nothing else', async () => {
  const origin = { origin: 'https://evil.example' }
  for (const path of [oauthPath, openidPath, '/.well-known/jwks.json']) {
    equal((await get(path, origin)).headers['access-control-allow-origin'], '*')
  }
  for (const path of ['/admin/v1/Apps', '/healthz', '/oauth2/v1/token']) {
    equal((await get(path, origin)).headers['access-control-allow-origin'], undefined)
  }
})

test('MD-18 the scopes listed are scopes', async () => {
  const scopes = (await metadata())['scopes_supported'] as readonly string[]
  for (const scope of scopes) match(scope, /^[\x21\x23-\x5b\x5d-\x7e]+$/)
})

test('MD-19 a client that knows another spelling of the issuer refuses the document', async () => {
  const discover = async (issuer: string) => {
    const options = { algorithm: 'oauth2', [allowInsecureRequests]: true } as const
    const response = await discoveryRequest(new URL(domain.url), options)
    return processDiscoveryResponse(new URL(issuer), response)
  }
  equal((await discover(domain.url).catch((error: Error) => error.message)) !== '', true)
  await rejects(discover(`${domain.url}/other`))
  await rejects(discover(domain.url.replace('localhost', '127.0.0.1')))
})

test('MD-01 the documents are read only', async () => {
  assertOk(await post(domain, tokenPath, { grant_type: 'client_credentials' }, await proof()))
  for (const path of [oauthPath, '/.well-known/jwks.json']) {
    const answer = await send({ url: domain.url + path, method: 'POST' })
    ok([404, 405].includes(answer.status), String(answer.status))
    ok(answer.json !== null)
  }
})

const proof = async () => {
  const { clientId, secret } = await cBasic(domain)
  const pair = Buffer.from(`${clientId}:${secret}`).toString('base64')
  return { authorization: `Basic ${pair}` }
}
