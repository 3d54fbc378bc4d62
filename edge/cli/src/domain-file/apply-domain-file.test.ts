import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import {
  type ExampleServer,
  openExampleServer,
} from '@mintmark/server/administration/example-server'
import { applyDomainFile } from './apply-domain-file.ts'
import type { DomainSource } from './mistake.ts'
import { formatPlan } from './plan.ts'
import type { Send } from './present-state.ts'

const orders = `apis:
  - name: Orders
    audience: https://orders.example/
    profile: rfc9068
    tokenLifetime: 15m
    scopes:
      - { name: orders.read, description: Read orders }
      - orders.write
    roles:
      - { name: OrderWriter, scopes: [orders.read, orders.write] }
      - Auditor
applications:
  - name: nightly-billing
    active: true
    authentication: secret
    access:
      - { api: Orders, scopes: [orders.read], roles: [OrderWriter] }
    defaultApi: Orders
  - name: siebel-ai
    clientId: siebel_ai
    active: true
    may: [introspect]
`

const sourceOf = (text: string, beside: Record<string, string> = {}): DomainSource => ({
  files: [{ name: 'domain.yaml', text }],
  readBeside: (_file, path) => {
    const found = beside[path]
    if (found === undefined) throw new Error('no such file')
    return found
  },
})

const sendTo =
  (server: ExampleServer, counts?: { writes: number }): Send =>
  async ({ method, path, query, body }) => {
    if (method !== 'GET' && counts !== undefined) counts.writes++
    return server.call(method, path, body ?? null, query === undefined ? {} : { query })
  }

const applyTo = (server: ExampleServer, text: string, more: object = {}) =>
  applyDomainFile({
    source: sourceOf(text),
    send: sendTo(server),
    nowMs: server.nowMs,
    ...more,
  })

const appOf = async (server: ExampleServer, name: string) => {
  const query = { filter: `displayName eq "${name}"` }
  return (await server.call('GET', '/Apps', null, { query })).body.Resources[0]
}

const linesOf = (result: Awaited<ReturnType<typeof applyTo>>): readonly string[] => {
  assert.ok(result.ok, result.ok ? '' : result.failure.message)
  return formatPlan(result.value.plan).split('\n')
}

const extension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'

test('a dozen lines make a domain; a second time changes nothing', async () => {
  await using server = await openExampleServer()
  const first = await applyTo(server, orders)
  assert.deepEqual(linesOf(first), [
    '+ api Orders           (new)  audience https://orders.example/' +
      '  scopes orders.read orders.write',
    '+ app nightly-billing  (new; a secret will be generated and printed once)',
    '+ app siebel-ai        (new; a secret will be generated and printed once)',
    '3 to add, 0 to change, 0 to remove',
  ])
  assert.ok(first.ok)
  assert.deepEqual(
    first.value.secrets.map(({ application, clientSecret }) => [application, clientSecret.length]),
    [
      ['nightly-billing', 53],
      ['siebel-ai', 53],
    ],
  )
  assert.equal(first.value.secrets[1]?.clientId, 'siebel_ai')
  const app = await appOf(server, 'nightly-billing')
  const api = await appOf(server, 'Orders')
  assert.equal(app.active, true)
  assert.equal(app[extension].defaultResourceServer, api.id)
  assert.deepEqual(app.allowedScopes, [
    { fqs: 'https://orders.example/orders.read', idOfDefiningApp: api.id },
  ])
  assert.equal(app.grantedAppRoles[0].display, 'OrderWriter')
  assert.equal(api.active, true)
  assert.equal(api.accessTokenExpiry, 900)
  assert.equal(api[extension].signingAlgorithm, 'ES256')

  const counts = { writes: 0 }
  const events = (await server.events()).length
  const second = await applyTo(server, orders, { send: sendTo(server, counts) })
  assert.ok(second.ok)
  assert.equal(second.value.changed, false)
  assert.deepEqual(linesOf(second), [
    '= api Orders',
    '= app nightly-billing',
    '= app siebel-ai',
    '0 to add, 0 to change, 0 to remove',
  ])
  assert.equal(counts.writes, 0)
  assert.equal((await server.events()).length, events)
})

