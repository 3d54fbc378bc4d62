import type { CertificateForm } from '@mintmark/guard/sender-options'
import {
  isText,
  readDuration,
  readFields,
  readFlag,
  readItems,
  readText,
  readWord,
  report,
  type Value,
} from '../domain-file/yaml-node.ts'
import type { AccountsPart, GuardPart } from './gateway-file.ts'

type Fields = ReadonlyMap<string, Value>

const readAudience = (value: Value | undefined): readonly string[] => {
  if (value === undefined) return []
  return (isText(value) ? [value] : readItems(value)).flatMap((each) => readText(each) ?? [])
}

const readIntrospection = (value: Value | undefined): GuardPart['introspection'] => {
  const known = ['clientId', 'clientSecretFile', 'maxAge', 'subjectField']
  const fields = value === undefined ? null : readFields(value, known)
  if (value === undefined || fields === null) return null
  const clientId = readText(fields.get('clientId'))
  const clientSecretFile = readText(fields.get('clientSecretFile'))
  if (clientId === null || clientSecretFile === null) {
    return report(value, 'Asking the issuer needs clientId and clientSecretFile.')
  }
  return {
    clientId,
    clientSecretFile,
    maxAgeSeconds: readDuration(fields.get('maxAge')),
    subjectField: readText(fields.get('subjectField')),
  }
}

const readAccounts = (value: Value | undefined): AccountsPart | null => {
  const fields = value === undefined ? null : readFields(value, ['file', 'url', 'claim'])
  if (value === undefined || fields === null) return null
  const file = readText(fields.get('file'))
  const url = readText(fields.get('url'))
  const claim = readText(fields.get('claim'))
  if (file !== null && url === null) return { file, claim }
  if (url !== null && file === null) return { url, claim }
  return report(value, 'Accounts lie in a file or behind a URL.', 'Give file or url.')
}

const readRevocations = (value: Value | undefined): GuardPart['revocations'] => {
  const known = ['clientId', 'clientSecretFile', 'staleAfter']
  const fields = value === undefined ? null : readFields(value, known)
  if (value === undefined || fields === null) return null
  const clientId = readText(fields.get('clientId'))
  const clientSecretFile = readText(fields.get('clientSecretFile'))
  if (clientId === null || clientSecretFile === null) {
    return report(value, 'Following the issuer needs clientId and clientSecretFile.')
  }
  return { clientId, clientSecretFile, staleSecondsMax: readDuration(fields.get('staleAfter')) }
}

const readDpop = (value: Value | undefined): GuardPart['dpop'] => {
  const fields = value === undefined ? null : readFields(value, ['url', 'required'])
  if (value === undefined || fields === null) return null
  const url = readText(fields.get('url'))
  const required = readFlag(fields.get('required')) ?? false
  if (url !== null) return { url, required }
  return report(value, 'Proofs are for an address.', 'Give url, as callers reach the API.')
}

const certificateForms = [
  'handshake',
  'rfc9440',
  'nginx',
  'envoy',
  'haproxy',
  'traefik',
] as const satisfies readonly CertificateForm[]

const readCertificates = (root: Value, all: Fields): GuardPart['certificates'] => {
  const value = all.get('certificates')
  const fields = value === undefined ? null : readFields(value, ['from', 'required'])
  if (value === undefined || fields === null) return null
  const from = readWord(fields.get('from'), certificateForms)
  if (!fields.has('from')) report(value, 'Who hands on the certificate?', 'Give from.')
  if (from === null) return null
  if (from !== 'handshake' && !all.has('trustedProxies')) {
    report(root, 'No proxy is trusted to hand on certificates.', 'List them: trustedProxies.')
  }
  if (from === 'handshake' && !all.has('tls')) report(value, 'Without tls there is no handshake.')
  return { from, required: readFlag(fields.get('required')) ?? false }
}

/** What the guard needs; issuer and audience have no default. */
export const readGuardPart = (root: Value, fields: Fields): GuardPart => {
  const issuer = readText(fields.get('issuer'))
  const audience = readAudience(fields.get('audience'))
  if (!fields.has('issuer')) report(root, 'issuer is missing.', "It is what tokens have in 'iss'.")
  if (!fields.has('audience')) {
    report(root, 'audience is missing.', "It is what tokens for this API have in 'aud'.")
  } else if (audience.length === 0) report(fields.get('audience') as Value, 'No audience is named.')
  return {
    issuer: issuer ?? '',
    audience,
    profile: readWord(fields.get('profile'), ['rfc9068', 'identity-domain']) ?? 'rfc9068',
    discoveryUrl: readText(fields.get('discoveryUrl')),
    allowHttp: readFlag(fields.get('allowHttp')) ?? false,
    introspection: readIntrospection(fields.get('introspection')),
    accounts: readAccounts(fields.get('accounts')),
    revocations: readRevocations(fields.get('revocations')),
    dpop: readDpop(fields.get('dpop')),
    certificates: readCertificates(root, fields),
  }
}
