import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { apiBody, appExtension, appUrn, clientBody, openExampleServer } from './example-server.ts'

const orders = apiBody('Orders', 'https://orders.example/', ['orders.read', 'orders.write'])
const messageIdOf = (body: Record<string, { messageId: string }>) =>
  body['urn:ietf:params:scim:api:oracle:idcs:extension:messages:Error']?.messageId

test('a client: created, read, listed, replaced, deactivated, deleted', async () => {
  await using server = await openExampleServer()
  const api = await server.call('POST', '/Apps', orders)
  assert.equal(api.status, 201)
  const created = await server.call(
    'POST',
    '/Apps',
    clientBody('Billing', {
      id: 'mine', // read-only: passed over on POST
      active: true,
      allowedScopes: [{ fqs: 'https://orders.example/orders.read' }],
      contactEmailAddress: 'billing@example.com',
      [appExtension]: { defaultResourceServer: api.body.id },
    }),
  )
  assert.equal(created.status, 201)
  const app = created.body
  assert.match(app.id, /^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/)
  assert.match(app.name, /^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/)
  assert.notEqual(app.id, app.name)
  assert.match(app.clientSecret, /^mms_[0-9A-Za-z]{49}$/)
  assert.equal(app.ocid, `ocid1.domainapp.oc1..${'a'.repeat(28)}${app.id}`)
  assert.match(app.meta.version, /^[0-9a-f]{32}$/)
  assert.equal(app.meta.location, `http://localhost:8480/admin/v1/Apps/${app.id}`)
  assert.equal(created.headers['location'], app.meta.location)
  assert.equal(created.headers['etag'], `"${app.meta.version}"`)
  assert.equal(app.idcsCreatedBy.display, 'Admin')
  assert.deepEqual(app.allowedScopes, [
    { fqs: 'https://orders.example/orders.read', idOfDefiningApp: api.body.id },
  ])

  const read = await server.call('GET', `/Apps/${app.id}`)
  assert.equal(read.status, 200)
  assert.equal(read.body.clientSecret, undefined)
  const { clientSecret: _, ...rest } = app
  assert.deepEqual(read.body, rest)
  const [secret] = read.body[appExtension].secrets
  assert.equal(secret.ending, app.clientSecret.slice(-3))
  assert.deepEqual(Object.keys(secret).toSorted(), ['created', 'ending', 'id', 'label', 'origin'])
  assert.equal((await server.call('GET', `/Apps/${app.ocid}`)).body.id, app.id)

  // what was read can be sent back
  const same = await server.call('PUT', `/Apps/${app.id}`, read.body)
  assert.equal(same.status, 200, JSON.stringify(same.body))
  assert.equal(same.body.meta.version, app.meta.version)
  server.nowMs += 1000
  const renamed = await server.call('PUT', `/Apps/${app.id}`, {
    ...read.body,
    displayName: 'Bills',
  })
  assert.equal(renamed.status, 200)
  assert.notEqual(renamed.body.meta.version, app.meta.version)
  assert.equal(renamed.body.contactEmailAddress, 'billing@example.com')
  assert.equal(renamed.body.active, true)

  const active = await server.call('DELETE', `/Apps/${app.id}`, null, {
    query: { forceDelete: 'true' },
  })
  assert.equal(active.status, 400)
  assert.match(active.body.detail, /Deactivate it first/)
  const schemas = ['urn:ietf:params:scim:schemas:oracle:idcs:AppStatusChanger']
  const off = await server.call('PUT', `/AppStatusChanger/${app.id}`, { active: false, schemas })
  assert.equal(off.status, 200)
  assert.equal(off.body.active, false)
  const deleted = await server.call('DELETE', `/Apps/${app.id}`)
  assert.deepEqual(deleted, { status: 204, headers: {}, body: null })
  assert.equal((await server.call('GET', `/Apps/${app.id}`)).status, 404)

  const events = await server.events()
  assert.deepEqual(
    events.map(({ action }) => action),
    [
      'application.create',
      'application.create',
      'application.replace',
      'application.deactivate',
      'application.delete',
    ],
  )
  assert.ok(!JSON.stringify(events).includes(app.clientSecret))
  assert.deepEqual(events[3]?.['detail'], { before: { active: true }, after: { active: false } })
})

