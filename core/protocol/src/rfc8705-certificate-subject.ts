/**
 * Who a client certificate says it is, and whether that is who was registered (RFC 8705 §2.1.2;
 * names as in RFC 5280 §4.1.2.6 and §4.2.1.6). The chain and the proof of possession are TLS's
 * part.
 */
import { ipAddressesEqual, parseIpAddress } from './rfc4291-ip-address.ts'
import {
  type DistinguishedName,
  distinguishedNamesEqual,
  parseDerName,
  parseDistinguishedName,
} from './rfc4514-distinguished-name.ts'
import {
  type DerElement,
  derTags,
  readDer,
  readDerChildren,
  readObjectIdentifier,
} from './x690-der.ts'

/** What identifies a client: exactly one of the five (§2.1.2). */
export interface CertificateSubjectMatcher {
  readonly kind: 'subject_dn' | 'san_dns' | 'san_uri' | 'san_ip' | 'san_email'
  readonly value: string
}

export interface CertificateNames {
  readonly subject: DistinguishedName
  readonly dnsNames: readonly string[]
  readonly uris: readonly string[]
  /** 4 or 16 bytes each. */
  readonly ipAddresses: readonly Uint8Array[]
  readonly emailAddresses: readonly string[]
}

const certificateBytesMax = 65_536
const subjectAlternativeName = '2.5.29.17'

/** Context-specific tags: of TBSCertificate, and of GeneralName (RFC 5280 §4.1, §4.2.1.6). */
const versionTag = 0xa0
const extensionsTag = 0xa3
const rfc822NameTag = 0x81
const dnsNameTag = 0x82
const uriTag = 0x86
const ipAddressTag = 0x87

/** Printable ASCII or nothing: a name with NUL, space or an eighth bit is no name to compare. */
const readName = ({ content }: DerElement): string[] => {
  if (content.length === 0) return []
  let text = ''
  for (const octet of content) {
    if (octet < 0x21 || octet > 0x7e) return []
    text += String.fromCharCode(octet)
  }
  return [text]
}

/**
 * The GeneralNames in the subjectAltName extension; none without it, null when it is broken or
 * twice.
 */
const readAlternativeNames = (
  tbsCertificate: readonly DerElement[],
): readonly DerElement[] | null => {
  const wrapper = tbsCertificate.find(({ tag }) => tag === extensionsTag)
  if (wrapper === undefined) return []
  const extensions = readDerChildren(readDer(wrapper.content), derTags.sequence)
  if (extensions === null) return null
  let names: readonly DerElement[] | null = []
  let isFound = false
  for (const extension of extensions) {
    const parts = readDerChildren(extension, derTags.sequence)
    if (readObjectIdentifier(parts?.[0]) !== subjectAlternativeName) continue
    // RFC 5280 §4.2: not more than one instance of an extension.
    if (isFound) return null
    isFound = true
    const value = parts?.at(-1)
    names =
      value?.tag === derTags.octetString
        ? readDerChildren(readDer(value.content), derTags.sequence)
        : null
  }
  return names
}

/**
 * Reads the names of a certificate.
 * @param der the certificate, as proven in the handshake or by a trusted proxy
 * @returns null when it cannot be read; alternative names that could not be compared are left out
 */
export const readCertificateNames = (der: Uint8Array): CertificateNames | null => {
  if (der.length > certificateBytesMax) return null
  const [tbs] = readDerChildren(readDer(der), derTags.sequence) ?? []
  const fields = readDerChildren(tbs, derTags.sequence)
  if (fields === null) return null
  // RFC 5280 §4.1: [version], serialNumber, signature, issuer, validity, subject, …
  const subjectField = fields[fields[0]?.tag === versionTag ? 5 : 4]
  const subject = subjectField === undefined ? null : parseDerName(subjectField.whole)
  const names = readAlternativeNames(fields)
  if (subject === null || names === null) return null
  const ofTag = (tag: number) => names.filter((name) => name.tag === tag)
  return {
    subject,
    dnsNames: ofTag(dnsNameTag).flatMap(readName),
    uris: ofTag(uriTag).flatMap(readName),
    ipAddresses: ofTag(ipAddressTag)
      .map(({ content }) => content)
      .filter(({ length }) => length === 4 || length === 16),
    emailAddresses: ofTag(rfc822NameTag).flatMap(readName),
  }
}

const isAscii = (text: string): boolean => /^[\x21-\x7e]+$/.test(text)

/** RFC 5280 §7.2: without regard to ASCII case, and nothing else: a wildcard is only itself. */
const hostsEqual = (one: string, other: string): boolean =>
  isAscii(one) && isAscii(other) && one.toLowerCase() === other.toLowerCase()

/** RFC 5280 §7.5: the local part exactly, the host without regard to ASCII case. */
const emailsEqual = (one: string, other: string): boolean => {
  const at = one.lastIndexOf('@')
  return (
    at > 0 &&
    one.slice(0, at + 1) === other.slice(0, at + 1) &&
    hostsEqual(one.slice(at + 1), other.slice(at + 1))
  )
}

/** An empty subject identifies nobody, and so matches nothing. */
const subjectMatches = (value: string, subject: DistinguishedName): boolean => {
  const registered = parseDistinguishedName(value)
  return (
    registered !== null && registered.length > 0 && distinguishedNamesEqual(registered, subject)
  )
}

/**
 * Whether the certificate names the registered subject, in the one field that was registered: a
 * common name is no dNSName, and an address in the subject is no rfc822Name.
 */
export const matchCertificateSubject = (
  matcher: CertificateSubjectMatcher,
  names: CertificateNames,
): boolean => {
  const { kind, value } = matcher
  switch (kind) {
    case 'subject_dn':
      return subjectMatches(value, names.subject)
    case 'san_dns':
      return names.dnsNames.some((name) => hostsEqual(name, value))
    case 'san_uri':
      return names.uris.includes(value)
    case 'san_email':
      return names.emailAddresses.some((address) => emailsEqual(address, value))
    case 'san_ip': {
      const registered = parseIpAddress(value)
      return (
        registered !== null &&
        names.ipAddresses.some((address) => ipAddressesEqual(address, registered))
      )
    }
    default:
      return kind satisfies never
  }
}
