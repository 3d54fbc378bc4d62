import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Agent } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  ask,
  basic,
  freePort,
  newConnections,
  newDirectory,
  post,
  type RunningServe,
  startServe,
} from '../test-process.ts'

const core = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const extension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'
const adminId = 'workers-admin'
const secret = 'secret-of-the-first-administrator-99'
const connectionCount = 20
/** More than the refusals that other tests provoke: those must not hide behind a lock-out. */
const failuresMax = 250
const home = newDirectory()
const connections = newConnections(connectionCount)

let server: RunningServe
let bearer = ''

const token = (authorization: string, connection: Agent, more: Record<string, string> = {}) =>
  post(
    `${server.plain}/oauth2/v1/token`,
    { grant_type: 'client_credentials', scope: 'urn:opc:idm:__myscopes__', ...more },
    { authorization, connection },
  )
const onEach = <T>(call: (connection: Agent) => Promise<T>): Promise<T[]> =>
  Promise.all(connections.map(call))
const admin = basic(adminId, secret)
const statuses = (replies: readonly { readonly status: number }[]) =>
  [...new Set(replies.map(({ status }) => status))].sort()

const scim = async (method: string, path: string, body: object) => {
  const reply = await ask(`${server.plain}/admin/v1${path}`, {
    method,
    body: JSON.stringify(body),
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/scim+json' },
    connection: connections[0] as Agent,
  })
  assert.ok(reply.status < 300, `${method} ${path}: ${reply.status} ${reply.text}`)
  return reply.json
}

const createClient = async (displayName: string, more: object = {}) => {
  const created = await scim('POST', '/Apps', {
    schemas: [`${core}App`, extension],
    displayName,
    active: true,
    basedOnTemplate: { value: 'CustomWebAppTemplateId' },
    isOAuthClient: true,
    clientType: 'confidential',
    allowedGrants: ['client_credentials'],
    allowedScopes: [{ fqs: 'https://orders.example/read' }],
    ...more,
  })
  return {
    id: String(created['id']),
    clientId: String(created['name']),
    authorization: basic(String(created['name']), String(created['clientSecret'])),
  }
}

const readScope = { scope: 'https://orders.example/read' }

before(async () => {
  server = await startServe({
    MINTMARK_DATA: join(home.path, 'data'),
    // not 0: that would be another one when no worker is left
    MINTMARK_LISTEN: `127.0.0.1:${await freePort()}`,
    MINTMARK_WORKERS: '2',
    MINTMARK_RATE_LIMIT_FAILURES: String(failuresMax),
    MINTMARK_BOOTSTRAP_CLIENT_ID: adminId,
    MINTMARK_BOOTSTRAP_CLIENT_SECRET: secret,
  })
  const signedIn = await token(admin, connections[0] as Agent)
  bearer = String(signedIn.json['access_token'])
  await scim('POST', '/Apps', {
    schemas: [`${core}App`],
    displayName: 'Orders',
    active: true,
    basedOnTemplate: { value: 'CustomWebAppTemplateId' },
    isOAuthResource: true,
    audience: 'https://orders.example/',
    scopes: [{ value: 'read', description: 'read', requiresConsent: false }],
  })
})
after(async () => {
  await server.end('SIGKILL')
  for (const connection of connections) connection.destroy()
  home.remove()
})

