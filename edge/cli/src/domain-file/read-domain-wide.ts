import { X509Certificate } from 'node:crypto'
import type { ClaimEntry, SettingsEntry, StoredCertificateEntry } from './domain-document.ts'
import type { DomainSource } from './mistake.ts'
import { readTexts, requireText } from './read-entry.ts'
import { readFields, readFlag, readText, readWord, report, type Value } from './yaml-node.ts'

/** What a file beside the domain file holds; a mistake when it cannot be read. */
export const readBeside = (value: Value | undefined, source: DomainSource): string | null => {
  const path = readText(value)
  if (path === null || value === undefined) return null
  try {
    return source.readBeside(value.reading.file, path)
  } catch (error) {
    return report(value, `"${path}" cannot be read: ${(error as Error).message}.`)
  }
}

/** A certificate: in PEM where it stands, or the path of a file with one. */
export const readPem = (
  value: Value | undefined,
  source: DomainSource,
): { readonly base64: string; readonly thumbprint: string } | null => {
  const text = readText(value)
  if (text === null || value === undefined) return null
  const isInline = text.trimStart().startsWith('-----BEGIN')
  const pem = isInline ? text : readBeside(value, source)
  if (pem === null) return null
  try {
    const certificate = new X509Certificate(pem)
    const thumbprint = Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex')
    return {
      base64: certificate.raw.toString('base64'),
      thumbprint: thumbprint.toString('base64url'),
    }
  } catch {
    return report(value, 'This file is no certificate.', 'It must hold one in PEM.')
  }
}

/** One entry of `certificates:` and of `authorities:`. */
export const readStoredCertificate = (
  value: Value,
  source: DomainSource,
): readonly StoredCertificateEntry[] => {
  const fields = readFields(value, ['alias', 'pem'])
  if (fields === null) return []
  const alias = requireText(fields, 'alias', value)
  if (!fields.has('pem')) report(value, 'The field pem is missing.')
  const read = readPem(fields.get('pem'), source)
  const at = fields.get('alias')?.at ?? value.at
  return read === null ? [] : [{ at, path: value.path, alias, ...read }]
}

const claimFields = ['name', 'value', 'mode', 'tokenType', 'scopes']

/** One entry of `claims:`. */
export const readClaim = (value: Value): readonly ClaimEntry[] => {
  const fields = readFields(value, claimFields)
  if (fields === null) return []
  const scopes = fields.get('scopes')
  return [
    {
      at: fields.get('name')?.at ?? value.at,
      path: value.path,
      name: requireText(fields, 'name', value),
      value: requireText(fields, 'value', value),
      mode: readWord(fields.get('mode'), ['always', 'request', 'never']) ?? 'always',
      tokenType: readWord(fields.get('tokenType'), ['AT', 'IT', 'BOTH']) ?? 'AT',
      scopes: scopes === undefined ? null : readTexts(scopes),
    },
  ]
}

/** `settings:`. */
export const readSettings = (value: Value): SettingsEntry | null => {
  const fields = readFields(value, ['issuer', 'signingCertPublicAccess'])
  if (fields === null) return null
  return {
    at: value.at,
    path: value.path,
    issuer: readText(fields.get('issuer')),
    signingCertPublicAccess: readFlag(fields.get('signingCertPublicAccess')),
  }
}
