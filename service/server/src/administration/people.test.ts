import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientBody, type ExampleServer, openExampleServer } from './example-server.ts'

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User'
const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const idcs = 'urn:ietf:params:scim:schemas:oracle:idcs:'

const userBody = (userName: string, more: object = {}) => ({
  schemas: [userUrn],
  userName,
  name: { givenName: 'Anna', familyName: 'Berg', middleName: 'M.' },
  emails: [{ value: `${userName}@example.com`, type: 'work', primary: true }],
  ...more,
})
const groupBody = (displayName: string, more: object = {}) => ({
  schemas: [groupUrn],
  displayName,
  ...more,
})
const patchBody = (...Operations: object[]) => ({ schemas: [patchUrn], Operations })

const create = async (server: ExampleServer, path: string, body: object) => {
  const made = await server.call('POST', path, body)
  assert.equal(made.status, 201, JSON.stringify(made.body))
  return made.body
}
const roleNamed = async (server: ExampleServer, name: string) => {
  const query = { filter: `displayName eq "${name}" and app.value eq "IDCSAppId"` }
  const listed = await server.call('GET', '/AppRoles', null, { query })
  return listed.body.Resources[0].id as string
}
const grant = async (server: ExampleServer, role: string, type: string, value: string) => {
  const body = {
    schemas: [`${idcs}Grant`],
    app: { value: 'IDCSAppId' },
    entitlement: { attributeName: 'appRoles', attributeValue: await roleNamed(server, role) },
    grantMechanism: `ADMINISTRATOR_TO_${type.toUpperCase()}`,
    grantee: { value, type },
  }
  return server.call('POST', '/Grants', body)
}

test('a user: made, read, found, changed in part and as a whole, deleted', async () => {
  await using server = await openExampleServer()
  const made = await create(
    server,
    '/Users',
    userBody('anna', { title: 'Dr', displayName: 'Anna' }),
  )
  assert.match(made.id, /^[0-9a-f]{32}$/)
  assert.deepEqual(made.name, { givenName: 'Anna', familyName: 'Berg', middleName: 'M.' })
  assert.equal(made.active, true)
  assert.equal(made.title, 'Dr')
  assert.equal(made.idcsCreatedBy.display, 'Admin')
  const taken = await server.call('POST', '/Users', userBody('ANNA'))
  assert.equal(taken.status, 409)
  const found = await server.call('GET', '/Users', null, {
    query: { filter: 'userName eq "ANNA" and emails.value co "@EXAMPLE"', attributes: 'userName' },
  })
  assert.equal(found.body.totalResults, 1)
  assert.deepEqual(Object.keys(found.body.Resources[0]).toSorted(), ['id', 'userName'])
  const operation = { op: 'replace', path: 'name.familyName', value: 'Holm' }
  const patched = await server.call('PATCH', `/Users/${made.id}`, patchBody(operation))
  assert.equal(patched.status, 200)
  assert.deepEqual(patched.body.name, { ...made.name, familyName: 'Holm' })
  const { ...same } = patched.body
  const before = (await server.events()).length
  const again = await server.call('PUT', `/Users/${made.id}`, same)
  assert.equal(again.status, 200)
  assert.equal(again.body.meta.version, patched.body.meta.version)
  assert.equal((await server.events()).length, before)
  assert.equal((await server.call('DELETE', `/Users/${made.id}`)).status, 204)
  assert.equal((await server.call('GET', `/Users/${made.id}`)).status, 404)
})

test('what a user cannot be told', async () => {
  await using server = await openExampleServer()
  const refusals: readonly [object, number, RegExp][] = [
    [{ password: 'Secret.123' }, 400, /Nobody signs in here with a password yet/],
    [{ userName: undefined }, 400, /userName/],
    [{ emails: [{ value: 'x', type: 'work' }] }, 400, /e-mail/],
    [{ emails: [{ value: 'a@b', type: 'smoke' }] }, 400, /emails\[0\]\.type/],
    [{ wings: 2 }, 400, /wings/],
    [{ [`${idcs}extension:passwordState:User`]: {} }, 400, /passwordState/],
    [{ description: 'x'.repeat(501) }, 400, /description/],
    [{ addresses: Array.from({ length: 9 }, () => ({ a: 'x'.repeat(2000) })) }, 400, /16384/],
  ]
  for (const [more, status, detail] of refusals) {
    const answer = await server.call('POST', '/Users', userBody('anna', more))
    assert.equal(answer.status, status, JSON.stringify(more).slice(0, 80))
    assert.match(answer.body.detail, detail)
  }
  const { body } = await server.call('GET', '/Users')
  assert.equal(body.totalResults, 0)
  // nothing of a secret that was sent all the same
  assert.ok(!JSON.stringify(await server.events()).includes('Secret.123'))
})

