/**
 * Certificates of every make, right and wrong, for tests. Nothing that serves a request may import
 * this file.
 */
import { hash, KeyObject, webcrypto } from 'node:crypto'
import { nameConstraintsValue, type TestSubtrees } from './test-name-constraints.ts'

export type { TestSubtrees } from './test-name-constraints.ts'

export type TestKeyKind =
  | 'ec-p256'
  | 'ec-p384'
  | 'rsa-1024'
  | 'rsa-2048'
  | 'rsa-pss-2048'
  | 'ed25519'

/** One RDN: attribute type (short name or OID) to its values with their string type. */
export type TestRelativeName = Readonly<
  Record<string, readonly { readonly printableString?: string; readonly utf8String?: string }[]>
>

/** What the certificate is to say. Left out: a version 3 leaf without extensions, for an hour. */
export interface TestCertificateWish {
  /** RDNs in the order in which they are encoded, or parts with their string types. */
  readonly subject?: string | readonly TestRelativeName[]
  readonly keyKind?: TestKeyKind
  /** CA flag of basicConstraints; undefined: no such extension. */
  readonly isAuthority?: boolean
  readonly pathLength?: number
  /** Bits of RFC 5280 §4.2.1.3 by name; undefined: no such extension. */
  readonly keyUsages?: readonly TestKeyUsage[]
  /** `clientAuth`, `serverAuth` or a dotted OID; undefined: no such extension. */
  readonly extendedKeyUsages?: readonly string[]
  readonly dnsNames?: readonly string[]
  readonly uris?: readonly string[]
  readonly ipAddresses?: readonly string[]
  readonly emailAddresses?: readonly string[]
  /** Distinguished names among the alternative names. */
  readonly directoryNames?: readonly string[]
  readonly permitted?: TestSubtrees
  readonly excluded?: TestSubtrees
  /** Adds an extension that nobody knows, marked critical. */
  readonly hasUnknownCriticalExtension?: boolean
  /** Adds extensions as they are: identifier, critical or not, DER of the value. */
  readonly rawExtensions?: readonly (readonly [string, boolean, Uint8Array])[]
  readonly signatureHash?: 'SHA-1' | 'SHA-256' | 'SHA-384'
  readonly notBeforeMs?: number
  readonly notAfterMs?: number
  /** A key to certify again; by default a new one is made. */
  readonly keys?: TestKeys
}

export type TestKeyUsage = 'digitalSignature' | 'keyEncipherment' | 'keyAgreement' | 'keyCertSign'

/** The two halves as WebCrypto holds them; free of types that only a browser's library has. */
export interface TestKeys {
  readonly kind: TestKeyKind
  readonly publicKey: webcrypto.CryptoKey
  readonly privateKey: webcrypto.CryptoKey
}

export interface TestCertificate {
  readonly der: Uint8Array
  readonly pem: string
  readonly keyPem: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** Base64url SHA-256 of the DER. */
  readonly x5tS256: string
  readonly subject: string
  readonly keys: TestKeys
}

type Library = typeof import('@peculiar/x509')

const loadLibrary = async (): Promise<Library> => {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

const usageBits: Readonly<Record<TestKeyUsage, number>> = {
  digitalSignature: 1,
  keyEncipherment: 4,
  keyAgreement: 16,
  keyCertSign: 32,
}

const purposes: Readonly<Record<string, string>> = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
}

/** Makes a key pair of a kind, some of them too weak for anything but a test. */
export const makeTestKeys = async (kind: TestKeyKind): Promise<TestKeys> => {
  const pair = await webcrypto.subtle.generateKey(generation(kind), true, ['sign', 'verify'])
  const { publicKey, privateKey } = pair as webcrypto.CryptoKeyPair
  return { kind, publicKey, privateKey }
}

const generation = (kind: TestKeyKind): webcrypto.EcKeyGenParams => {
  const rsa = (name: string, modulusLength: number) => ({
    name,
    modulusLength,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  })
  const table = {
    'ec-p256': { name: 'ECDSA', namedCurve: 'P-256' },
    'ec-p384': { name: 'ECDSA', namedCurve: 'P-384' },
    'rsa-1024': rsa('RSASSA-PKCS1-v1_5', 1024),
    'rsa-2048': rsa('RSASSA-PKCS1-v1_5', 2048),
    'rsa-pss-2048': rsa('RSA-PSS', 2048),
    ed25519: { name: 'Ed25519' },
  } as const
  return table[kind] as webcrypto.EcKeyGenParams
}

/**
 * Makes a certificate.
 * @param wish what it says
 * @param issuer who signs it; null: it signs itself
 */
