import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type BudgetCharge,
  noAllowance,
  type TokenAllowance,
} from '@mintmark/registry/token-allowance'
import { decideTokenRequest } from './decide-token-request.ts'
import { apiFacet, application, catalogOf, proof, snapshotOf } from './example-domain.ts'
import { tellAllowance } from './tell-allowance.ts'
import type { TokenDecision } from './token-plan.ts'

const orders = 'https://orders.example/'
const bills = 'https://bills.example/'
const several = 'urn:opc:resource:multiresourcescope'

const decide = (
  ofClient: Partial<TokenAllowance> | null,
  ofApi: Partial<TokenAllowance> | null,
  scope = `${orders}read`,
): TokenDecision => {
  const allowance = (said: Partial<TokenAllowance> | null) =>
    said === null ? {} : { allowance: { ...noAllowance, ...said } }
  const api = (id: string, audience: string, said: Partial<TokenAllowance> | null) =>
    application(id, { resourceServer: apiFacet(audience, ['read'], allowance(said)) })
  const catalog = catalogOf([api('orders', orders, ofApi), api('bills', bills, ofApi)], [])
  const client = {
    policy: {
      trustScope: 'Explicit' as const,
      allowedScopes: [`${orders}read`, `${bills}read`],
      allowedTags: [],
    },
    ...allowance(ofClient),
  }
  const request = { grantType: 'client_credentials', scope, resources: [] }
  const decided = decideTokenRequest(request, proof(), snapshotOf(catalog, client))
  assert.ok(decided.ok)
  return decided.value
}

const reuse: readonly (readonly [number | null, number | null, number | null])[] = [
  [null, null, null],
  [50, null, 50],
  [null, 20, 20],
  [50, 20, 50],
  [20, 50, 50],
]
for (const [client, api, expected] of reuse) {
  test(`re-use: client ${client}, API ${api}: ${expected}`, () => {
    assert.equal(decide({ reusePercent: client }, { reusePercent: api }).reusePercent, expected)
  })
}

test('several tokens at once are always new', () => {
  const scope = `${orders}read ${bills}read ${several}`
  const { tokens, reusePercent } = decide({ reusePercent: 50 }, null, scope)
  assert.deepEqual([tokens.length, reusePercent], [2, null])
})

const told = ({ side, applicationId, span, tokensMax, tokens, mode }: BudgetCharge) =>
  `${mode} ${tokens} of ${tokensMax}/${span} of ${side} ${applicationId}`

test('nothing is charged where nobody has a budget', () => {
  assert.deepEqual(decide(null, null).charges, [])
  assert.deepEqual(decide({ reusePercent: 50 }, { reusePercent: 50 }).charges, [])
})

test('a token takes of every budget of its client and its API', () => {
  const ofClient = { tokensPerMinute: 10, tokensPerDay: 100, budgetMode: 'reissue' as const }
  const { charges } = decide(ofClient, { tokensPerDay: 1000, budgetMode: 'observe' })
  assert.deepEqual(charges.map(told), [
    'reissue 1 of 10/minute of client caller',
    'reissue 1 of 100/day of client caller',
    'observe 1 of 1000/day of api orders',
  ])
})

test('several tokens are as many of the client, and one of each API', () => {
  const scope = `${orders}read ${bills}read ${several}`
  const { charges } = decide({ tokensPerMinute: 10 }, { tokensPerMinute: 20 }, scope)
  assert.deepEqual(charges.map(told), [
    'enforce 2 of 10/minute of client caller',
    'enforce 1 of 20/minute of api orders',
    'enforce 1 of 20/minute of api bills',
  ])
})

test('explain tells re-use and budgets, and is silent where there are none', () => {
  assert.equal(tellAllowance(decide(null, null)), null)
  const ofClient = { reusePercent: 50, tokensPerMinute: 10, budgetMode: 'reissue' as const }
  assert.equal(
    tellAllowance(decide(ofClient, { tokensPerDay: 100 }))?.detail,
    'The current token is given again while 50 % of its life is left; ' +
      '10 tokens a minute for this client, the current token again when it is spent; ' +
      '100 tokens a day for all clients of the API, refused when it is spent.',
  )
})
