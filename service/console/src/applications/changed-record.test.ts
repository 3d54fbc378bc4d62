import { deepEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AppRecord, appExtension } from '../server/records.ts'
import { changesBetween } from './changed-record.ts'

const app: AppRecord = {
  id: '1',
  name: 'c',
  displayName: 'Billing',
  active: true,
  tags: [],
  allowedScopes: [{ fqs: 'https://a/read' }],
  [appExtension]: { secrets: [{ id: 's', ending: 'abc', created: '2026', lastUsed: '2026' }] },
}

describe('what differs between two readings of an application', () => {
  it('is told in the words of its page', () => {
    const now: AppRecord = {
      ...app,
      description: 'nightly',
      tags: [{ key: 'team', value: 'b' }],
      allowedScopes: [{ fqs: 'https://a/read' }, { fqs: 'https://a/write' }],
      meta: { lastModified: '2026' },
    }
    deepEqual(changesBetween(app, now), [
      { label: 'Tags', before: '–', now: 'team=b' },
      { label: 'Resources', before: 'https://a/read', now: 'https://a/read, https://a/write' },
      { label: 'Description', before: '–', now: 'nightly' },
    ])
  })
  it('is not that a secret was used', () => {
    const secrets = [{ id: 's', ending: 'abc', created: '2026', lastUsed: '2027' }]
    deepEqual(changesBetween(app, { ...app, [appExtension]: { secrets } }), [])
  })
})
