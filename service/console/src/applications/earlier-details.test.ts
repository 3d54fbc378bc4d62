import { deepEqual, equal } from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AppRecord } from '../server/records.ts'
import { earlierDetails } from './earlier-details.ts'

const app: AppRecord = {
  id: '1',
  name: 'c',
  displayName: 'New',
  description: 'new words',
  contactEmailAddress: 'a@b',
  active: true,
  tags: [{ key: 'a', value: 'b' }],
}
const event = (before: unknown) =>
  ({ at: '', ecid: '', action: 'application.replace', result: 'ok', detail: { before } }) as const

describe('details before a change', () => {
  it('are those that it changed, beside what is now', () => {
    deepEqual(earlierDetails(event({ displayName: 'Old', tags: [] }), app), {
      name: 'Old',
      description: 'new words',
      contact: 'a@b',
      tags: [],
      clientId: 'c',
    })
    equal(earlierDetails(event({ description: null }), app)?.description, '')
    equal(earlierDetails(event({ attributes: {} }), app)?.contact, '')
  })
  it('are none where it changed none, made the application, or they are so again', () => {
    equal(earlierDetails(event({ client: {} }), app), null)
    equal(earlierDetails(event(null), app), null)
    equal(earlierDetails(event({ displayName: 'New' }), app), null)
  })
})
