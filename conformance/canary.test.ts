import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { appExtension, appSchema } from './kit/administration.ts'
import { introspect, issue, revoke } from './kit/afterlife.ts'
import { askToken, askTokenInBody, askWithAssertion, basicOf, post } from './kit/ask.ts'
import { makeCanaries, readFiles, readValues } from './kit/canaries.ts'
import { ask, newCode, plainDoor, trySignIn, visit } from './kit/console.ts'
import { cBasic, makeClient, makeKeyClient, rs } from './kit/fixtures.ts'
import { type Answer, basic, type Call, rawBasic, send } from './kit/http.ts'
import { assertionType, makeAssertion, makePair } from './kit/jwt.ts'
import { noDataFile } from './kit/mintmark-domain.ts'
import { sendRaw } from './kit/raw-socket.ts'
import { useMintmark } from './kit/start-domain.ts'
import { type Client, introspectionPath, revocationPath, tokenPath } from './kit/test-domain.ts'

const workers = { MINTMARK_WORKERS: '2', MINTMARK_LOG_LEVEL: 'debug' }
const domain = await useMintmark({ exempt: false, environment: workers })
const canaries = makeCanaries()
/** Everything that came back and has no reason to hold a secret. */
const answers: string[] = []

const note = (answer: Answer): Answer => {
  answers.push(`${answer.status} ${answer.rawHeaders.join('\n')}\n${answer.text}`)
  return answer
}

const paths = [tokenPath, introspectionPath, revocationPath]
const grant = { grant_type: 'client_credentials' }

