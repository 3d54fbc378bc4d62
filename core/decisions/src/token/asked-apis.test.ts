import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askedApis } from './asked-apis.ts'
import { apiFacet, application, catalogOf, snapshotOf } from './example-domain.ts'

const orders = 'https://orders.example/'
const billing = 'https://billing.example/'
const catalog = catalogOf(
  [
    application('orders', { resourceServer: apiFacet(orders, ['read', 'shared']) }),
    application('billing', { resourceServer: apiFacet(billing, ['bill', 'shared']) }),
  ],
  [],
)

const rows: readonly (readonly [string, string | null, readonly string[], readonly string[]])[] = [
  ['a scope in full', `${billing}bill`, [], ['billing']],
  ['one that nobody defines', `${orders}write`, [], ['orders']],
  ['one of somewhere else', 'https://nowhere.example/read', [], []],
  ['a short one within reach', 'read', [], ['orders']],
  ['two APIs at once', `${orders}read ${billing}bill`, [], ['orders', 'billing']],
  ['resource before scope', `${orders}read`, [billing], ['billing']],
  ['an unknown resource', null, ['https://nowhere.example/'], []],
  ['a short one that nobody defines', 'raed', [], ['orders']],
  ['nothing, where there is one', null, [], ['orders']],
  ['what cannot be read', '"', [], ['orders']],
]
for (const [name, scope, resources, expected] of rows) {
  test(`which API is meant: ${name}`, () => {
    const policy = {
      trustScope: 'Explicit',
      allowedScopes: [`${orders}read`],
      allowedTags: [],
    } as const
    const snapshot = snapshotOf(catalog, { policy })
    const request = { grantType: 'client_credentials', scope, resources }
    assert.deepEqual(askedApis(request, snapshot), expected)
  })
}
