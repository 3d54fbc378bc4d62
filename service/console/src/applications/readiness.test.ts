import { deepEqual, equal } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AppRecord, appExtension, type SecretRecord } from '../server/records.ts'
import { readinessOf } from './readiness.ts'

const now = Date.parse('2026-11-21T12:00:00Z')
const app: AppRecord = { id: '1', name: 'c', displayName: 'C', active: true, isOAuthClient: true }
const withSecrets = (...secrets: readonly Partial<SecretRecord>[]): AppRecord => ({
  ...app,
  [appExtension]: { secrets: secrets.map((each) => ({ id: 's', created: '2026', ...each })) },
})
const labels = (record: AppRecord, last?: string | null) =>
  readinessOf(record, last, now).map(({ ok, label }) => `${ok ? '+' : '-'} ${label}`)

describe('the readiness of an application', () => {
  for (const [told, record, said] of [
    ['no secret', app, '- Has no valid secret'],
    ['a secret for good', withSecrets({}), '+ Has a valid secret (does not expire)'],
    [
      'secrets of which one outlives the other',
      withSecrets({ ends: '2026-11-22T12:00:00Z' }, { expires: '2026-12-01T12:00:00Z' }),
      '+ Has a valid secret (ends in 10 days)',
    ],
    ['an expired one', withSecrets({ expires: '2026-11-21T11:59:00Z' }), '- Has no valid secret'],
    ['one rotated out', withSecrets({ ends: '2026-11-21T11:59:00Z' }), '- Has no valid secret'],
    [
      'a key set',
      { ...app, [appExtension]: { jwksUri: 'https://a/' } },
      '+ Proves itself by key or certificate',
    ],
  ] as const) {
    it(`tells of ${told}`, () => equal(labels(record)[1], said))
  }
  it('counts APIs, not scopes', () => {
    const allowedScopes = ['a', 'b'].map((fqs) => ({ fqs, idOfDefiningApp: '7' }))
    equal(labels({ ...app, allowedScopes })[2], '+ May use 1 API')
    equal(labels(app)[2], '- May use no API')
    equal(labels({ ...app, trustScope: 'Account' })[2], '+ May use every API')
  })
  it('leads to what mends it', () => {
    const fixes = readinessOf({ ...app, active: false }, null, now).map(({ fix }) =>
      fix === null || fix === 'activate' ? fix : fix.href,
    )
    deepEqual(fixes, [
      'activate',
      '/applications/1?tab=credentials',
      '/applications/1?tab=oauth',
      '/playground?client=1',
    ])
  })
  it('says nothing of tokens to whom the audit is closed', () => {
    equal(labels(app, undefined).length, 3)
    equal(labels(app, '2026-11-21T11:58:00Z')[3], '+ Last token 2 minutes ago')
  })
})