/** Right secrets through the doors they are for. */
const useRightSecrets = async (): Promise<void> => {
  await issue(domain, await cBasic(domain))
  const api = await rs(domain)
  const chosen = canaries.make('chosen secret')
  const clients = [await makeClient(domain), await makeClient(domain, { secret: chosen })]
  for (const client of clients) {
    canaries.keep('secret of a client', client.secret)
    for (const ask of [askToken, askTokenInBody]) {
      const answer = await ask(domain, client)
      assert.equal(answer.status, 200, answer.text)
      const token = canaries.keep('access token', String(answer.json?.['access_token']))
      note(await introspect(domain, api.client as Client, token))
      note(await revoke(domain, client, token))
      note(
        await send({ url: `${domain.url}/admin/v1/Apps`, method: 'GET', headers: bearer(token) }),
      )
    }
  }
  const [first] = clients as [Client]
  const rotated = await domain.rotateSecret(first, 60)
  canaries.keep('rotated secret', rotated.secret)
  note(await askToken(domain, first, { scope: 'unknown' }))
  note(await askTokenInBody(domain, first, { scope: 'unknown' }))
  const sharer = await makeClient(domain, { methods: ['client_secret_jwt'] })
  canaries.keep('sealed secret', sharer.secret)
  const apps = await domain.admin.ask('GET', '/Apps?attributeSets=all')
  note(apps)
  assert.equal(apps.status, 200)
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** Secrets that are wrong, in every place a secret is expected. */
const useWrongSecrets = async (): Promise<void> => {
  const client = await makeClient(domain)
  canaries.keep('secret of a client', client.secret)
  for (const path of paths) {
    const door = `wrong secret at ${path}`
    const wrong = { ...client, secret: canaries.make(`${door} in Basic`) }
    note(await post(domain, path, grant, basicOf(wrong)))
    const raw = rawBasic(client.clientId, canaries.make(`${door} in raw Basic`))
    note(await post(domain, path, grant, { authorization: raw }))
    const client_secret = canaries.make(`${door} in the body`)
    note(await post(domain, path, { ...grant, client_id: client.clientId, client_secret }))
    note(
      await post(domain, path, {
        ...grant,
        client_id: 'nobody',
        client_secret: canaries.make(door),
      }),
    )
    const token = canaries.make(`token at ${path}`)
    note(await post(domain, path, { ...grant, token }, basicOf(client)))
  }
  // somebody mixed up the two fields
  const swapped = canaries.keep('secret in place of the client id', client.secret)
  note(await post(domain, tokenPath, grant, { authorization: basic(swapped, client.clientId) }))
  note(await post(domain, tokenPath, { ...grant, client_id: swapped, client_secret: 'x' }))
  // two methods at once, both right
  const both = { ...grant, client_id: client.clientId, client_secret: client.secret }
  note(await post(domain, tokenPath, both, basicOf(client)))
}

/** Secrets in a place where they do not belong. */
const useWrongPlaces = async (): Promise<void> => {
  const client = await makeClient(domain)
  for (const path of [
    ...paths,
    '/',
    '/nowhere',
    '/admin/v1/Apps',
    '/console/',
    '/console/session',
  ]) {
    const secret = canaries.make(`query string of ${path}`)
    const url = `${domain.url}${path}?client_id=${client.clientId}&client_secret=${secret}`
    note(await send({ url, method: 'GET' }))
    const encoded = secret.replace('C', '%43')
    note(await post(domain, `${path}?client_secret=${encoded}`, grant, basicOf(client)))
    note(
      await send({ url: `${domain.url}${path}/${canaries.make(`path ${path}`)}`, method: 'GET' }),
    )
  }
  const headers: Call['headers'] = {
    authorization: `Bearer ${canaries.make('Bearer')}`,
    cookie: `session=${canaries.make('Cookie')}`,
    'x-api-key': canaries.make('X-Api-Key'),
    'x-request-id': canaries.make('X-Request-Id'),
    'user-agent': canaries.make('User-Agent'),
    referer: `https://x/?client_secret=${canaries.make('Referer')}`,
    'x-forwarded-for': canaries.make('X-Forwarded-For'),
    'client-cert': `:${canaries.make('Client-Cert')}:`,
  }
  for (const path of [...paths, '/admin/v1/Apps']) note(await post(domain, path, grant, headers))
  for (const scheme of ['Digest', 'DPoP', 'Basic']) {
    const authorization = `${scheme} ${canaries.make(`Authorization: ${scheme}`)}`
    note(await post(domain, tokenPath, grant, { authorization }))
  }
}

/** Requests that no parser can make sense of. */
const useBadRequests = async (): Promise<void> => {
  const json = (door: string) => JSON.stringify({ ...grant, client_secret: canaries.make(door) })
  for (const path of [...paths, '/admin/v1/Apps']) {
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x']) {
      const headers = { 'content-type': type, ...bearer('x') }
      note(await send({ url: domain.url + path, headers, body: json(`${type} at ${path}`) }))
    }
    const twice = canaries.make(`repeated at ${path}`)
    const repeated = [
      ['client_secret', twice],
      ['client_secret', twice],
    ] as const
    note(await post(domain, path, repeated))
    const broken = `client_id=x&client_secret=${canaries.make(`broken form at ${path}`)}%zz%ff`
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    note(await send({ url: domain.url + path, headers, body: broken }))
    const large = `client_secret=${canaries.make(`large body at ${path}`)}${'x'.repeat(2_000_000)}`
    await send({ url: domain.url + path, headers, body: large }).then(note, () => null)
  }
  for (const head of ['POST /oauth2/v1/token HTTP/1.1\r\nHost: x\r\n', 'GARBAGE ', 'POST ']) {
    const secret = canaries.make(`raw bytes after ${JSON.stringify(head.slice(0, 12))}`)
    answers.push(
      await sendRaw(domain.url, `${head}Authorization: Basic\0 ${secret}\r\n\r\n${secret}`),
    )
  }
}