export const issueTestCertificate = async (
  wish: TestCertificateWish,
  issuer: TestCertificate | null = null,
): Promise<TestCertificate> => {
  const library = await loadLibrary()
  const keys = wish.keys ?? (await makeTestKeys(wish.keyKind ?? 'ec-p256'))
  const signer = issuer?.keys ?? keys
  const hashName = wish.signatureHash ?? 'SHA-256'
  // Names are made from their own bytes, so that an issuer is its subject to the last bit.
  const subject = new library.Name((wish.subject ?? 'CN=test') as string)
  const made = await library.X509CertificateGenerator.create({
    subject,
    issuer: issuer === null ? subject : new library.X509Certificate(issuer.der).subjectName,
    notBefore: new Date(wish.notBeforeMs ?? Date.now() - 60_000),
    notAfter: new Date(wish.notAfterMs ?? Date.now() + 3_600_000),
    extensions: await extensionsOf(library, wish, keys, signer),
    publicKey: keys.publicKey,
    signingKey: await rehash(signer, hashName),
    signingAlgorithm: signingAlgorithm(signer, hashName),
  })
  const der = new Uint8Array(made.rawData)
  const privateKey = KeyObject.from(keys.privateKey)
  return {
    der,
    pem: `${made.toString('pem')}\n`,
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    privateKey,
    publicKey: KeyObject.from(keys.publicKey),
    x5tS256: hash('sha256', der, 'base64url'),
    subject: subject.toString(),
    keys,
  }
}

const signingAlgorithm = ({ privateKey }: TestKeys, hashName: string) => {
  const { name } = privateKey.algorithm
  return name === 'RSA-PSS' ? { name, hash: hashName, saltLength: 32 } : { name, hash: hashName }
}

/** WebCrypto binds an RSA key to one hash: another hash needs the key read again. */
const rehash = async (keys: TestKeys, hashName: string): Promise<webcrypto.CryptoKey> => {
  if (!keys.kind.startsWith('rsa')) return keys.privateKey
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  const { name } = keys.privateKey.algorithm
  return webcrypto.subtle.importKey('pkcs8', pkcs8, { name, hash: hashName }, true, ['sign'])
}

const extensionsOf = async (
  library: Library,
  wish: TestCertificateWish,
  keys: TestKeys,
  signer: TestKeys,
) => {
  const extensions = [
    await library.SubjectKeyIdentifierExtension.create(keys.publicKey),
    await library.AuthorityKeyIdentifierExtension.create(signer.publicKey),
  ] as InstanceType<Library['Extension']>[]
  if (wish.isAuthority !== undefined) {
    extensions.push(new library.BasicConstraintsExtension(wish.isAuthority, wish.pathLength, true))
  }
  if (wish.keyUsages !== undefined) {
    const bits = wish.keyUsages.reduce((all, name) => all | usageBits[name], 0)
    extensions.push(new library.KeyUsagesExtension(bits, true))
  }
  if (wish.extendedKeyUsages !== undefined) {
    const usages = wish.extendedKeyUsages.map((usage) => purposes[usage] ?? usage)
    extensions.push(new library.ExtendedKeyUsageExtension(usages))
  }
  const names = alternativeNames(wish)
  if (names.length > 0) extensions.push(new library.SubjectAlternativeNameExtension(names))
  if (wish.permitted !== undefined || wish.excluded !== undefined) {
    const toName = (text: string) => new Uint8Array(new library.Name(text).toArrayBuffer())
    const value = nameConstraintsValue(wish.permitted ?? {}, wish.excluded ?? {}, toName)
    extensions.push(new library.Extension('2.5.29.30', true, value))
  }
  if (wish.hasUnknownCriticalExtension === true) {
    const nothing = new Uint8Array([0x05, 0x00])
    extensions.push(new library.Extension('1.3.6.1.4.1.55555.1', true, nothing))
  }
  for (const [id, isCritical, value] of wish.rawExtensions ?? []) {
    extensions.push(new library.Extension(id, isCritical, Buffer.from(value)))
  }
  return extensions
}

const alternativeNames = (wish: TestCertificateWish) => {
  const named = <Kind extends string>(type: Kind, values: readonly string[] | undefined) =>
    (values ?? []).map((value) => ({ type, value }))
  return [
    ...named('dns', wish.dnsNames),
    ...named('url', wish.uris),
    ...named('ip', wish.ipAddresses),
    ...named('email', wish.emailAddresses),
    ...named('dn', wish.directoryNames),
  ]
}

/** A certificate authority: CA flag, keyCertSign, and what the wish adds or changes. */
export const makeTestAuthority = (
  subject: string,
  wish: TestCertificateWish = {},
  issuer: TestCertificate | null = null,
): Promise<TestCertificate> =>
  issueTestCertificate({ subject, isAuthority: true, keyUsages: ['keyCertSign'], ...wish }, issuer)
