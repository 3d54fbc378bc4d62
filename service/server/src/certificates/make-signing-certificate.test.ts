import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import { makeSigningCertificate } from './make-signing-certificate.ts'

const notBeforeMs = Date.UTC(2026, 0, 2, 3, 4, 5)
const notAfterMs = Date.UTC(2055, 0, 2, 3, 4, 5)

const pairs = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
}

describe('makeSigningCertificate', () => {
  for (const algorithm of ['RS256', 'ES256'] as const) {
    it(`signs itself with ${algorithm}`, async () => {
      const pair = pairs[algorithm]
      const { certificateDer } = await makeSigningCertificate({
        ...pair,
        algorithm,
        subject: 'CN=mintmark signing key k1',
        notBeforeMs,
        notAfterMs,
      })
      const read = new X509Certificate(certificateDer)
      assert.equal(read.subject, 'CN=mintmark signing key k1')
      assert.equal(read.issuer, read.subject)
      assert.equal(read.verify(pair.publicKey), true)
      assert.equal(read.checkPrivateKey(pair.privateKey), true)
      assert.equal(read.validFromDate.getTime(), notBeforeMs)
      assert.equal(read.validToDate.getTime(), notAfterMs)
      assert.equal(read.ca, false)
      assert.equal(
        read.signatureAlgorithm,
        algorithm === 'RS256' ? 'sha256WithRSAEncryption' : 'ecdsa-with-SHA256',
      )
    })
  }

  it('refuses halves that are no pair, and a key of another algorithm', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const wish = { algorithm: 'ES256', subject: 'CN=x', notBeforeMs, notAfterMs } as const
    const { privateKey } = pairs.ES256
    await assert.rejects(
      makeSigningCertificate({ ...wish, privateKey, publicKey: other.publicKey }),
    )
    await assert.rejects(makeSigningCertificate({ ...wish, ...pairs.RS256 }))
  })
})