/** Assertions right and wrong: their signatures, and what people put into them. */
const useAssertions = async (): Promise<void> => {
  const client = await makeKeyClient(domain, [makePair('ES256')])
  const make = (claims: Readonly<Record<string, unknown>>, header = {}) => {
    const assertion = makeAssertion(client, domain.issuer, client.pair, { claims, header })
    canaries.keep('signature of an assertion', assertion.split('.')[2] as string)
    return assertion
  }
  const right = make({ secret: canaries.make('claim of an assertion') })
  canaries.keep('assertion', right)
  const used = await askWithAssertion(domain, right)
  canaries.keep('access token', String(used.json?.['access_token']))
  note(await askWithAssertion(domain, right))
  const strange = canaries.make('claims of a wrong assertion')
  for (const claims of [
    { aud: strange },
    { iss: strange },
    { exp: strange },
    { jti: strange, exp: 1 },
  ]) {
    note(await askWithAssertion(domain, make(claims)))
  }
  note(await askWithAssertion(domain, make({}, { typ: canaries.make('typ of an assertion') })))
  note(await askWithAssertion(domain, canaries.make('no assertion at all')))
  const client_assertion = canaries.make('assertion of another type')
  note(
    await post(domain, tokenPath, {
      ...grant,
      client_assertion,
      client_assertion_type: `${assertionType}x`,
    }),
  )
  // a name is no secret, but the rest of an assertion for another name is as much one as ever
  note(await askWithAssertion(domain, make({ sub: 'nobody', secret: strange })))
}

/** SCIM bodies that hold what they should not. */
const useAdministration = async (): Promise<void> => {
  const base = {
    schemas: [appSchema, appExtension],
    displayName: 'Canary',
    basedOnTemplate: { value: 'CustomWebAppTemplateId' },
    isOAuthClient: true,
    clientType: 'confidential',
  }
  const ask = async (door: string, make: (secret: string) => object) =>
    note(await domain.admin.ask('POST', '/Apps', { ...base, ...make(canaries.make(door)) }))
  const refusals = [
    await ask('clientSecret by SCIM', (clientSecret) => ({ clientSecret })),
    await ask('unknown attribute', (password) => ({ password })),
    await ask('secret too short for its method', (secret) => ({
      [appExtension]: { secret: { value: secret } },
    })),
    await ask('private key', (d) => ({
      [appExtension]: { jwks: { keys: [{ ...makePair('ES256').publicJwk, d }] } },
    })),
    await ask('symmetric key', (k) => ({
      [appExtension]: { jwks: { keys: [{ kty: 'oct', k }] } },
    })),
    await ask('user name in a key set address', (secret) => ({
      [appExtension]: { jwksUri: `https://user:${secret}@keys.example/` },
    })),
  ]
  for (const answer of refusals.slice(1)) assert.ok(answer.status >= 400, answer.text)
  const secret = canaries.make('cut JSON')
  const headers = { ...bearer(await administratorToken()), 'content-type': 'application/scim+json' }
  const body = `{"schemas":["${appSchema}"],"clientSecret":"${secret}`
  note(await send({ url: `${domain.url}/admin/v1/Apps`, headers, body }))
}

const administratorToken = async (): Promise<string> => {
  const administrator = await makeClient(domain)
  const filter = encodeURIComponent('displayName eq "Application Administrator"')
  const { Resources } = await domain.admin.call('GET', `/AppRoles?filter=${filter}`)
  await domain.admin.grantRole(
    'IDCSAppId',
    (Resources as { id: string }[])[0]?.id ?? '',
    administrator,
  )
  const token = await issue(domain, administrator, { scope: 'urn:opc:idm:__myscopes__' })
  return canaries.keep('administrator token', token)
}

