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
  }
}
