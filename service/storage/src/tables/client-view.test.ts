import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ClientFacet } from '@mintmark/registry/application'
import type { LoadedClient } from '../client-snapshot.ts'
import { domainA, sampleApplication, sampleCertificate, sampleSecret } from '../contract-records.ts'
import {
  createSharedParts,
  isReadable,
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
const viewed = (client: LoadedClient, shared: SharedParts): LoadedClient =>
  readClientView(shared.shorten(writeClientView(client)), client.application.clientId, shared)

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
    assert.equal(isReadable(text), true)
    assert.equal(isReadable(text.replace('[', '[1')), false)
  })

  it('are shortened by what is alike, as long as there are few kinds of it', () => {
    const shared = createSharedParts(domainA)
    const text = writeClientView(loaded('one'))
    const short = shared.shorten(text)
    assert.ok(short.length < text.length / 2, short)
    assert.throws(() => readClientView(short, 'one', createSharedParts(domainA)), /another memory/)
    const { application, ...rest } = loaded('one')
    assert.ok(application.client)
    for (let kind = 0; kind < 1100; kind += 1) {
      const client: ClientFacet = {
        ...application.client,
        jwksUri: `https://${kind}.example`,
      }
      const one = { ...rest, application: { ...application, client } }
      assert.deepEqual(viewed(one, shared).application.client, client)
    }
    assert.equal(shared.shorten(text), short)
  })

  it('keep keys to the client that has them', () => {
    const { application, ...rest } = loaded('one')
    assert.ok(application.client)
    const client: ClientFacet = {
      ...application.client,
      jwks: [{ kty: 'OKP' }] as ClientFacet['jwks'],
    }
    const text = writeClientView({ ...rest, application: { ...application, client } })
    assert.equal(createSharedParts(domainA).shorten(text), text)
  })
})
