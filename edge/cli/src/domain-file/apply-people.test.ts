import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ExampleServer,
  openExampleServer,
} from '@mintmark/server/administration/example-server'
import { applyDomainFile } from './apply-domain-file.ts'
import { formatPlan } from './plan.ts'

const applyTo = async (server: ExampleServer, text: string): Promise<readonly string[]> => {
  const result = await applyDomainFile({
    source: {
      files: [{ name: 'domain.yaml', text }],
      readBeside: () => assert.fail('nothing is beside it'),
    },
    send: ({ method, path, query, body }) =>
      server.call(method, path, body ?? null, query === undefined ? {} : { query }),
    nowMs: server.nowMs,
  })
  assert.ok(result.ok, result.ok ? '' : result.failure.message)
  return formatPlan(result.value.plan).split('\n')
}

const listOf = async (server: ExampleServer, path: string) =>
  (await server.call('GET', path, null, { query: { attributeSets: 'all' } })).body.Resources

const people = `apis:
  - name: Desk
    audience: "urn:desk:"
    scopes: [look]
    roles: [{ name: Clerk, scopes: [look], users: true, groups: true }]
applications:
  - { name: robot, active: true }
users:
  - userName: anna
    name: { familyName: A }
    emails: [anna@example.com]
    access: [{ api: Desk, roles: [Clerk] }]
groups:
  - { name: Night, users: [anna], applications: [robot] }
claims:
  - { name: tier, value: gold, scopes: ["urn:desk:look"] }
settings: { signingCertPublicAccess: true }
`

test('people, claims and settings: made, changed in words, and left alone', async () => {
  await using server = await openExampleServer()
  assert.equal((await applyTo(server, people)).at(-1), '5 to add, 1 to change, 0 to remove')
  assert.equal((await applyTo(server, people)).at(-1), '0 to add, 0 to change, 0 to remove')
  const changed = people
    .replace('users: [anna], ', '')
    .replace('value: gold', 'value: silver')
    .replace('    access: [{ api: Desk, roles: [Clerk] }]', '    displayName: Anna')
    .replace('{ name: Night,', '{ name: Night, access: [{ api: Desk, roles: [Clerk] }],')
  const lines = await applyTo(server, changed)
  for (const expected of [
    /^~ user anna +displayName {2}\(none\) → Anna$/,
    /^ +roles {2}Clerk → \(none\)$/,
    /^~ group Night +members {2}changed$/,
    /^~ claim tier +value {2}gold → silver$/,
  ]) {
    assert.ok(
      lines.some((line) => expected.test(line)),
      `${expected}\n${lines.join('\n')}`,
    )
  }
  const [group] = await listOf(server, '/Groups')
  assert.deepEqual(
    group.members.map(({ display }: { readonly display: string }) => display),
    ['robot'],
  )
  assert.equal((await listOf(server, '/Grants')).length, 1)
})

const both = (scopes: string, own: string) => `apis:
  - { name: Both, audience: "urn:both:", scopes: ${scopes} }
applications:
  - name: Both
    alsoApi: true
    access: [{ api: Both, scopes: ${own} }]
  - name: other
    access: [{ api: Both, scopes: ${own} }]
`

test('an application that is both: its scopes move under itself and under others', async () => {
  await using server = await openExampleServer()
  await applyTo(server, both('[a, b]', '[a]'))
  const [app] = (await listOf(server, '/Apps')).filter(
    ({ displayName }: { readonly displayName: string }) => displayName === 'Both',
  )
  assert.deepEqual([app.isOAuthClient, app.isOAuthResource], [true, true])
  await applyTo(server, both('[b, c]', '[c]'))
  const after = (await server.call('GET', `/Apps/${app.id}`)).body
  assert.deepEqual(
    after.scopes.map(({ value }: { readonly value: string }) => value),
    ['b', 'c'],
  )
  assert.deepEqual(after.allowedScopes, [{ fqs: 'urn:both:c', idOfDefiningApp: app.id }])
  const again = await applyTo(server, both('[b, c]', '[c]'))
  assert.equal(again.at(-1), '0 to add, 0 to change, 0 to remove')
})
