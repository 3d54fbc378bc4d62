import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { identityProviderMetadata } from '@mintmark/protocol/saml-identity-provider-metadata'
import { readCertificateKeys } from './certificate-keys.ts'
import { createGuard } from './guard.ts'
import { readSamlMetadata } from './saml-metadata.ts'
import { selectKeys } from './verifying-key.ts'

/** RSA of 2048 bits, self-signed, for a century from November 2026; its private key is gone. */
const certificate = [
  'MIIDDzCCAfegAwIBAgIUEkU34nvcPFoH/R3qIzKIIiZ0FWcwDQYJKoZIhvcNAQELBQAwFjEUMBIGA1UEAwwLdGVzdC',
  'Bpc3N1ZXIwIBcNMjYxMTIxMDgxMTMwWhgPMjEyNjEwMjgwODExMzBaMBYxFDASBgNVBAMMC3Rlc3QgaXNzdWVyMIIB',
  'IjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAppCpjV5P7XUJc82T+ss50YrIII2QrbrpUwjFHIDZR1z630LtTd',
  'jhgbvzbVJ8Es2BwP+rp3cjpRn4+t05v7ILZZOCkZ6sMi99Ka3xa65bGUD1iLotMEOffxmlhL2VDu2i0yiyBlCm0HtU',
  'pYLfTWdNpzUH2pg9ubxger3QNNQnzrxhj/Ae9mRXaFNUbkWLhSLiPYGUynt92GzpCuvu1zNJd0TeFtAeWFPmdJwsNX',
  '4oGx7uSaMfJPI+RfvebywnSQk6GmifNqPb4u7pmmJezn86BV3U1xziS4v4xOZ1sE9NSgpjJpAfiJEtRWNb1YgFvN4v',
  'Ud5ojeKyAoYPC0O2eXXzawIDAQABo1MwUTAdBgNVHQ4EFgQUpoHPR9N/fF0emrBHT1ERfAm4fTcwHwYDVR0jBBgwFo',
  'AUpoHPR9N/fF0emrBHT1ERfAm4fTcwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOCAQEAKNAQNT33bQTe',
  '7QqCOG1PwKcGXMKZRZlRweXXE47B3PNFJjsBeaSNigmG5EkxWcrR9N8oscf++Oa5aRMRcESHGcD37UH6zLhf+oe8In',
  'sE8mej1NykEqUeyrGy70pk7JZhrH94OW1EQtGtO8OdVQPg/OXrXZic0FifJeypvpp0xNPKMPGpIXNCiCQzw/PqSMwQ',
  'DgoolONhkh+yvui23X3j5tEfCdDuCgK5XIwsCHy8Z6U+X04ZMYxn4PmW5kiYrmtDew4I3OYMq8WXaeLw6A7DhJ5NeC',
  'XYVd2NTiO3wZbWxALzlotE+shRzGFBCIBQ3Jn0D+1fWCza5wkvMk1ZoA+VlA==',
].join('')
const der = Buffer.from(certificate, 'base64')
const lines = certificate.replaceAll(/.{64}/g, '$&\n')
const pem = `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
const nowMs = Date.UTC(2030, 0, 1)
const thumbprint = createHash('sha256').update(der).digest('base64url')

const keysOf = (texts: readonly string[], atMs = nowMs) => {
  const read = readCertificateKeys(texts, atMs)
  return read.ok ? read.value.keys : read.failure
}

test('a certificate is a key, as PEM and as base64 DER', () => {
  for (const text of [certificate, pem]) {
    const [key, ...more] = keysOf([text])
    assert.ok(typeof key === 'object' && more.length === 0)
    assert.equal(key.thumbprint, thumbprint)
    assert.deepEqual(key.algorithms, ['RS256', 'PS256'])
  }
})

test('what cannot be a key says why', () => {
  assert.match(String(keysOf(['bm8gY2VydGlmaWNhdGU='])), /certificate 1 cannot be read/)
  assert.match(String(keysOf([certificate, ''])), /certificate 2 cannot be read/)
  assert.match(String(keysOf([])), /no signing certificate is valid now/)
  assert.match(String(keysOf([certificate], Date.UTC(2026, 0, 1))), /is valid now/)
  assert.match(String(keysOf([certificate], Date.UTC(2190, 0, 1))), /is valid now/)
  assert.match(String(keysOf(Array.from({ length: 501 }, () => certificate))), /more than 500/)
})

test('any kid may be of a certificate, but not another thumbprint', () => {
  const keys = keysOf([certificate])
  assert.ok(typeof keys === 'object')
  const algorithm = 'RS256'
  const select = (kid: string | null, mark: string | null, of = keys) =>
    selectKeys(of, { algorithm, kid, thumbprint: mark }).length
  assert.equal(select('SIGNING_KEY', thumbprint), 1)
  assert.equal(select(null, null, [...keys, ...keys]), 2)
  assert.equal(select('SIGNING_KEY', null), 1)
  assert.equal(select('SIGNING_KEY', 'another'), 0)
})

test('a guard takes its keys from one place', () => {
  const options = { issuer: 'any text', audience: 'a', signingCertificates: () => [certificate] }
  createGuard(options)
  assert.throws(
    () => createGuard({ ...options, jwksUri: 'https://a.test/' }),
    /in place of jwksUri/,
  )
  const introspection = { clientId: 'a', clientSecret: 'b', endpoint: 'https://a.test/' }
  assert.throws(() => createGuard({ ...options, introspection }), /and of introspection/)
})

test('our own metadata is read back', () => {
  const issuer = 'https://a.test/?b=1&c="<>'
  const read = readSamlMetadata(
    identityProviderMetadata(issuer, 'https://a.test', ['AAAA', 'BBBB']),
  )
  assert.deepEqual(read, { ok: true, value: { entityId: issuer, certificates: ['AAAA', 'BBBB'] } })
})

const entity = (content: string, more = ''): string =>
  `<EntityDescriptor ${more} entityID='https://a.test/'><IDPSSODescriptor>${content}</IDPSSODescriptor></EntityDescriptor>`
const signing = (base64: string, attributes = '') =>
  `<KeyDescriptor${attributes}><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${base64}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`

test('other shapes of metadata', () => {
  const good = readSamlMetadata(
    entity(
      signing('AA\n  AA') +
        signing('AAAA', ' use="signing"') +
        signing('CCCC', ' use="encryption"'),
    ),
  )
  const value = { entityId: 'https://a.test/', certificates: ['AAAA'] }
  assert.deepEqual(good, { ok: true, value })
  const refused: readonly (readonly [string, RegExp])[] = [
    ['', /no EntityDescriptor/],
    ['{}', /no EntityDescriptor/],
    [entity(''), /no signing certificate/],
    [entity(signing('CCCC', ' use="encryption"')), /no signing certificate/],
    [entity(`<!-- ${signing('AAAA')} -->`), /no signing certificate/],
    [entity(signing('AAAA')) + entity(signing('AAAA')), /several entities/],
    [`<!DOCTYPE a [<!ENTITY b "c">]>${entity(signing('AAAA'))}`, /entities of its own/],
    [entity(signing('A'.repeat(300_000))), /more than 262144/],
  ]
  for (const [xml, why] of refused) {
    const read = readSamlMetadata(xml)
    assert.ok(!read.ok)
    assert.match(read.failure, why)
  }
})