/** Signing in at the console, rightly and wrongly. */
const useConsole = async (): Promise<void> => {
  const door = plainDoor(domain)
  const pairingCode = await newCode(domain)
  codes.push(pairingCode)
  const visitor = await visit(door, { pairingCode })
  const token = canaries.keep('session', visitor.cookie.split('=')[1] ?? '')
  canaries.keep('CSRF token', visitor.csrfToken)
  note(await ask(visitor, 'GET', '/admin/v1/Users'))
  note(await ask(visitor, 'DELETE', '/admin/v1/Users/nobody'))
  const query = `?session=${token}&pairingCode=${pairingCode}`
  note(await ask(visitor, 'GET', `/console/pairing${query}`))
  note(await trySignIn(door, { pairingCode: canaries.make('pairing code') }))
  note(await trySignIn(door, { pairingCode }))
  const client = await makeClient(domain)
  canaries.keep('secret of a client', client.secret)
  note(await trySignIn(door, { clientId: client.clientId, clientSecret: client.secret }))
  const clientSecret = canaries.make('wrong secret at the console')
  note(await trySignIn(door, { clientId: client.clientId, clientSecret }))
  note(await trySignIn(door, { clientId: clientSecret, clientSecret: 'x' }))
  note(await trySignIn(door, { password: canaries.make('unknown member at the console') }))
  note(await ask(visitor, 'DELETE', '/console/session'))
}

/** Too short for a canary, and nothing else looks like them. */
const codes: string[] = []
const codesIn = (text: string): readonly string[] => codes.filter((code) => text.includes(code))

describe('no secret turns up where it was not sent', () => {
  it('through every door, and then looked for everywhere', { skip: noDataFile }, async () => {
    await useRightSecrets()
    await useAssertions()
    await useAdministration()
    await useConsole()
    await useWrongPlaces()
    await useBadRequests()
    await useWrongSecrets()
    const metrics = await send({ url: `${domain.url}/metrics`, method: 'GET' })
    assert.equal(metrics.status, 200)
    assert.deepEqual(canaries.foundIn(metrics.text), [], 'in the metrics')
    for (const answer of answers) {
      assert.deepEqual(canaries.foundIn(answer), [], `in the answer ${answer.slice(0, 600)}`)
      assert.deepEqual(codesIn(answer), [], `in the answer ${answer.slice(0, 600)}`)
    }
    lookIntoFiles('while it runs')
    await domain.process().stop()
    lookIntoFiles('after it ended')
    // what is no secret is there: the search looks at the right places
    const { clientId } = await cBasic(domain)
    assert.ok(domain.log().includes(clientId), 'the log names no client')
    const files = [...readFiles(domain.dataDirectory).values()]
    assert.ok(
      files.some((bytes) => bytes.includes(clientId)),
      'the database names no client',
    )
    assert.deepEqual(codesIn(domain.log()), [], 'in the log')
    for (const line of domain.log().split('\n')) {
      assert.deepEqual(canaries.foundIn(line), [], `in the log line ${line.slice(0, 600)}`)
    }
  })

  const lookIntoFiles = (when: string): void => {
    const files = readFiles(domain.dataDirectory)
    const names = [...files.keys()].map((path) => path.slice(domain.dataDirectory.length))
    assert.ok(
      names.some((name) => name.endsWith('.db')),
      `no database among ${names}`,
    )
    if (when === 'while it runs') assert.ok(names.some((name) => name.endsWith('-wal')))
    for (const [path, bytes] of files) {
      assert.deepEqual(canaries.foundIn(bytes), [], `in ${path} ${when}`)
      assert.deepEqual(codesIn(bytes), [], `in ${path} ${when}`)
      if (!path.endsWith('.db')) continue
      const values = readValues(path)
      assert.ok(values.length > 100, `only ${values.length} values in ${path}`)
      for (const value of values) {
        assert.deepEqual(canaries.foundIn(value), [], `in the value ${value.slice(0, 200)} ${when}`)
      }
    }
  }

  it('the search finds what is there', () => {
    const mine = makeCanaries()
    const secret = mine.make('planted')
    const spellings = [
      secret,
      `x${Buffer.from(`abc:${secret}`).toString('base64')}`,
      Buffer.from(`ab${secret}`).toString('base64url'),
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret, 'utf16le').toString('latin1'),
    ]
    for (const text of spellings) assert.deepEqual(mine.foundIn(`..${text}..`), ['planted'], text)
    assert.deepEqual(mine.foundIn(randomBytes(4096).toString('base64')), [])
  })
})
