/**
 * X.509 certificates written by hand (RFC 5280), so that wrong ones can be written too. Node makes
 * keys and signatures; these lines put them into DER.
 */
import {
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'
import { isIPv4 } from 'node:net'

const header = (tag: number, length: number): Buffer => {
  if (length < 0x80) return Buffer.from([tag, length])
  if (length < 0x100) return Buffer.from([tag, 0x81, length])
  return Buffer.from([tag, 0x82, length >> 8, length & 0xff])
}

/** One DER value: a tag, the length, the contents. */
export const der = (tag: number, ...contents: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(contents)
  return Buffer.concat([header(tag, body.length), body])
}

const sequence = (...items: readonly Uint8Array[]) => der(0x30, ...items)
const set = (...items: readonly Uint8Array[]) => der(0x31, ...items)
const boolean = (value: boolean) => der(0x01, Buffer.from([value ? 0xff : 0]))
const octets = (bytes: Uint8Array) => der(0x04, bytes)
const bits = (bytes: Uint8Array, unused = 0) => der(0x03, Buffer.from([unused]), bytes)
const integer = (value: number) => der(0x02, Buffer.from([value]))

export const objectIdentifier = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const arc of rest) {
    const groups = [arc & 0x7f]
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80)
    bytes.push(...groups)
  }
  return der(0x06, Buffer.from(bytes))
}

const attributeTypes: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  DC: '0.9.2342.19200300.100.1.25',
  emailAddress: '1.2.840.113549.1.9.1',
}

/** Tags of the string types a name may be written in (RFC 5280 §4.1.2.4). */
const stringTags = { utf8: 0x0c, printable: 0x13, ia5: 0x16 } as const

/** One attribute of a name; types are short names or dotted numbers. */
export interface NameAttribute {
  readonly type: string
  readonly value: string
  readonly encoding?: keyof typeof stringTags
}

/** A name: a list of RDNs in the order of the encoding, each of one or several attributes. */
export type Name = readonly (readonly NameAttribute[])[]

/** `['O', 'Example'], ['CN', 'a']`: a name of simple RDNs. */
export const nameOf = (...pairs: readonly (readonly [string, string])[]): Name =>
  pairs.map(([type, value]) => [{ type, value }])

const encodeName = (name: Name): Buffer =>
  sequence(
    ...name.map((attributes) =>
      set(
        ...attributes
          .map(({ type, value, encoding = 'utf8' }) =>
            sequence(
              objectIdentifier(attributeTypes[type] ?? type),
              der(stringTags[encoding], Buffer.from(value)),
            ),
          )
          .toSorted(Buffer.compare),
      ),
    ),
  )

export interface AlternativeName {
  readonly kind: 'dns' | 'uri' | 'ip' | 'email'
  readonly value: string
}

const alternativeTags = { email: 0x81, dns: 0x82, uri: 0x86, ip: 0x87 } as const

const ipBytes = (address: string): Buffer => {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  const [left = '', right] = address.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':'))
  const tail = right === undefined ? [] : groups(right)
  const start = groups(left)
  const zeros = Array.from({ length: 8 - start.length - tail.length }, () => '0')
  const all = right === undefined ? start : [...start, ...zeros, ...tail]
  return Buffer.from(
    all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  )
}

const encodeAlternative = ({ kind, value }: AlternativeName): Buffer =>
  der(alternativeTags[kind], kind === 'ip' ? ipBytes(value) : Buffer.from(value, 'latin1'))

const keyPurposes: Readonly<Record<string, string>> = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
}

/** What a certificate says; everything but subject and key may be left to the defaults. */
export interface CertificateWish {
  readonly subject: Name
  readonly alternatives?: readonly AlternativeName[]
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** Basic constraints CA:TRUE; with a number, that path length. */
  readonly authority?: boolean | number
  readonly purposes?: readonly string[]
  /** An authority that may also sign other things than certificates. */
  readonly signsAnything?: boolean
  /** Only these DNS names below it (RFC 5280 §4.2.1.10). */
  readonly permittedDns?: readonly string[]
  readonly digest?: 'sha256' | 'sha1'
  /** A private key to certify; without one a new P-256 key is made. */
  readonly privateKey?: KeyObject
  /** Who signs; without one it signs itself. */
  readonly issuer?: Certificate
}

