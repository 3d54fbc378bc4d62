import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Application, ClientFacet, PublicJwk } from '@mintmark/registry/application'
import { credentialMark } from '../afterlife/credential-mark.ts'
import type { ApplicationView, ApplicationWish } from './application-wish.ts'
import { decideApplicationReplacement } from './decide-application-change.ts'
import { applicationOf, client, orders, stampOf, viewOf, wishOf } from './example-administration.ts'

const administrator = stampOf('Application Administrator')
const jwk: PublicJwk = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }
const billing = applicationOf({ displayName: 'Billing', clientId: 'billing', client: client() })

const endedBy = (
  present: Application,
  wish: Partial<ApplicationWish>,
  view: Partial<ApplicationView> = {},
): readonly string[] => {
  const { displayName, resourceServer, client: facet, tags } = present
  const whole = { displayName, resourceServer, client: facet, tags, clientId: null, ...wish }
  const result = decideApplicationReplacement(present, wishOf(whole), viewOf(view), administrator)
  assert.ok(result.ok, JSON.stringify(result))
  return result.value.change.steps.flatMap((step) =>
    step.step === 'put-revocation' ? [`${step.revocation.kind} ${step.revocation.subject}`] : [],
  )
}

test('tokens end with the access that a replacement takes away', () => {
  const [external, internal] = ['https://orders.example/', 'https://orders.internal/']
  const both = [`grant ${external} billing`, `grant ${internal} billing`]
  const everything = ['client app-id']
  const read = `${external}orders.read`
  const write = `${internal}orders.write`
  const wide = 'urn:opc:resource:consumer::all'
  const tag = (value: string) => ({ key: 'color', value })
  const having = (
    trustScope: 'Explicit' | 'Tags' | 'Account',
    allowedScopes: readonly string[],
    allowedTags: readonly ReturnType<typeof tag>[] = [],
  ) => client({ policy: { trustScope, allowedScopes, allowedTags } })
  const rows: readonly [string, ClientFacet, ClientFacet, readonly string[]][] = [
    ['as before', having('Explicit', [read, write]), having('Explicit', [write, read]), []],
    ['more', having('Explicit', [read]), having('Explicit', [read, write]), []],
    ['less', having('Explicit', [read, write]), having('Explicit', [read]), both],
    ['none', having('Explicit', [read, write]), having('Explicit', []), both],
    ['all to specific', having('Account', [wide]), having('Explicit', [read]), everything],
    ['all to tagged', having('Account', []), having('Tags', [], [tag('blue')]), everything],
    ['tagged to all', having('Tags', [], [tag('blue')]), having('Account', []), []],
    ['a tag less', having('Tags', [], [tag('blue')]), having('Tags', [], []), everything],
    ['no more the wide scope', having('Account', [wide]), having('Account', []), everything],
  ]
  for (const [what, before, after, expected] of rows) {
    assert.deepEqual(endedBy({ ...billing, client: before }, { client: after }), expected, what)
  }
})

test('tokens for an API end with it, with a name, a scope or a tag of it', () => {
  const facet = orders.resourceServer
  assert.ok(facet)
  const all = ['audience https://orders.example/', 'audience https://orders.internal/']
  const tagged = { ...orders, tags: [{ key: 'color', value: 'blue' }] }
  assert.deepEqual(endedBy(orders, { description: 'x' }), [])
  assert.deepEqual(endedBy(orders, { active: false }), all)
  assert.deepEqual(endedBy(orders, { resourceServer: null }), all)
  assert.deepEqual(endedBy(orders, { resourceServer: { ...facet, secondaryAudiences: [] } }), [
    'audience https://orders.internal/',
  ])
  assert.deepEqual(
    endedBy(orders, { resourceServer: { ...facet, scopes: facet.scopes.slice(1) } }),
    all,
  )
  assert.deepEqual(endedBy(tagged, { tags: [] }), all)
  assert.deepEqual(endedBy({ ...orders, active: false }, { active: false, tags: [] }), [])
})

test('decision 20: what a lost credential obtained ends where that is wished', () => {
  const keys = ['a', 'b'].map((kid): PublicJwk => ({ ...jwk, kid }))
  const having = (facet: Partial<ClientFacet>) => ({ ...billing, client: client(facet) })
  const mark = (credential: string) =>
    `credential ${credentialMark(billing.id, credential)} ${billing.clientId}`
  const [first, second] = keys
  assert.ok(first && second)
  const lessOne = { client: client({ jwks: [second] }) }
  assert.deepEqual(endedBy(having({ jwks: keys }), lessOne), [], 'rotation ends no token')
  const revokeTokens = true
  const wished = (before: Partial<ClientFacet>, after: Partial<ClientFacet>) =>
    endedBy(having(before), { client: client(after), revokeTokens })
  assert.deepEqual(wished({ jwks: keys }, { jwks: [second] }), [mark('a')])
  assert.deepEqual(wished({ jwks: keys }, { jwks: keys }), [])
  assert.deepEqual(wished({ jwks: [first] }, { jwks: [{ ...first, x: 'y' }] }), [mark('a')])
  const everything = ['client app-id']
  const uri = 'https://keys.example/jwks'
  assert.deepEqual(wished({ jwksUri: uri }, { jwks: keys }), everything)
  assert.deepEqual(wished({ jwks: [{ ...first, x5c: ['AA'] }] }, { jwks: keys }), everything)
  const certificate = { id: 'c', alias: 'signer', x5tS256: 'print' }
  assert.deepEqual(
    endedBy(
      having({}),
      { description: 'x', revokeTokens },
      { attachedCertificates: [certificate] },
    ),
    [mark('signer'), mark('print')],
  )
})
