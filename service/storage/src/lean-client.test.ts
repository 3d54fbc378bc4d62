import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LoadedClient } from './client-snapshot.ts'
import { domainA, sampleApplication, sampleCertificate, sampleSecret } from './contract-records.ts'
import { createLeanClients, weighClient } from './lean-client.ts'

/** As read from the store: texts and lists of its own. */
const loaded = (clientId: string, more: Partial<LoadedClient> = {}): LoadedClient =>
  structuredClone({
    application: sampleApplication(domainA, clientId),
    secrets: [sampleSecret(domainA, sampleApplication(domainA, clientId).id, 'first')],
    certificates: [],
    roleIds: new Set<string>(),
    ...more,
  })

describe('lean clients', () => {
  it('say the same of a client as before, but what only administrators read', () => {
    const { lean } = createLeanClients(domainA)
    const certificates = [sampleCertificate(domainA, 'one')]
    const full = loaded('nightly', { certificates, roleIds: new Set(['r1']) })
    const { application, ...credentials } = lean(full)
    assert.deepEqual(application, { ...full.application, attributes: {} })
    const { application: _, ...before } = full
    assert.deepEqual(credentials, before)
  })

  it('share what clients have alike', () => {
    const { lean } = createLeanClients(domainA)
    const [one, other] = [lean(loaded('one')), lean(loaded('other'))]
    assert.notEqual(one.application.client, null)
    assert.equal(one.application.client, other.application.client)
    assert.equal(one.roleIds, other.roleIds)
    const special = loaded('third')
    const facet = special.application.client
    assert.ok(facet)
    const third = lean({
      ...special,
      application: { ...special.application, client: { ...facet, rawBasicAccepted: true } },
    })
    assert.equal(third.application.client?.rawBasicAccepted, true)
    assert.equal(one.application.client?.rawBasicAccepted, false)
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