test('lists: filters over what can be searched, and pages', async () => {
  await using server = await openExampleServer()
  await server.call('POST', '/Apps', orders)
  for (const name of ['Alpha', 'Beta', 'Gamma'])
    await server.call('POST', '/Apps', clientBody(name))
  const list = async (query: Record<string, string>) => {
    const { status, body } = await server.call('GET', '/Apps', null, { query })
    assert.equal(status, 200, body.detail)
    return [
      body.totalResults,
      body.Resources.map((each: { displayName: string }) => each.displayName),
    ]
  }
  assert.deepEqual(await list({ filter: 'displayName eq "beta"' }), [1, ['Beta']])
  assert.deepEqual(await list({ filter: 'isOAuthResource eq true' }), [
    2,
    ['IDCS Application', 'Orders'],
  ])
  assert.deepEqual(
    await list({ filter: 'isOAuthClient eq true and active eq false', count: '2' }),
    [3, ['Alpha', 'Beta']],
  )
  assert.deepEqual(await list({ filter: 'isOAuthClient eq true', startIndex: '3', count: '2' }), [
    3,
    ['Gamma'],
  ])
  assert.deepEqual(await list({ filter: 'id eq "IDCSAppId"' }), [1, ['IDCS Application']])
  assert.deepEqual(await list({ filter: 'displayName eq "Alpha" and displayName eq "Beta"' }), [
    0,
    [],
  ])
  assert.deepEqual(await list({ count: '0' }), [5, []])
  const narrow = await server.call('GET', '/Apps', null, {
    query: { filter: 'displayName eq "Alpha"', attributes: `name,${appUrn}:clientType` },
  })
  assert.deepEqual(Object.keys(narrow.body.Resources[0]).toSorted(), [
    'basedOnTemplate',
    'clientType',
    'disableKmsiTokenAuthentication',
    'displayName',
    'id',
    'isAliasApp',
    'meterAsOPCService',
    'name',
    'serviceParams',
  ])
  const refused: readonly [Record<string, string>, RegExp][] = [
    [{ filter: 'displayName is "A"' }, /column 13/],
    [{ filter: 'landingPageUrl eq "x"' }, /cannot be searched by 'landingPageUrl'/],
    [{ filter: 'active eq "true"' }, /compared with true or false/],
    [{ filter: 'dispalyName eq "A"' }, /Did you mean "displayName"/],
    [{ sortBy: 'scopes' }, /cannot be sorted by 'scopes'.*displayName/],
    [{ sortBy: 'nonsense' }, /has no attribute "nonsense"/],
    [{ sortOrder: 'up' }, /ascending or descending/],
    [{ attributes: 'a b' }, /attributes column 2/],
    [{ attributeSets: 'some' }, /attributeSets has no value "some"/],
    [{ limit: '2', count: '2' }, /two ways of paging/],
    [{ page: 'x' }, /not one that a list has named/],
    [{ startIndex: 'x' }, /startIndex/],
  ]
  for (const [query, message] of refused) {
    const { status, body } = await server.call('GET', '/Apps', null, { query })
    assert.equal(status, 400)
    assert.match(body.detail, message)
  }
})

