import { grantTypesKnown, operationsKnown } from '@mintmark/server/administration/app-words'
import { allowanceFields, readAllowance } from './allowance.ts'
import type { ApplicationEntry } from './domain-document.ts'
import type { DomainSource } from './mistake.ts'
import { readAuthentication } from './read-authentication.ts'
import { entryFields, readAccess, readEntry, readNamed, readTags, readTexts } from './read-entry.ts'
import { readFields, readFlag, readItems, readText, readWord, type Value } from './yaml-node.ts'

const applicationFields = [
  ...entryFields,
  'alsoApi',
  'type',
  'grants',
  'authentication',
  'access',
  'otherScopes',
  'reach',
  'reachTags',
  'defaultApi',
  'may',
  'certificateBound',
  'dpopBound',
  'rawBasic',
  'assertionPolicy',
  'assertionAlgorithm',
  ...allowanceFields,
]

const readWords = <Word extends string>(
  value: Value | undefined,
  known: readonly Word[],
): readonly Word[] => readItems(value).flatMap((item) => readWord(item, known) ?? [])

/** One entry of `applications:`. */
export const readApplication = (
  value: Value,
  source: DomainSource,
): readonly ApplicationEntry[] => {
  const fields = readFields(value, applicationFields)
  if (fields === null) return []
  const type = readWord(fields.get('type'), ['confidential', 'trusted', 'public']) ?? 'confidential'
  const grants = fields.get('grants')
  return [
    {
      ...readEntry(value, fields),
      alsoApi: readFlag(fields.get('alsoApi')) ?? false,
      type,
      grants:
        grants === undefined && type !== 'public'
          ? ['client_credentials']
          : readWords(grants, grantTypesKnown),
      authentication: readAuthentication(fields.get('authentication'), source),
      access: readItems(fields.get('access')).flatMap(readAccess),
      otherScopes: fields.has('otherScopes') ? readTexts(fields.get('otherScopes')) : null,
      reach: readWord(fields.get('reach'), ['specific', 'all', 'tagged']) ?? 'specific',
      reachTags: readTags(fields.get('reachTags')),
      defaultApi: readNamed(fields.get('defaultApi')),
      may: readWords(fields.get('may'), operationsKnown),
      certificateBound: readFlag(fields.get('certificateBound')) ?? false,
      dpopBound: readFlag(fields.get('dpopBound')) ?? false,
      rawBasic: readFlag(fields.get('rawBasic')) ?? false,
      assertionPolicy: readWord(fields.get('assertionPolicy'), ['identity-domain', 'issuer-only']),
      assertionAlgorithm: readText(fields.get('assertionAlgorithm')),
      ...readAllowance(fields),
    },
  ]
}