test('changes are told before they are made, and a dry run makes none', async () => {
  await using server = await openExampleServer()
  await applyTo(server, orders)
  const changed = orders
    .replace('scopes: [orders.read], roles: [OrderWriter]', 'scopes: [orders.read, orders.write]')
    .replace('    may: [introspect]', '    active: false\n')
    .replace('    active: true\n    active: false', '    active: false')
    .replace('clientId: siebel_ai\n    active: true', 'clientId: siebel_ai')
  const expected = [
    '= api Orders',
    '~ app nightly-billing  scopes  orders.read → orders.read orders.write',
    '                       roles  OrderWriter → (none)',
    '~ app siebel-ai        state  active → inactive',
    '                       may  introspect → (none)',
    '0 to add, 2 to change, 0 to remove',
  ]
  const told: string[] = []
  const onPlan = (plan: Parameters<typeof formatPlan>[0]) => told.push(formatPlan(plan))
  const trial = await applyTo(server, changed, { dryRun: true, onPlan })
  assert.deepEqual(linesOf(trial), expected)
  assert.deepEqual(told[0]?.split('\n'), expected)
  assert.equal((await appOf(server, 'siebel-ai')).active, true)
  const real = await applyTo(server, changed)
  assert.deepEqual(linesOf(real), expected)
  assert.equal((await appOf(server, 'siebel-ai')).active, false)
  assert.deepEqual((await appOf(server, 'nightly-billing')).grantedAppRoles, [])
})

test('scopes and audience of an API in use move together with their users', async () => {
  await using server = await openExampleServer()
  await applyTo(server, orders)
  const moved = orders
    .replaceAll('orders.read', 'orders.get')
    .replace('https://orders.example/', 'https://orders.new/')
    .replace('      - Auditor\n', '')
  const result = await applyTo(server, moved)
  assert.deepEqual(
    linesOf(result),
    [
      '~ api Orders           audience  https://orders.example/ → https://orders.new/',
      '                       scopes  orders.read orders.write → orders.get orders.write',
      '                       scope descriptions  2 scopes → 2 scopes',
      '                       role OrderWriter  orders.read orders.write → orders.get orders.write',
      '- api Orders           role Auditor  will NOT be removed (needs --prune)',
      '~ app nightly-billing  scopes  https://orders.example/orders.read → orders.get',
      '= app siebel-ai',
      '0 to add, 2 to change, 0 to remove',
    ].map((line) => line.replace('2 scopes → 2 scopes', 'changed')),
  )
  const api = await appOf(server, 'Orders')
  assert.equal(api.audience, 'https://orders.new/')
  assert.deepEqual(api.secondaryAudiences, [])
  assert.deepEqual(
    api.scopes.map(({ value }: { value: string }) => value),
    ['orders.get', 'orders.write'],
  )
})

test('what somebody else still uses stays, and nothing else is done either', async () => {
  await using server = await openExampleServer()
  await applyTo(server, orders)
  const apis = orders.slice(0, orders.indexOf('applications:'))
  const onlyApi = `${apis.replaceAll('orders.read', 'orders.get')}
  - name: Second
    audience: urn:second
`
  const result = await applyTo(server, onlyApi)
  assert.ok(!result.ok)
  assert.equal(result.failure.exitCode, 6)
  assert.match(
    result.failure.message,
    /^domain\.yaml:2:11 {2}api Orders: .*'nightly-billing'.*Take the scopes from them first\.\n/,
  )
  assert.match(result.failure.message, /\n {4} {2}- name: Orders\n {4} {10}\^/)
  assert.equal(await appOf(server, 'Second'), undefined)
})

test('what the file cannot say is left alone', async () => {
  await using server = await openExampleServer()
  await applyTo(server, orders)
  const app = await appOf(server, 'nightly-billing')
  const contactEmailAddress = 'billing@example.com'
  await server.call('PUT', `/Apps/${app.id}`, { ...app, contactEmailAddress })
  const changed = orders.replace('active: true', 'description: every night\n    active: true')
  assert.ok((await applyTo(server, changed)).ok)
  const after = await appOf(server, 'nightly-billing')
  assert.equal(after.contactEmailAddress, contactEmailAddress)
  assert.equal(after.description, 'every night')
  // unsaid: it stays as it is
  await server.call('PUT', `/AppStatusChanger/${app.id}`, {
    schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:AppStatusChanger'],
    active: false,
  })
  await applyTo(
    server,
    changed.replace('    active: true\n    authentication', '    authentication'),
  )
  assert.equal((await appOf(server, 'nightly-billing')).active, false)
})