test('what is wrong with a body is said, by attribute', async () => {
  await using server = await openExampleServer()
  await server.call('POST', '/Apps', orders)
  const rows: readonly [string, unknown, number, RegExp][] = [
    ['a list', [], 400, /JSON object/],
    ['nothing', null, 400, /JSON object/],
    ['no schemas', { displayName: 'x' }, 400, /schemas/],
    ['another schema', { schemas: [appUrn.replace('App', 'Apps')] }, 400, /Did you mean/],
    ['an unknown attribute', clientBody('x', { disabled: true }), 400, /no attribute "disabled"/],
    ['a misspelt one', clientBody('x', { allowedScope: [] }), 400, /Did you mean "allowedScopes"/],
    [
      'an unknown one of ours',
      clientBody('x', { [appExtension]: { jwk: 1 } }),
      400,
      /Did you mean "jwks"/,
    ],
    [
      'a prototype',
      JSON.parse(
        '{"schemas":["urn:ietf:params:scim:schemas:oracle:idcs:App"],"__proto__":{"displayName":"x"}}',
      ),
      400,
      /no attribute "__proto__"/,
    ],
    ['one name in two cases', clientBody('x', { DISPLAYNAME: 'y' }), 400, /there twice/],
    ['a flag as text', clientBody('x', { active: 'true' }), 400, /active must be true or false/],
    [
      'a text as list',
      clientBody('x', { allowedGrants: 'client_credentials' }),
      400,
      /must be a list/,
    ],
    [
      'a wrong grant',
      clientBody('x', { allowedGrants: ['client_credential'] }),
      400,
      /Did you mean "client_credentials"/,
    ],
    [
      'a scope without fqs',
      clientBody('x', { allowedScopes: [{}] }),
      400,
      /allowedScopes\[0\].fqs/,
    ],
    [
      'two missing',
      { schemas: [appUrn] },
      400,
      /^Missing required attribute\(s\): displayName,basedOnTemplate\.$/,
    ],
    ['no clientType', clientBody('x', { clientType: null }), 400, /clientType/],
    ['no audience', { ...orders, displayName: 'x', audience: '' }, 400, /cannot be an audience/],
    [
      'a name that is taken, in other letters',
      clientBody('ORDERS'),
      409,
      /There is an application/,
    ],
    [
      'scopes of a side it has not',
      clientBody('x', { scopes: [{ value: 'y' }] }),
      400,
      /isOAuthResource/,
    ],
    [
      'a scope that is none',
      clientBody('x', { allowedScopes: [{ fqs: 'https://orders.example/orders.raed' }] }),
      400,
      /Did you mean "https:\/\/orders.example\/orders.read"/,
    ],
    [
      'a certificate that is none',
      clientBody('x', { certificates: ['nobody'] }),
      400,
      /No certificate has the alias/,
    ],
    [
      'too much kept',
      clientBody('x', { termsOfUse: { text: 'x'.repeat(70_000) } }),
      400,
      /65536 bytes/,
    ],
    [
      'a nesting without end',
      clientBody('x', { termsOfUse: nested(2000) }),
      400,
      /nested too deeply/,
    ],
    [
      'a client id that is how a user is called on record',
      clientBody('x', { name: 'user:administrator', [appExtension]: { importedName: true } }),
      400,
      /user:/,
    ],
    [
      'a short secret',
      clientBody('x', { [appExtension]: { secret: 'short' } }),
      400,
      /secret must be/,
    ],
  ]
  for (const [name, body, status, message] of rows) {
    const answer = await server.call('POST', '/Apps', body)
    assert.equal(answer.status, status, `${name}: ${answer.body.detail}`)
    assert.match(answer.body.detail, message, name)
    assert.equal(answer.body.status, String(status))
    assert.match(messageIdOf(answer.body) ?? '', /^error\.common\./)
  }
  const { body } = await server.call('GET', '/Apps')
  assert.equal(body.totalResults, 2)
})

const nested = (levels: number): unknown => {
  let value: unknown = 1
  for (let at = 0; at < levels; at++) value = { value }
  return value
}