const workerPids = (): readonly number[] =>
  readFileSync(`/proc/${server.child.pid}/task/${server.child.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter((pid) => pid !== '')
    .map(Number)

test('a token revoked through one connection is inactive at once through all', async () => {
  const client = await createClient('introspecting', { allowedOperations: ['introspect'] })
  const introspect = (revoked: string) => (connection: Agent) =>
    post(
      `${server.plain}/oauth2/v1/introspect`,
      { token: revoked },
      { authorization: client.authorization, connection },
    )
  const issued = (await token(client.authorization, connections[1] as Agent, readScope)).json
  const mine = String(issued['access_token'])
  const before = await onEach(introspect(mine))
  for (const { json, text } of before) assert.equal(json['active'], true, text)
  const ended = await post(
    `${server.plain}/oauth2/v1/revoke`,
    { token: mine },
    { authorization: client.authorization, connection: connections[2] as Agent },
  )
  assert.equal(ended.status, 200)
  for (const { json } of await onEach(introspect(mine))) assert.deepEqual(json, { active: false })
})

test('after a deactivation is answered, no connection gets a token', async () => {
  const client = await createClient('to be switched off')
  const ask = (connection: Agent) => token(client.authorization, connection, readScope)
  assert.deepEqual(statuses(await onEach(ask)), [200])
  const schemas = [`${core}AppStatusChanger`]
  await scim('PUT', `/AppStatusChanger/${client.id}`, { schemas, active: false })
  for (let round = 0; round < 10; round += 1) {
    for (const { status, json } of await onEach(ask)) {
      assert.equal(status, 401)
      assert.equal(json['access_token'], undefined)
    }
  }
})

test('an assertion buys one token, whichever connection brings it', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' }
  const client = await createClient('by assertion', {
    [extension]: { authenticationMethods: ['private_key_jwt'], jwks: { keys: [key] } },
  })
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  const text = `${part({ alg: 'ES256', kid: 'one', typ: 'JWT' })}.${part({
    iss: client.clientId,
    sub: client.clientId,
    aud: server.plain,
    jti: randomUUID(),
    iat: now,
    exp: now + 60,
  })}`
  const signature = sign('sha256', Buffer.from(text), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  })
  const form = {
    grant_type: 'client_credentials',
    ...readScope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: `${text}.${signature.toString('base64url')}`,
  }
  const bring = (connection: Agent) => post(`${server.plain}/oauth2/v1/token`, form, { connection })
  const raced = await onEach(bring)
  assert.equal(raced.filter(({ status }) => status === 200).length, 1, JSON.stringify(raced[0]))
  assert.equal((await onEach(bring)).filter(({ status }) => status === 200).length, 0)
})

test('/metrics shows the sum of the workers, whichever is asked', async () => {
  const total = async (connection: Agent) => {
    const { text } = await ask(`${server.plain}/metrics`, { connection })
    const [, count] = text.match(/^mintmark_tokens_issued_total\{alg="RS256"\} (\d+)$/m) ?? []
    return Number(count)
  }
  const [one, other] = [connections[0] as Agent, connections[1] as Agent]
  const start = await total(one)
  assert.deepEqual(statuses(await onEach((connection) => token(admin, connection))), [200])
  assert.deepEqual([await total(one), await total(other)], [start + 20, start + 20])
})

test('a lock-out holds on every connection, also in a worker started later', async () => {
  const client = await createClient('guessed at')
  const wrong = basic(client.clientId, 'wrong')
  for (let at = 0; at < failuresMax; at += 1) {
    await token(wrong, connections[at % connectionCount] as Agent, readScope)
  }
  const right = (connection: Agent) => token(client.authorization, connection, readScope)
  assert.deepEqual(statuses(await onEach(right)), [429])

  const former = workerPids()
  assert.equal(former.length, 2)
  await kill(former[0] as number)
  const fresh = newConnections(connectionCount)
  const answers = await Promise.all(fresh.map((connection) => token(admin, connection)))
  assert.deepEqual(statuses(answers), [200], 'the other goes on')
  while (workerPids().length < 2) await new Promise((fulfil) => setTimeout(fulfil, 20))
  const newcomer = workerPids().find((pid) => !former.includes(pid)) as number
  await kill(former[1] as number)
  const locked = await until(async () => {
    const [connection] = newConnections(1)
    const reply = await token(client.authorization, connection as Agent, readScope)
    connection?.destroy()
    return reply
  })
  assert.equal(locked.status, 429, `by ${newcomer}`)
  assert.equal((await token(admin, newConnections(1)[0] as Agent)).status, 200)
  for (const connection of fresh) connection.destroy()
})

/**
 * Ends a worker and waits until the primary knows: until then it deals connections to the dead.
 */
const kill = (pid: number): Promise<unknown> => {
  const before = server.output().split('a worker ended').length
  process.kill(pid, 'SIGKILL')
  return server.said(new RegExp(`(?:a worker ended[^]*){${before}}`))
}

/** The first answer that comes: a connection dealt to a worker that is ending gets none. */
const until = async <T>(call: () => Promise<T>): Promise<T> => {
  const lastMs = Date.now() + 20_000
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (Date.now() > lastMs) throw error
      await new Promise((fulfil) => setTimeout(fulfil, 20))
    }
  }
}
