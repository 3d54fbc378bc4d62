import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resourceMetadata, resourceMetadataPathOf } from './rfc9728-resource-metadata.ts'

test('the well-known name stands between host and path', () => {
  const wellKnown = '/.well-known/oauth-protected-resource'
  assert.equal(resourceMetadataPathOf('https://h'), wellKnown)
  assert.equal(resourceMetadataPathOf('https://h/'), wellKnown)
  assert.equal(resourceMetadataPathOf('https://h/r1'), `${wellKnown}/r1`)
  assert.equal(resourceMetadataPathOf('https://h/r1/?a=b'), `${wellKnown}/r1/?a=b`)
})

test('no empty list is in the document', () => {
  const facts = { resource: 'https://h/r1', authorizationServers: ['https://as'], scopes: [] }
  assert.deepEqual(resourceMetadata(facts), {
    resource: 'https://h/r1',
    authorization_servers: ['https://as'],
    bearer_methods_supported: ['header'],
  })
  assert.deepEqual(resourceMetadata({ ...facts, scopes: ['a'] })['scopes_supported'], ['a'])
})
