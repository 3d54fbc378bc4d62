import { clientAuthenticationMethods } from '@mintmark/server/administration/app-words'
import type { AuthenticationEntry, SubjectEntry } from './domain-document.ts'
import type { DomainSource } from './mistake.ts'
import { readBeside, readPem } from './read-domain-wide.ts'
import { readNames } from './read-entry.ts'
import {
  isMapping,
  isText,
  plainValue,
  readFields,
  readFlag,
  readItems,
  readText,
  readWord,
  report,
  type Value,
} from './yaml-node.ts'

const nothing: AuthenticationEntry = {
  secret: null,
  jwks: null,
  jwksUri: null,
  certificate: null,
  certificates: [],
  subject: null,
  anchors: [],
  methods: null,
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
  'certificates',
  'tlsSubject',
  'tlsAuthorities',
  'methods',
]

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
  const read = readPem(value, source)
  return read === null ? null : { ...read, alias }
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

const readMethods = (value: Value | undefined): AuthenticationEntry['methods'] =>
  value === undefined
    ? null
    : readItems(value).flatMap((item) => readWord(item, clientAuthenticationMethods) ?? [])

/** `authentication:`: the word `secret` or `none`, or a mapping of one or more ways. */
export const readAuthentication = (
  value: Value | undefined,
  source: DomainSource,
): AuthenticationEntry => {
  if (value === undefined) return authenticationDefault
  if (isText(value)) {
    if (readText(value) === 'none') return nothing
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
    certificates: readNames(fields.get('certificates')),
    subject: readSubject(fields.get('tlsSubject')),
    anchors: readItems(fields.get('tlsAuthorities')).flatMap(
      (item) => readPem(item, source)?.base64 ?? [],
    ),
    methods: readMethods(fields.get('methods')),
  }
  if (fields.size === 0) report(value, 'This says no way at all.', `Ways: ${ways.join(', ')}.`)
  return read
}
