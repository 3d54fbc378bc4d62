/**
 * What a certification path is judged by (RFC 5280 §4): the fields that `X509Certificate` does not
 * tell are read from the DER itself.
 */
import { hash, X509Certificate } from 'node:crypto'
import {
  distinguishedNamesEqual,
  parseDerName,
} from '@mintmark/protocol/rfc4514-distinguished-name'
import {
  type CertificateNames,
  readCertificateNames,
} from '@mintmark/protocol/rfc8705-certificate-subject'
import {
  type DerElement,
  derTags,
  readDer,
  readDerChildren,
  readObjectIdentifier,
} from '@mintmark/protocol/x690-der'
import { findSignatureWeakness, isStrongKey } from './certificate-strength.ts'
import { type NameConstraints, readNameConstraints } from './rfc5280-name-constraints.ts'

export interface ReadCertificate {
  readonly der: Uint8Array
  readonly x509: X509Certificate
  /** Base64url SHA-256 of the DER. */
  readonly x5tS256: string
  readonly names: CertificateNames
  /** Every GeneralName of subjectAltName, also those that no matcher reads. */
  readonly alternativeNames: readonly DerElement[]
  /** §3.2: issuer and subject are one name; does not count towards a path length. */
  readonly isSelfIssued: boolean
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** §4.2.1.9 */
  readonly isAuthority: boolean
  readonly pathLengthMax: number | null
  /** §4.2.1.3; null: not stated, so any. */
  readonly keyUsage: { readonly digitalSignature: boolean; readonly keyCertSign: boolean } | null
  /** §4.2.1.12; null: not stated, so any. */
  readonly extendedKeyUsages: ReadonlySet<string> | null
  readonly nameConstraints: NameConstraints | null
  /** A critical extension that is not understood here (§4.2), by its identifier. */
  readonly unknownCriticalExtension: string | null
  /** Why its signature is not believed whoever made it; null: it is strong. */
  readonly signatureWeakness: string | null
  readonly hasStrongKey: boolean
}

const certificateBytesMax = 65_536

const extensionIds = {
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  certificatePolicies: '2.5.29.32',
  extendedKeyUsage: '2.5.29.37',
} as const

/** Policies are understood in that none is asked for: they only ever narrow by more extensions. */
const understood: ReadonlySet<string> = new Set(Object.values(extensionIds))

const versionTag = 0xa0
const extensionsTag = 0xa3
const booleanTag = 0x01
const bitStringTag = 0x03

/** @returns null when the bytes are not one certificate, or say one thing twice */
export const readCertificate = (der: Uint8Array): ReadCertificate | null => {
  if (der.length > certificateBytesMax) return null
  const names = readCertificateNames(der)
  const [tbs, signatureAlgorithm] = readDerChildren(readDer(der), derTags.sequence) ?? []
  const fields = readDerChildren(tbs, derTags.sequence)
  const extensions = fields === null ? null : readExtensions(fields)
  if (names === null || fields === null || extensions === null) return null
  const limits = readLimits(extensions)
  if (limits === null) return null
  // RFC 5280 §4.1: [version], serialNumber, signature, issuer, validity, subject, …
  const issuerField = fields[fields[0]?.tag === versionTag ? 3 : 2]
  const issuer = issuerField === undefined ? null : parseDerName(issuerField.whole)
  if (issuer === null) return null
  try {
    const x509 = new X509Certificate(der)
    return {
      der,
      x509,
      x5tS256: hash('sha256', der, 'base64url'),
      names,
      isSelfIssued: distinguishedNamesEqual(issuer, names.subject),
      notBeforeMs: x509.validFromDate.getTime(),
      notAfterMs: x509.validToDate.getTime(),
      ...limits,
      signatureWeakness: findSignatureWeakness(signatureAlgorithm),
      hasStrongKey: isStrongKey(x509.publicKey),
    }
  } catch {
    return null // OpenSSL does not read it, or not its key
  }
}

interface Extension {
  readonly isCritical: boolean
  readonly value: Uint8Array
}