test('what a replacement cannot say', async () => {
  await using server = await openExampleServer()
  const { body: app } = await server.call('POST', '/Apps', clientBody('Billing'))
  const path = `/Apps/${app.id}`
  const { clientSecret: _, ...whole } = app
  const rows: readonly [string, object, number, string][] = [
    ['a read-only attribute', { migrated: true }, 400, 'readOnlyAttribute'],
    ['another id', { id: 'x' }, 400, 'readOnlyAttribute'],
    ['a secret', { clientSecret: 'x' }, 400, 'readOnlyAttribute'],
    ['a grant', { grantedAppRoles: [{ value: 'x' }] }, 400, 'readOnlyAttribute'],
    ['another client id', { name: 'other' }, 400, 'immutableAttribute'],
    ['another template', { basedOnTemplate: { value: 'Other' } }, 400, 'immutableAttribute'],
    ['an alias app', { isAliasApp: true }, 400, 'immutableAttribute'],
    ['a chosen secret', { [appExtension]: { secret: 'x'.repeat(20) } }, 400, 'readOnlyAttribute'],
  ]
  for (const [name, change, status, messageId] of rows) {
    const answer = await server.call('PUT', path, { ...whole, ...change })
    assert.equal(answer.status, status, `${name}: ${JSON.stringify(answer.body)}`)
    assert.match(messageIdOf(answer.body) ?? '', new RegExp(`\\.${messageId}$`), name)
  }
  const stale = await server.call('PUT', path, whole, { headers: { 'if-match': 'W/"0"' } })
  assert.equal(stale.status, 412)
  for (const tag of [`"${app.meta.version}"`, `W/"${app.meta.version}"`, app.meta.version, '*']) {
    const answer = await server.call('PUT', path, whole, { headers: { 'if-match': tag } })
    assert.equal(answer.status, 200, tag)
  }
  const builtIn = await server.call('GET', '/Apps/IDCSAppId')
  assert.equal((await server.call('PUT', '/Apps/IDCSAppId', builtIn.body)).status, 403)
  assert.equal((await server.call('DELETE', '/Apps/IDCSAppId')).status, 403)
})

test('our extension: keys, subject, profile; left out of a replacement it stays', async () => {
  await using server = await openExampleServer()
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1' }
  const extension = {
    authenticationMethods: ['private_key_jwt'],
    assertionPolicy: 'issuer-only',
    assertionAlgorithm: 'ES256',
    jwks: { keys: [jwk] },
  }
  const created = await server.call(
    'POST',
    '/Apps',
    clientBody('Keys', { [appExtension]: extension }),
  )
  assert.equal(created.status, 201, created.body.detail)
  assert.equal(created.body.clientSecret, undefined)
  assert.deepEqual(created.body[appExtension].jwks, { keys: [jwk] })
  const { [appExtension]: __, ...bare } = created.body
  const kept = await server.call('PUT', `/Apps/${created.body.id}`, { ...bare, description: 'x' })
  assert.deepEqual(kept.body[appExtension], created.body[appExtension])
  const cleared = await server.call('PUT', `/Apps/${created.body.id}`, {
    ...bare,
    [appExtension]: {},
  })
  assert.equal(cleared.body[appExtension].jwks, undefined)
  const rows: readonly [string, object, RegExp][] = [
    ['a private key', { jwks: { keys: [privateKey.export({ format: 'jwk' })] } }, /private key/],
    [
      'a point off the curve',
      { jwks: { keys: [{ ...jwk, x: `${'A'.repeat(42)}E` }] } },
      /usable public key/,
    ],
    ['keys twice', { jwks: { keys: [jwk] }, jwksUri: 'https://k.example/' }, /cannot both be set/],
    [
      'two subjects',
      { certificateSubject: [{ kind: 'san_dns', value: 'a' }] },
      /must be an object/,
    ],
    ['a subject of no kind', { certificateSubject: { kind: 'cn', value: 'a' } }, /no value "cn"/],
    ['an anchor that is none', { certificateAnchors: ['x'] }, /cannot be used/],
  ]
  for (const [name, said, message] of rows) {
    const answer = await server.call('POST', '/Apps', clientBody(name, { [appExtension]: said }))
    assert.equal(answer.status, 400, name)
    assert.match(answer.body.detail, message, name)
  }
  const rfc9068 = await server.call('POST', '/Apps', {
    ...orders,
    [appExtension]: { tokenProfile: 'rfc9068' },
  })
  assert.equal(rfc9068.body[appExtension].signingAlgorithm, 'ES256')
})

