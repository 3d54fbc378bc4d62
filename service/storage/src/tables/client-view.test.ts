import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LoadedClient } from '../client-snapshot.ts'
import { domainA, sampleApplication, sampleCertificate, sampleSecret } from '../contract-records.ts'
import { weighClient } from '../weigh-client.ts'
import {
  createSharedParts,
  readClientView,
  type SharedParts,
  writeClientView,
} from './client-view.ts'

/** As read from the store: texts and lists of its own. */
const loaded = (clientId: string, more: Partial<LoadedClient> = {}): LoadedClient =>
  structuredClone({
    application: sampleApplication(domainA, clientId),
    secrets: [sampleSecret(domainA, sampleApplication(domainA, clientId).id, 'first')],
    certificates: [],
    roleIds: new Set<string>(),
    ...more,
  })

/** As a token sees it. */
const viewed = (client: LoadedClient, shared: SharedParts): LoadedClient => {
  const view = readClientView(writeClientView(client), client.application.clientId, shared)
  assert.ok(view)
  return view
}

describe('client views', () => {
  it('say the same of a client as before, but what only administrators read', () => {
    const shared = createSharedParts(domainA)
    const certificates = [sampleCertificate(domainA, 'one')]
    const full = loaded('nightly', { certificates, roleIds: new Set(['r1']) })
    const { application, ...credentials } = viewed(full, shared)
    assert.deepEqual(application, { ...full.application, attributes: {} })
    const { application: _, ...before } = full
    assert.deepEqual(credentials, before)
  })

  it('share what clients have alike', () => {
    const shared = createSharedParts(domainA)
    const [one, other] = [viewed(loaded('one'), shared), viewed(loaded('other'), shared)]
    assert.notEqual(one.application.client, null)
    assert.equal(one.application.client, other.application.client)
    assert.equal(one.roleIds, other.roleIds)
    const special = loaded('third')
    const facet = special.application.client
    assert.ok(facet)
    const client = { ...facet, rawBasicAccepted: true }
    const third = viewed({ ...special, application: { ...special.application, client } }, shared)
    assert.equal(third.application.client?.rawBasicAccepted, true)
    assert.equal(one.application.client?.rawBasicAccepted, false)
  })

  it('are not read in another form', () => {
    const text = writeClientView(loaded('one'))
    const other = text.replace('[1,', '[0,')
    assert.equal(readClientView(other, 'one', createSharedParts(domainA)), null)
  })

  it('weigh what they take', () => {
    assert.equal(weighClient(loaded('usual')), 1)
    const certificates = Array.from({ length: 10 }, (_, index) => ({
      ...sampleCertificate(domainA, `c${index}`),
      der: 'x'.repeat(3000),
    }))
    assert.ok(weighClient(loaded('large', { certificates })) > 30)
  })
})