test('every way to prove oneself, and back to a secret', async () => {
  await using server = await openExampleServer()
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwks = {
    keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', note: 'x' }],
  }
  const beside = { 'keys.json': JSON.stringify(jwks), 'secret.txt': 'a secret from before\n' }
  const text = (way: string): string => `applications:\n  - name: app\n    authentication: ${way}\n`
  const run = async (way: string) => {
    const options = {
      source: sourceOf(text(way), beside),
      send: sendTo(server),
      nowMs: server.nowMs,
    }
    const result = await applyDomainFile(options)
    assert.ok(result.ok, result.ok ? '' : result.failure.message)
    const again = await applyDomainFile(options)
    assert.equal(again.ok && again.value.changed, false, way)
    return { result: result.value, app: (await appOf(server, 'app'))[extension] }
  }
  const keyed = await run('{ jwks: keys.json }')
  assert.deepEqual(keyed.result.secrets, [])
  assert.deepEqual(keyed.app.authenticationMethods, ['private_key_jwt'])
  const remote = await run('{ jwksUri: https://keys.example/jwks }')
  assert.equal(remote.app.jwks, undefined)
  const subject = await run('{ tlsSubject: "CN=billing, O=Acme" }')
  assert.deepEqual(subject.app.certificateSubject, {
    kind: 'subject_dn',
    value: 'CN=billing, O=Acme',
  })
  const named = await run('{ tlsSubject: { dns: billing.example } }')
  assert.deepEqual(named.app.authenticationMethods, ['tls_client_auth'])
  const secret = await run('secret')
  assert.equal(secret.result.secrets.length, 1)
  assert.equal(secret.app.certificateSubject, undefined)
  const fine = `applications:\n  - name: old\n    authentication: { secretFile: secret.txt }\n`
  const taken = await applyDomainFile({
    source: sourceOf(fine, beside),
    send: sendTo(server),
    nowMs: server.nowMs,
  })
  assert.deepEqual(taken.ok && taken.value.secrets, [])
  assert.equal((await appOf(server, 'old'))[extension].secrets[0].origin, 'chosen')
})

test('names that nothing has: all at once, each at its place', async () => {
  await using server = await openExampleServer()
  const wrong = `apis:
  - name: Orders API
    audience: urn:orders
    scopes: [orders.read]
    roles: [{ name: Writer, scopes: [orders.wriet] }]
applications:
  - name: a
    access:
      - { api: Ordrs API, scopes: [x] }
      - { api: Orders API, scopes: [orders.raed], roles: [Wirter] }
    defaultApi: IDCS Applicatoin
`
  const result = await applyTo(server, wrong)
  assert.ok(!result.ok)
  assert.equal(result.failure.exitCode, 6)
  const roles = 'applications[0].access[1]'
  assert.deepEqual(
    result.failure.message
      .split('\n')
      .flatMap((line) => /^domain\.yaml:(.*)$/.exec(line)?.[1] ?? []),
    [
      '5:38  apis[0].roles[0].scopes[0]: API "Orders API" has no scope "orders.wriet".' +
        ' Did you mean "orders.read"?',
      '9:16  applications[0].access[0].api: No API named "Ordrs API".' +
        ' Did you mean "Orders API" (domain.yaml:2)?',
      `10:37  ${roles}.scopes[0]: API "Orders API" has no scope "orders.raed".` +
        ' Did you mean "orders.read"?',
      `10:59  ${roles}.roles[0]: API "Orders API" has no role "Wirter". Did you mean "Writer"?`,
      '11:17  applications[0].defaultApi: No API named "IDCS Applicatoin".' +
        ' Did you mean "IDCS Application"?',
    ],
  )
  assert.deepEqual(await server.events(), [])
})

test('roles of the domain are granted by name, taken where the file speaks of them', async () => {
  await using server = await openExampleServer()
  const withRole = (role: string) => `applications:
  - name: tool
    access:
      - { api: IDCS Application, roles: [${role}] }
`
  assert.ok((await applyTo(server, withRole('Audit Administrator'))).ok)
  const silent = await applyTo(server, 'applications:\n  - name: tool\n')
  assert.deepEqual(linesOf(silent)[0], '= app tool')
  const other = await applyTo(server, withRole('Me'))
  assert.deepEqual(linesOf(other)[0], '~ app tool  roles  Audit Administrator → Me')
  assert.equal((await appOf(server, 'tool')).grantedAppRoles[0].display, 'Me')
})