test('a chosen secret rests as argon2id and is never given back; null: none yet', async () => {
  await using server = await openExampleServer()
  const secret = 'imported from elsewhere and long enough to sign with'
  const extension = { secret, authenticationMethods: ['client_secret_basic', 'client_secret_jwt'] }
  const created = await server.call(
    'POST',
    '/Apps',
    clientBody('Old', { [appExtension]: extension }),
  )
  assert.equal(created.status, 201)
  assert.equal(created.body.clientSecret, undefined)
  assert.ok(!JSON.stringify(created.body).includes(secret))
  const [stored] = await server.read((transaction) => transaction.listSecrets(created.body.id))
  assert.equal(stored?.origin, 'chosen')
  assert.match(stored?.digest ?? '', /^\$argon2id\$/)
  assert.match(stored?.sealed ?? '', /^v1\./)
  const none = await server.call(
    'POST',
    '/Apps',
    clientBody('None', { [appExtension]: { secret: null } }),
  )
  assert.equal(none.body.clientSecret, undefined)
  assert.deepEqual(await server.read((transaction) => transaction.listSecrets(none.body.id)), [])
  // the case of a name says nothing (RFC 7643 §2.1)
  for (const [Secret, count] of [
    [secret, 1],
    [null, 0],
  ] as const) {
    const body = clientBody(`Capital ${count}`, { [appExtension]: { Secret } })
    const capital = await server.call('POST', '/Apps', body)
    assert.equal(capital.body.clientSecret, undefined)
    const secrets = await server.read((transaction) => transaction.listSecrets(capital.body.id))
    assert.deepEqual(
      secrets.map(({ origin }) => origin),
      Array.from({ length: count }, () => 'chosen'),
    )
  }
})

test('a scope in use is not taken away, and its users are named', async () => {
  await using server = await openExampleServer()
  const { body: api } = await server.call('POST', '/Apps', orders)
  const fqs = 'https://orders.example/orders.write'
  const { body: app } = await server.call(
    'POST',
    '/Apps',
    clientBody('Billing', { allowedScopes: [{ fqs }] }),
  )
  const fewer = { ...api, scopes: [{ value: 'orders.read' }] }
  const refused = await server.call('PUT', `/Apps/${api.id}`, fewer)
  assert.equal(refused.status, 400)
  assert.match(refused.body.detail, /'Billing' \(https:\/\/orders\.example\/orders\.write\)/)
  const moved = await server.call('PUT', `/Apps/${api.id}`, {
    ...api,
    audience: 'https://new.example/',
  })
  assert.equal(moved.status, 400)
  const gone = await server.call('DELETE', `/Apps/${api.id}`)
  assert.equal(gone.status, 400)
  await server.call('DELETE', `/Apps/${app.id}`)
  assert.equal((await server.call('PUT', `/Apps/${api.id}`, fewer)).status, 200)
  assert.equal((await server.call('DELETE', `/Apps/${api.id}`)).status, 204)
})

test('what tools say of every application is passed over, what would be lost refused', async () => {
  await using server = await openExampleServer()
  const send = (more: object) =>
    server.call('POST', '/Apps', { ...orders, isOAuthClient: false, ...more })
  for (const [more, at] of [
    [{ trustScope: 'Account' }, 'trustScope'],
    [{ trustScope: 'Tags' }, 'trustScope'],
    [{ clientType: 'trusted' }, 'clientType'],
    [{ clientType: 'public' }, 'clientType'],
  ] as const) {
    const refused = await send(more)
    assert.equal(refused.status, 400, at)
    assert.match(refused.body.detail, new RegExp(`^${at} means nothing while isOAuthClient`))
  }
  const made = await send({ trustScope: 'Explicit', clientType: 'confidential' })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  assert.equal(made.body.clientType, undefined)
  const unchanged = { ...made.body, trustScope: 'Default' }
  assert.equal((await server.call('PUT', `/Apps/${made.body.id}`, unchanged)).status, 200)
})
