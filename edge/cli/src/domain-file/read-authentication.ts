import { X509Certificate } from 'node:crypto'
import type { AuthenticationEntry, SubjectEntry } from './domain-document.ts'
import type { DomainSource } from './mistake.ts'
import {
  isMapping,
  isText,
  plainValue,
  readFields,
  readFlag,
  readText,
  report,
  type Value,
} from './yaml-node.ts'

const nothing: AuthenticationEntry = {
  secret: null,
  jwks: null,
  jwksUri: null,
  certificate: null,
  subject: null,
}

/** What an application without a word on it has. */
export const authenticationDefault: AuthenticationEntry = { ...nothing, secret: 'minted' }

const ways = [
  'secret',
  'secretFile',
  'jwks',
  'jwksUri',
  'certificate',
  'certificateAlias',
  'tlsSubject',
]

const readBeside = (value: Value | undefined, source: DomainSource): string | null => {
  const path = readText(value)
  if (path === null || value === undefined) return null
  try {
    return source.readBeside(value.reading.file, path)
  } catch (error) {
    return report(value, `"${path}" cannot be read: ${(error as Error).message}.`)
  }
}

const readJwks = (value: Value | undefined, source: DomainSource): unknown => {
  if (value === undefined) return null
  if (isMapping(value)) return plainValue(value)
  const text = readBeside(value, source)
  if (text === null) return null
  try {
    return JSON.parse(text)
  } catch {
    return report(value, 'This file is no JSON.', 'It must hold a JWK Set: {"keys": [...]}.')
  }
}

const readCertificate = (
  value: Value | undefined,
  alias: string | null,
  source: DomainSource,
): AuthenticationEntry['certificate'] => {
  const pem = readBeside(value, source)
  if (pem === null || value === undefined) return null
  try {
    const certificate = new X509Certificate(pem)
    const thumbprint = Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex')
    return {
      base64: certificate.raw.toString('base64'),
      thumbprint: thumbprint.toString('base64url'),
      alias,
    }
  } catch {
    return report(value, 'This file is no certificate.', 'It must hold one in PEM.')
  }
}

const subjectFields = ['dn', 'dns', 'uri', 'ip', 'email'] as const
const subjectKinds: Readonly<Record<(typeof subjectFields)[number], SubjectEntry['kind']>> = {
  dn: 'subject_dn',
  dns: 'san_dns',
  uri: 'san_uri',
  ip: 'san_ip',
  email: 'san_email',
}

/** RFC 8705 §2.1.2: exactly one name. A plain text is a distinguished name. */
const readSubject = (value: Value | undefined): SubjectEntry | null => {
  if (value === undefined) return null
  if (isText(value)) {
    const text = readText(value)
    return text === null ? null : { kind: 'subject_dn', value: text }
  }
  const fields = readFields(value, subjectFields)
  if (fields === null) return null
  const [first, ...more] = [...fields]
  if (first === undefined || more.length > 0) {
    return report(value, `This must be exactly one of ${subjectFields.join(', ')}.`)
  }
  const [name, field] = first
  const text = readText(field)
  return text === null
    ? null
    : { kind: subjectKinds[name as keyof typeof subjectKinds], value: text }
}

const readSecretFile = (value: Value | undefined, source: DomainSource) => {
  const text = readBeside(value, source)
  return text === null ? null : { chosen: text.replace(/\r?\n$/, '') }
}

/** `authentication:`: the word `secret`, or a mapping of one or more ways. */
export const readAuthentication = (
  value: Value | undefined,
  source: DomainSource,
): AuthenticationEntry => {
  if (value === undefined) return authenticationDefault
  if (isText(value)) {
    if (readText(value) !== 'secret') {
      report(value, 'This must be the word secret, or a mapping.', `Ways: ${ways.join(', ')}.`)
    }
    return authenticationDefault
  }
  const fields = readFields(value, ways)
  if (fields === null) return nothing
  const secretFile = fields.get('secretFile')
  const minted = readFlag(fields.get('secret')) === true
  if (minted && secretFile !== undefined) report(secretFile, 'There is secret already.')
  const read: AuthenticationEntry = {
    secret:
      secretFile === undefined ? (minted ? 'minted' : null) : readSecretFile(secretFile, source),
    jwks: readJwks(fields.get('jwks'), source),
    jwksUri: readText(fields.get('jwksUri')),
    certificate: readCertificate(
      fields.get('certificate'),
      readText(fields.get('certificateAlias')),
      source,
    ),
    subject: readSubject(fields.get('tlsSubject')),
  }
  if (fields.size === 0) report(value, 'This says no way at all.', `Ways: ${ways.join(', ')}.`)
  return read
}