/** A certificate with its private key, in every form a test may need. */
export interface Certificate {
  readonly der: Buffer
  readonly pem: string
  /** PEM of PKCS #8. */
  readonly keyPem: string
  readonly privateKey: KeyObject
  readonly subject: Name
}

const extension = (id: string, critical: boolean, value: Uint8Array): Buffer =>
  sequence(objectIdentifier(id), ...(critical ? [boolean(true)] : []), octets(value))

const extensionsOf = (wish: CertificateWish): readonly Buffer[] => {
  const { authority, alternatives, purposes, permittedDns } = wish
  const list: Buffer[] = []
  if (authority !== undefined && authority !== false) {
    const pathLength = typeof authority === 'number' ? [integer(authority)] : []
    list.push(extension('2.5.29.19', true, sequence(boolean(true), ...pathLength)))
    // keyCertSign and cRLSign; before them, digitalSignature
    const usages = wish.signsAnything === true ? 0x86 : 0x06
    list.push(extension('2.5.29.15', true, bits(Buffer.from([usages]), 1)))
  }
  if (alternatives !== undefined) {
    list.push(extension('2.5.29.17', false, sequence(...alternatives.map(encodeAlternative))))
  }
  if (purposes !== undefined) {
    const ids = purposes.map((each) => objectIdentifier(keyPurposes[each] ?? each))
    list.push(extension('2.5.29.37', false, sequence(...ids)))
  }
  if (permittedDns !== undefined) {
    const trees = permittedDns.map((value) => sequence(encodeAlternative({ kind: 'dns', value })))
    list.push(extension('2.5.29.30', true, sequence(der(0xa0, ...trees))))
  }
  return list
}

const time = (date: Date): Buffer => {
  const text = `${date.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`
  return der(0x17, Buffer.from(text))
}

const algorithmOf = (key: KeyObject, digest: 'sha256' | 'sha1'): Buffer => {
  if (key.asymmetricKeyType === 'rsa') {
    const id = digest === 'sha1' ? '1.2.840.113549.1.1.5' : '1.2.840.113549.1.1.11'
    return sequence(objectIdentifier(id), Buffer.from([0x05, 0]))
  }
  return sequence(objectIdentifier(digest === 'sha1' ? '1.2.840.10045.4.1' : '1.2.840.10045.4.3.2'))
}

const dayMs = 86_400_000

/** Makes a certificate, signed by its issuer or by itself. */
export const makeCertificate = (wish: CertificateWish): Certificate => {
  const privateKey =
    wish.privateKey ?? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const { issuer, digest = 'sha256' } = wish
  const signer = issuer?.privateKey ?? privateKey
  const algorithm = algorithmOf(signer, digest)
  const notBefore = wish.notBefore ?? new Date(Date.now() - dayMs)
  const notAfter = wish.notAfter ?? new Date(Date.now() + 30 * dayMs)
  const serial = randomBytes(12)
  serial[0] = 0x40
  const extensions = extensionsOf(wish)
  const unsigned = sequence(
    der(0xa0, integer(2)),
    der(0x02, serial),
    algorithm,
    encodeName(issuer?.subject ?? wish.subject),
    sequence(time(notBefore), time(notAfter)),
    encodeName(wish.subject),
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : []),
  )
  const bytes = sequence(unsigned, algorithm, bits(sign(digest, unsigned, signer)))
  return {
    der: bytes,
    pem: pemOf(bytes),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    privateKey,
    subject: wish.subject,
  }
}

/** Text around base64 lines (RFC 7468). */
export const pemOf = (bytes: Uint8Array): string => {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

/** An authority that signs others. */
export const makeAuthority = (commonName: string, more: Partial<CertificateWish> = {}) =>
  makeCertificate({ subject: nameOf(['CN', commonName]), authority: true, ...more })
