/** The attributes that the generated rows leave to tests of their own. */
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, send } from './kit/http.ts'
import { factsOf, type ResourceName } from './kit/scim-attribute.ts'
import { type Json, specimensOf } from './kit/scim-specimen.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const specimens = await specimensOf(domain)
const { ask } = domain.admin
const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

const change = (path: string, ...Operations: readonly Json[]): Promise<Answer> =>
  ask('PATCH', path, { schemas: [patchUrn], Operations })

const assertStatus = (answer: Answer, status: number, what: string): void =>
  equal(answer.status, status, `${what}: ${answer.text.slice(0, 300)}`)

test('only these are left out of the generated rows', () => {
  const names = Object.keys(specimens) as ResourceName[]
  const apart = names.flatMap((name) =>
    factsOf(name)
      .filter(({ isApart }) => isApart)
      .map(({ path }) => path.split('.')[0] as string),
  )
  deepEqual([...new Set(apart)].toSorted(), [
    'grantedAppRoles',
    'isOAuthClient',
    'isOAuthResource',
    'schemas',
  ])
})

for (const [name, specimen] of Object.entries(specimens)) {
  test(`${name}.schemas must hold the schema, and only such as the resource has`, async () => {
    const { endpoint } = specimen
    const isSetting = endpoint === 'Settings'
    const write = (schemas: unknown): Promise<Answer> =>
      ask(isSetting ? 'PUT' : 'POST', isSetting ? '/Settings/Settings' : `/${endpoint}`, {
        ...specimen.base(),
        schemas,
      })
    const [urn] = specimen.base()['schemas'] as readonly string[]
    const wrong = [undefined, null, [], 42, 'x', [42], ['urn:none'], [urn, 'urn:none']]
    for (const schemas of wrong) {
      const answer = await write(schemas)
      assertStatus(answer, 400, JSON.stringify(schemas) ?? 'nothing')
      match(String(answer.json?.['detail']), /schema/)
    }
    const made = await write([String(urn).toUpperCase()])
    assertStatus(made, isSetting ? 200 : 201, 'a URN in another case (RFC 8141 §3.1)')
    const kept = made.json?.['schemas'] as readonly string[]
    ok(kept.includes(String(urn)))
    const path = `/${endpoint}/${String(made.json?.['id'])}`
    const one = await ask('GET', `${path}?attributes=id`)
    equal(one.json?.['schemas'], undefined)
    if (!specimen.isChangeable) return
    assertStatus(await change(path, { op: 'REMOVE', path: 'schemas' }), 400, 'PATCH that removes')
  })
}

const sides = [
  ['isOAuthClient', { clientType: 'confidential', allowedGrants: ['client_credentials'] }],
  ['isOAuthResource', { audience: 'urn:sides:', scopes: [{ value: 'Read' }] }],
] as const

for (const [side, members] of sides) {
  test(`${side} is taken on and given up with what belongs to it`, async () => {
    const { schemas, displayName, basedOnTemplate } = specimens.App.base()
    const plain = { schemas, displayName, basedOnTemplate }
    const made = await ask('POST', '/Apps', plain)
    assertStatus(made, 201, 'an application without sides')
    equal(made.json?.[side], false)
    const path = `/Apps/${String(made.json?.['id'])}`
    const [needed] = Object.keys(members) as [string]

    const stray = await ask('PUT', path, { ...plain, ...members })
    assertStatus(stray, 400, 'what belongs to a side that is not there')
    const bare = await change(path, { op: 'ADD', path: side, value: true })
    assertStatus(bare, 400, 'a side without what it needs')
    ok(String(bare.json?.['detail']).includes(needed))
    const wrong = await change(path, { op: 'ADD', path: side, value: 'true' })
    assertStatus(wrong, 400, 'a text for a truth')

    const taken = await change(path, { op: 'ADD', value: { [side]: true, ...members } })
    assertStatus(taken, 200, 'a side with all of it, without a path')
    equal(taken.json?.[side], true)
    const filter = encodeURIComponent(`${side} eq true and id eq "${String(made.json?.['id'])}"`)
    equal((await ask('GET', `/Apps?filter=${filter}`)).json?.['totalResults'], 1)

    const put = await ask('PUT', path, plain)
    assertStatus(put, 200, 'a replacement that does not speak of it')
    equal(put.json?.[side], false)
    equal(put.json?.[needed], undefined)
  })
}

test('a body that two readers could read as two things is refused', async () => {
  const schemas = '"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]'
  for (const [name, members] of [
    ['a member twice', '"displayName":"seen","displayName":"done"'],
    ['a member twice, once escaped', String.raw`"displayName":"seen","display\u004eame":"done"`],
    ['a member twice, further in', '"displayName":"done","members":[{"value":"a","value":"b"}]'],
    ['half a character', String.raw`"displayName":"done \ud800"`],
  ] as const) {
    const answer = await send({
      url: `${domain.url}/admin/v1/Groups`,
      headers: {
        authorization: `Bearer ${domain.admin.token}`,
        'content-type': 'application/scim+json',
      },
      body: `{${schemas},${members}}`,
    })
    equal(answer.status, 400, `${name}: ${answer.text}`)
    match(answer.text, /BODY_NOT_AN_OBJECT/, name)
  }
  const filter = encodeURIComponent('displayName sw "done"')
  equal((await domain.admin.call('GET', `/Groups?filter=${filter}`))['totalResults'], 0)
})
