import { createPrivateKey, KeyObject, webcrypto, X509Certificate } from 'node:crypto'

/** A certificate and its private key (PKCS#8), both PEM. */
export interface IssuedPem {
  readonly certPem: string
  readonly keyPem: string
}

const dayMs = 86_400_000
const rootLifetimeMs = 3650 * dayMs
/** What Apple's and Chromium's verifiers accept at most, with a day to spare. */
const leafLifetimeMs = 397 * dayMs
/** Clocks of containers on one machine differ by seconds, not by more. */
const clockSkewMs = 60_000

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

const loadLibrary = async () => {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

const makeKeys = () => webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])

const toPem = (certificate: { toString(format: 'pem'): string }, key: webcrypto.CryptoKey) => ({
  certPem: `${certificate.toString('pem')}\n`,
  keyPem: KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }) as string,
})

/** A root that may sign leafs and nothing else (RFC 5280 §4.2.1.9, path length 0). */
export const makeDevelopmentRoot = async (nowMs: number): Promise<IssuedPem> => {
  const library = await loadLibrary()
  const keys = await makeKeys()
  const made = await library.X509CertificateGenerator.createSelfSigned({
    // Each root has a name of its own, so that a trust store keeps an old and a new one apart.
    name: `O=Mintmark,CN=Mintmark development authority ${randomTail()}`,
    keys,
    notBefore: new Date(nowMs - clockSkewMs),
    notAfter: new Date(nowMs + rootLifetimeMs),
    signingAlgorithm: ecdsa,
    extensions: [
      new library.BasicConstraintsExtension(true, 0, true),
      new library.KeyUsagesExtension(
        library.KeyUsageFlags.keyCertSign | library.KeyUsageFlags.cRLSign,
        true,
      ),
      await library.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return toPem(made, keys.privateKey)
}

const randomTail = (): string =>
  Buffer.from(webcrypto.getRandomValues(new Uint8Array(4))).toString('hex')

/** A name that a leaf carries beside its subject (RFC 5280 §4.2.1.6). */
export interface LeafName {
  readonly type: 'dns' | 'ip' | 'url' | 'email'
  readonly value: string
}

/** What a leaf is for, and whose. */
export interface LeafWish {
  readonly purpose: 'server' | 'client'
  readonly commonName: string
  readonly names: readonly LeafName[]
  /** Never longer than its root, nor than 397 days. */
  readonly lifetimeMs?: number
}

/**
 * A leaf with a new key, signed by a root of `makeDevelopmentRoot`.
 * @throws Error when the root's certificate or key cannot be read
 */
export const issueLeaf = async (
  wish: LeafWish,
  root: IssuedPem,
  nowMs: number,
): Promise<IssuedPem> => {
  const library = await loadLibrary()
  const keys = await makeKeys()
  const authority = new library.X509Certificate(root.certPem)
  const rootKey = createPrivateKey(root.keyPem).toCryptoKey(ecdsa, false, ['sign'])
  const rootEndsMs = new X509Certificate(root.certPem).validToDate.getTime()
  const lifetimeMs = Math.min(wish.lifetimeMs ?? leafLifetimeMs, leafLifetimeMs)
  const purpose = library.ExtendedKeyUsage[wish.purpose === 'server' ? 'serverAuth' : 'clientAuth']
  const names = [...wish.names]
  const made = await library.X509CertificateGenerator.create({
    subject: [{ CN: [wish.commonName] }],
    issuer: authority.subjectName,
    notBefore: new Date(nowMs - clockSkewMs),
    notAfter: new Date(Math.min(nowMs + lifetimeMs, rootEndsMs)),
    publicKey: keys.publicKey,
    signingKey: rootKey,
    signingAlgorithm: ecdsa,
    extensions: [
      new library.BasicConstraintsExtension(false, undefined, true),
      new library.KeyUsagesExtension(library.KeyUsageFlags.digitalSignature, true),
      new library.ExtendedKeyUsageExtension([purpose]),
      await library.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      await library.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(names.length > 0 ? [new library.SubjectAlternativeNameExtension(names)] : []),
    ],
  })
  return toPem(made, keys.privateKey)
}

/**
 * A leaf of the development authority with a new key: `server` for localhost and the loopback
 * addresses, `client` for the demo application.
 */
export const issueDevelopmentLeaf = (
  name: 'server' | 'client',
  root: IssuedPem,
  nowMs: number,
): Promise<IssuedPem> =>
  issueLeaf(
    name === 'server'
      ? { purpose: name, commonName: 'localhost', names: machineNames }
      : { purpose: name, commonName: 'demo-client', names: [] },
    root,
    nowMs,
  )

const machineNames: readonly LeafName[] = [
  { type: 'dns', value: 'localhost' },
  { type: 'ip', value: '127.0.0.1' },
  { type: 'ip', value: '::1' },
]
