import type { Application } from '@mintmark/registry/application'
import { fullyQualifiedScope } from '@mintmark/registry/scope'
import { foldText } from '@mintmark/registry/search-definition'
import type { Dialect, Statements } from '../database.ts'
import { dialectWords } from '../search/dialect-words.ts'
import { parseRecord } from './table.ts'

interface Reading {
  readonly statements: Statements
  readonly domainId: string
  readonly dialect: Dialect
}

/** Applications that have one of these values in an indexed list. */
const applicationsWith = async (
  { statements, domainId, dialect }: Reading,
  field: 'scopes.fqs' | 'secondaryAudiences',
  values: readonly string[],
): Promise<readonly Application[]> => {
  const rows = await statements.all(
    `SELECT o.record FROM application o WHERE o.domain_id = $1 AND o.id IN (
       SELECT v.application_id FROM ${dialectWords[dialect].texts('$2')}
       CROSS JOIN application_value v
       WHERE v.domain_id = $1 AND v.field = '${field}' AND v.value = t.value)`,
    [domainId, JSON.stringify(values)],
  )
  return rows.map((row) => parseRecord<Application>(row))
}

const prefixesOf = (fqs: string): readonly string[] =>
  Array.from({ length: fqs.length }, (_, end) => foldText(fqs.slice(0, end + 1)))

/**
 * Applications among which are all that define one of these scopes. Under a primary audience an
 * index knows a scope as a whole; a secondary one is looked for as what a scope begins with.
 */
export const scopeDefiners = async (
  reading: Reading,
  scopes: readonly string[],
): Promise<readonly Application[]> => {
  const found = await applicationsWith(reading, 'scopes.fqs', scopes)
  const known = new Set(
    found.flatMap(({ resourceServer }) =>
      (resourceServer?.scopes ?? []).map(({ value }) =>
        fullyQualifiedScope(resourceServer?.audience ?? '', value),
      ),
    ),
  )
  const others = scopes.filter((fqs) => !known.has(fqs))
  if (others.length === 0) return found
  const prefixes = [...new Set(others.flatMap(prefixesOf))]
  return [...found, ...(await applicationsWith(reading, 'secondaryAudiences', prefixes))]
}