test('members come and go by PATCH; a PUT that does not mention them keeps them', async () => {
  await using server = await openExampleServer()
  const anna = await create(server, '/Users', userBody('anna', { displayName: 'Anna' }))
  const app = await create(server, '/Apps', clientBody('Billing'))
  const staff = await create(
    server,
    '/Groups',
    groupBody('Staff', { members: [{ value: anna.id, type: 'User' }] }),
  )
  assert.equal(staff.members, undefined)
  const path = `/Groups/${staff.id}`
  const read = async () => {
    const { body } = await server.call('GET', path, null, { query: { attributes: 'members' } })
    return (body.members ?? []).map((each: { display: string; type: string }) => [
      each.type,
      each.display,
    ])
  }
  assert.deepEqual(await read(), [['User', 'Anna']])
  const groupsOfAnna = async () => {
    const query = { attributes: 'groups' }
    const { body } = await server.call('GET', `/Users/${anna.id}`, null, { query })
    return body.groups.map((each: { display: string }) => each.display)
  }
  const add = { op: 'ADD', path: 'members', value: [{ value: app.id, type: 'App' }] }
  assert.equal((await server.call('PATCH', path, patchBody(add))).status, 200)
  assert.deepEqual(await read(), [
    ['App', 'Billing'],
    ['User', 'Anna'],
  ])
  assert.deepEqual(await groupsOfAnna(), ['Staff'])
  const searched = await server.call('POST', '/Groups/.search', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
    filter: `members[value eq "${anna.id}"]`,
    attributes: ['members.display'],
  })
  assert.deepEqual(
    searched.body.Resources.map(({ members }: { members: object[] }) => members.length),
    [2],
  )
  const { body: whole } = await server.call('GET', path)
  assert.equal((await server.call('PUT', path, { ...whole, externalId: 'x' })).status, 200)
  assert.equal((await read()).length, 2)
  const remove = { op: 'remove', path: `members[value eq "${anna.id}"]` }
  assert.equal((await server.call('PATCH', path, patchBody(remove))).status, 200)
  assert.deepEqual(await read(), [['App', 'Billing']])
  assert.deepEqual(await groupsOfAnna(), [])
  assert.equal((await server.call('PUT', path, { ...whole, members: [] })).status, 200)
  assert.deepEqual(await read(), [])
  const unknown = { op: 'add', path: 'members', value: [{ value: app.id }] }
  const refused = await server.call('PATCH', path, patchBody(unknown))
  assert.equal(refused.status, 400)
  assert.match(refused.body.detail, /references a User with ID/)
  assert.match(JSON.stringify(refused.body), /invalidReferenceResource/)
})

test('grants to users and groups, and who may put somebody into a group with a role', async () => {
  await using server = await openExampleServer()
  const anna = await create(server, '/Users', userBody('anna'))
  const staff = await create(server, '/Groups', groupBody('Staff'))
  const wrong = await grant(server, 'Audit Administrator', 'App', anna.id)
  assert.equal(wrong.status, 400)
  const toUser = await grant(server, 'Audit Administrator', 'User', anna.id)
  assert.equal(toUser.status, 201)
  assert.match(toUser.body.grantee.$ref, /\/Users\//)
  assert.equal((await grant(server, 'Audit Administrator', 'User', anna.id)).status, 409)
  assert.equal((await grant(server, 'Security Administrator', 'Group', staff.id)).status, 201)
  const byUserAdministrator = { roles: ['User Administrator'] }
  const join = patchBody({ op: 'add', path: 'members', value: [{ value: anna.id }] })
  const path = `/Groups/${staff.id}`
  const denied = await server.call('PATCH', path, join, byUserAdministrator)
  assert.equal(denied.status, 401)
  assert.match(denied.body.detail, /Security Administrator/)
  assert.equal((await server.call('DELETE', path, null, byUserAdministrator)).status, 401)
  const bulk = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations: [{ method: 'PATCH', path, data: join }],
  }
  const inBulk = await server.call('POST', '/Bulk', bulk, byUserAdministrator)
  assert.equal(inBulk.body.Operations[0].status, '401')
  assert.equal((await server.call('PATCH', path, join)).status, 200)
  // now she holds more than a User Administrator does
  const rename = patchBody({ op: 'replace', path: 'displayName', value: 'X' })
  const touched = await server.call('PATCH', `/Users/${anna.id}`, rename, byUserAdministrator)
  assert.equal(touched.status, 401)
  const denials = (await server.events()).filter(({ action }) => action === 'administration.denied')
  assert.equal(denials.length, 4)
  assert.equal((await server.call('DELETE', path)).status, 204)
  const left = await server.call('GET', '/Grants', null, { query: { filter: 'id pr' } })
  assert.deepEqual(
    left.body.Resources.map((each: { grantee: { type: string } }) => each.grantee.type),
    ['User'],
  )
})

