import { type KeyObject, X509Certificate } from 'node:crypto'
import type { SigningAlgorithm } from '@mintmark/registry/application'

export interface SigningCertificateWish {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly algorithm: SigningAlgorithm
  /** Distinguished name, attributes in the order in which they are encoded: `CN=a,CN=b`. */
  readonly subject: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

const webAlgorithms = {
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
} as const satisfies Record<SigningAlgorithm, object>

/**
 * Makes the self-signed certificate of a key that signs tokens, so that it can be published as
 * `x5c` and named by `x5t` and `x5t#S256` (RFC 7517 §4.7–4.9). It vouches for nothing else. The
 * library is loaded here and not before: reading it costs more than the rest of the server's start.
 * @throws Error when the key does not fit the algorithm
 */
export const makeSigningCertificate = async (
  wish: SigningCertificateWish,
): Promise<{ readonly certificateDer: Uint8Array }> => {
  await import('reflect-metadata')
  const { KeyUsageFlags, KeyUsagesExtension, SubjectKeyIdentifierExtension, ...library } =
    await import('@peculiar/x509')
  const algorithm = webAlgorithms[wish.algorithm]
  const keys = {
    privateKey: wish.privateKey.toCryptoKey(algorithm, true, ['sign']),
    publicKey: wish.publicKey.toCryptoKey(algorithm, true, ['verify']),
  }
  const made = await library.X509CertificateGenerator.createSelfSigned({
    name: wish.subject,
    keys,
    notBefore: new Date(wish.notBeforeMs),
    notAfter: new Date(wish.notAfterMs),
    signingAlgorithm: { name: algorithm.name, hash: algorithm.hash },
    extensions: [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const certificateDer = new Uint8Array(made.rawData)
  // A certificate of another key would be published under this one's name: worth one verification.
  if (!new X509Certificate(certificateDer).checkPrivateKey(wish.privateKey)) {
    throw new Error('The signing certificate does not hold the public half of its key.')
  }
  return { certificateDer }
}