const readExtensions = (fields: readonly DerElement[]): ReadonlyMap<string, Extension> | null => {
  const found = new Map<string, Extension>()
  const wrapper = fields.find(({ tag }) => tag === extensionsTag)
  if (wrapper === undefined) return found
  const list = readDerChildren(readDer(wrapper.content), derTags.sequence)
  if (list === null) return null
  for (const element of list) {
    const parts = readDerChildren(element, derTags.sequence) ?? []
    const id = readObjectIdentifier(parts[0])
    const value = parts.at(-1)
    const critical = parts.length === 3 ? parts[1] : null
    if (id === null || parts.length < 2 || parts.length > 3) return null
    if (value?.tag !== derTags.octetString || (critical && critical.tag !== booleanTag)) return null
    if (found.has(id)) return null // §4.2: not more than one instance
    found.set(id, {
      isCritical: critical?.content[0] !== undefined && critical.content[0] !== 0,
      value: value.content,
    })
  }
  return found
}

type Limits = Pick<
  ReadCertificate,
  | 'alternativeNames'
  | 'isAuthority'
  | 'pathLengthMax'
  | 'keyUsage'
  | 'extendedKeyUsages'
  | 'nameConstraints'
  | 'unknownCriticalExtension'
>

/** An extension that is there and cannot be read makes the whole certificate unreadable. */
const readLimits = (extensions: ReadonlyMap<string, Extension>): Limits | null => {
  const read = <Value>(id: string, reader: (value: DerElement) => Value | null) => {
    const extension = extensions.get(id)
    if (extension === undefined) return { isBroken: false, value: null }
    const element = readDer(extension.value)
    const value = element === null ? null : reader(element)
    return { isBroken: value === null, value }
  }
  const basic = read(extensionIds.basicConstraints, readBasicConstraints)
  const usage = read(extensionIds.keyUsage, readKeyUsage)
  const purposes = read(extensionIds.extendedKeyUsage, readIdentifiers)
  const alternative = read(extensionIds.subjectAlternativeName, (value) =>
    readDerChildren(value, derTags.sequence),
  )
  const constraints = read(extensionIds.nameConstraints, readNameConstraints)
  if ([basic, usage, purposes, alternative, constraints].some((each) => each.isBroken)) return null
  const unknown = [...extensions].find(([id, { isCritical }]) => isCritical && !understood.has(id))
  return {
    alternativeNames: alternative.value ?? [],
    isAuthority: basic.value?.isAuthority ?? false,
    pathLengthMax: basic.value?.pathLengthMax ?? null,
    keyUsage: usage.value,
    extendedKeyUsages: purposes.value,
    nameConstraints: constraints.value,
    unknownCriticalExtension: unknown?.[0] ?? null,
  }
}

/** §4.2.1.9: SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL } */
const readBasicConstraints = (value: DerElement) => {
  const parts = readDerChildren(value, derTags.sequence)
  if (parts === null) return null
  const [first] = parts
  const isStated = first?.tag === booleanTag
  const [length, ...more] = isStated ? parts.slice(1) : parts
  if (more.length > 0) return null
  if (length !== undefined) {
    const { tag, content } = length
    // Longer than 127 certificates is as good as unlimited, but nobody writes it: not understood.
    if (tag !== derTags.integer || content.length !== 1 || content[0]! > 0x7f) return null
  }
  return {
    isAuthority: isStated && first.content[0] !== undefined && first.content[0] !== 0,
    pathLengthMax: length?.content[0] ?? null,
  }
}

/** §4.2.1.3: bit 0 is the highest bit of the octet behind the count of unused ones. */
const readKeyUsage = ({ tag, content }: DerElement) => {
  const bits = content[1]
  if (tag !== bitStringTag || bits === undefined || content.length > 3) return null
  return { digitalSignature: (bits & 0x80) !== 0, keyCertSign: (bits & 0x04) !== 0 }
}

const readIdentifiers = (value: DerElement): ReadonlySet<string> | null => {
  const parts = readDerChildren(value, derTags.sequence)
  if (parts === null || parts.length === 0) return null
  const ids = parts.map(readObjectIdentifier)
  return ids.every((id) => id !== null) ? new Set(ids) : null
}