test('nobody ends itself, and the last Identity Domain Administrator stays', async () => {
  await using server = await openExampleServer()
  const own = await create(server, '/Apps', clientBody('Root', { active: true }))
  const granted = await grant(server, 'Identity Domain Administrator', 'App', own.id)
  assert.equal(granted.status, 201)
  const off = { schemas: [`${idcs}AppStatusChanger`], active: false }
  const attempts = () => [
    server.call('PUT', `/AppStatusChanger/${own.id}`, off),
    server.call(
      'PATCH',
      `/Apps/${own.id}`,
      patchBody({ op: 'replace', path: 'active', value: false }),
    ),
    server.call('PATCH', `/Apps/${own.id}`, patchBody({ op: 'remove', path: 'allowedGrants' })),
    server.call('DELETE', `/Grants/${granted.body.id}`),
  ]
  for (const attempt of attempts()) {
    const answer = await attempt
    assert.equal(answer.status, 400, JSON.stringify(answer.body))
    assert.match(answer.body.detail, /last active Identity Domain Administrator/)
  }
  const other = await create(server, '/Apps', clientBody('Other', { active: true }))
  assert.equal((await grant(server, 'Identity Domain Administrator', 'App', other.id)).status, 201)
  assert.equal((await server.call('PUT', `/AppStatusChanger/${own.id}`, off)).status, 200)
  // an inactive one does not count
  const last = await server.call('PUT', `/AppStatusChanger/${other.id}`, off)
  assert.equal(last.status, 400)
})

test('the Asserter says which groups and app roles a subject has, and by which names', async () => {
  await using server = await openExampleServer()
  const anna = await create(server, '/Users', userBody('anna'))
  const app = await create(
    server,
    '/Apps',
    clientBody('Billing', { name: 'billing', active: true }),
  )
  const members = [{ value: anna.id }, { value: app.id, type: 'App' }]
  const staff = await create(server, '/Groups', groupBody('Staff', { members }))
  await grant(server, 'Audit Administrator', 'Group', staff.id)
  await grant(server, 'Me', 'User', anna.id)
  await grant(server, 'Authenticated Client', 'App', app.id)
  const ask = (body: object, roles = ['Authenticator Client']) =>
    server.call(
      'POST',
      '/Asserter',
      { schemas: [`${idcs}Asserter`], includeMemberships: true, ...body },
      { roles },
    )
  const names = (list: readonly { display: string }[]) => list.map(({ display }) => display)
  const ofUser = await ask({ mappingAttributeValue: 'Anna' })
  assert.equal(ofUser.status, 201)
  assert.deepEqual(names(ofUser.body.groups), ['Staff'])
  assert.deepEqual(names(ofUser.body.appRoles).toSorted(), ['Audit Administrator', 'Me'])
  const [role] = ofUser.body.appRoles
  assert.equal(role.appId, 'IDCSAppId')
  assert.equal(role.appName, 'IDCS Application')
  assert.match(role.$ref, /\/admin\/v1\/AppRoles\//)
  const ofClient = await ask({ mappingAttributeValue: 'billing', subjectType: 'client' })
  assert.deepEqual(names(ofClient.body.groups), ['Staff'])
  assert.ok(names(ofClient.body.appRoles).includes('Authenticated Client'))
  const bare = await ask({ mappingAttributeValue: 'anna', includeMemberships: false })
  assert.equal(bare.body.appRoles, undefined)
  for (const body of [
    { mappingAttributeValue: 'nobody' },
    { mappingAttributeValue: 'billing' },
    { mappingAttributeValue: 'anna', subjectType: 'client' },
    { mappingAttributeValue: 'IDCSApp', subjectType: 'client' },
    {},
  ]) {
    assert.equal((await ask(body)).status, 400, JSON.stringify(body))
  }
  const off = patchBody({ op: 'replace', path: 'active', value: false })
  assert.equal((await server.call('PATCH', `/Users/${anna.id}`, off)).status, 200)
  const inactive = await ask({ mappingAttributeValue: 'anna' })
  assert.match(inactive.body.detail, /inactive/)
  for (const role of ['Help Desk Administrator', 'Authenticated Client', 'Signin']) {
    assert.equal((await ask({ mappingAttributeValue: 'anna' }, [role])).status, 401, role)
  }
})
