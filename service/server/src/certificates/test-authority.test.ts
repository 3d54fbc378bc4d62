import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import { issueTestCertificate, makeTestAuthority, type TestKeyKind } from './test-authority.ts'

describe('the test authority', () => {
  it('makes a chain that OpenSSL finds whole', async () => {
    const root = await makeTestAuthority('CN=root', { pathLength: 1 })
    const middle = await makeTestAuthority('O=Org,CN=middle', { pathLength: 0 }, root)
    const leaf = await issueTestCertificate(
      {
        subject: [{ CN: [{ printableString: 'leaf' }] }],
        keyUsages: ['digitalSignature'],
        extendedKeyUsages: ['clientAuth'],
        dnsNames: ['a.example'],
        uris: ['urn:a'],
        ipAddresses: ['10.0.0.1', '2001:db8::1'],
        emailAddresses: ['a@b.example'],
      },
      middle,
    )
    const [rootX, middleX, leafX] = [root, middle, leaf].map(
      (each) => new X509Certificate(each.der),
    )
    assert.ok(rootX && middleX && leafX)
    assert.equal(middleX.checkIssued(rootX) && middleX.verify(root.publicKey), true)
    assert.equal(leafX.checkIssued(middleX) && leafX.verify(middle.publicKey), true)
    assert.deepEqual(leafX.keyUsage, ['1.3.6.1.5.5.7.3.2'])
    assert.equal(
      leafX.subjectAltName,
      'DNS:a.example, URI:urn:a, IP Address:10.0.0.1, ' +
        'IP Address:2001:DB8:0:0:0:0:0:1, email:a@b.example',
    )
    assert.deepEqual([rootX.ca, middleX.ca, leafX.ca], [true, true, false])
    assert.ok(leaf.der.includes(0x13))
    assert.equal(leafX.checkPrivateKey(leaf.privateKey), true)
  })

  const algorithms: readonly (readonly [TestKeyKind, 'SHA-1' | 'SHA-256' | 'SHA-384', string])[] = [
    ['ec-p256', 'SHA-1', 'ecdsa-with-SHA1'],
    ['ec-p384', 'SHA-384', 'ecdsa-with-SHA384'],
    ['rsa-2048', 'SHA-1', 'sha1WithRSAEncryption'],
    ['rsa-1024', 'SHA-256', 'sha256WithRSAEncryption'],
    ['rsa-pss-2048', 'SHA-256', 'rsassaPss'],
    ['ed25519', 'SHA-256', 'ED25519'],
  ]
  for (const [keyKind, signatureHash, name] of algorithms) {
    it(`signs with ${keyKind} and ${signatureHash}`, async () => {
      const made = await makeTestAuthority('CN=root', { keyKind, signatureHash })
      const read = new X509Certificate(made.der)
      assert.equal(read.signatureAlgorithm, name)
      assert.equal(read.verify(made.publicKey), true)
    })
  }
})
