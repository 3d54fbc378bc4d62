import type { AccessHolder, RoleHolding } from '@mintmark/registry/access-holder'
import type { Application } from '@mintmark/registry/application'
import type { Group } from '@mintmark/registry/group'
import type { Dialect, SqlValue, Statements } from './database.ts'
import { dialectWords } from './search/dialect-words.ts'
import { parseRecord } from './tables/table.ts'

/** Which applications are looked at. */
export type HolderWish =
  /** Those that ask for tokens. */
  | { readonly kind: 'clients' }
  /** Those to which one of these scopes is allowed, or that hold one of these roles. */
  | {
      readonly kind: 'any-of'
      readonly scopes: readonly string[]
      readonly roleIds: readonly string[]
    }
  | { readonly kind: 'one'; readonly applicationId: string }

/** Who was given what, in the order of the ids of applications. */
export interface AccessReader {
  /**
   * @param after id of the last one of the page before; empty: from the first
   * @returns fewer than `countMax` when there are no more
   */
  holders(wish: HolderWish, after: string, countMax: number): Promise<readonly AccessHolder[]>
}

/** Applications with a clue: values and grants lead there by indexes, nothing is walked. */
const clueQuestion = (texts: (array: string) => string): string => `
SELECT o.record FROM application o WHERE o.domain_id = $1 AND o.id IN (
  SELECT v.application_id FROM ${texts('$2')}
    CROSS JOIN application_value v
    WHERE v.domain_id = $1 AND v.field = 'allowedScopes.fqs' AND v.value = t.value
      AND v.application_id > $4
  UNION
  SELECT g.grantee_id FROM ${texts('$3')}
    CROSS JOIN app_grant g
    WHERE g.domain_id = $1 AND g.role_id = t.value AND g.grantee_type = 'App'
      AND g.grantee_id > $4
  UNION
  SELECT m.member_id FROM ${texts('$3')}
    CROSS JOIN app_grant g
    CROSS JOIN group_member m
    WHERE g.domain_id = $1 AND g.role_id = t.value AND g.grantee_type = 'Group'
      AND m.domain_id = g.domain_id AND m.group_id = g.grantee_id AND m.member_type = 'App'
      AND m.member_id > $4
  ORDER BY 1 LIMIT $5)
ORDER BY o.id`

const clientQuestion = `
SELECT o.record FROM application o
WHERE o.domain_id = $1 AND o.is_client = 1 AND o.id > $2 ORDER BY o.id LIMIT $3`

const oneQuestion = `
SELECT o.record FROM application o WHERE o.domain_id = $1 AND o.id = $2 AND o.id > $3`

const holdingQuestion = (texts: (array: string) => string): string => `
SELECT g.grantee_id AS holder, g.role_id, NULL AS via FROM ${texts('$2')}
  CROSS JOIN app_grant g
  WHERE g.domain_id = $1 AND g.grantee_id = t.value AND g.grantee_type = 'App'
UNION ALL
SELECT m.member_id, g.role_id, o.record FROM ${texts('$2')}
  CROSS JOIN group_member m
  CROSS JOIN app_grant g
  CROSS JOIN user_group o
  WHERE m.domain_id = $1 AND m.member_id = t.value AND m.member_type = 'App'
    AND g.domain_id = $1 AND g.grantee_id = m.group_id AND g.grantee_type = 'Group'
    AND o.domain_id = $1 AND o.id = m.group_id
ORDER BY 1, 2`

const groupOf = (via: unknown): RoleHolding['group'] => {
  if (typeof via !== 'string') return null
  const { id, displayName } = JSON.parse(via) as Group
  return { id, displayName }
}

/** Reads one domain; each answer is bounded by its caller. */
export const openAccessReader = (
  statements: Statements,
  domainId: string,
  dialect: Dialect,
): AccessReader => {
  const { texts } = dialectWords[dialect]
  const ask = (wish: HolderWish, after: string, countMax: number) => {
    const asked = ((): readonly [string, ...SqlValue[]] => {
      switch (wish.kind) {
        case 'clients':
          return [clientQuestion, domainId, after, countMax]
        case 'one':
          return [oneQuestion, domainId, wish.applicationId, after]
        case 'any-of': {
          const lists = [JSON.stringify(wish.scopes), JSON.stringify(wish.roleIds)] as const
          return [clueQuestion(texts), domainId, ...lists, after, countMax]
        }
      }
    })()
    const [text, ...params] = asked
    return statements.all(text, params)
  }
  return {
    holders: async (wish, after, countMax) => {
      const found = (await ask(wish, after, countMax)).map((row) => parseRecord<Application>(row))
      const ids = JSON.stringify(found.map(({ id }) => id))
      const holdings = new Map<string, RoleHolding[]>(found.map(({ id }) => [id, []]))
      for (const row of await statements.all(holdingQuestion(texts), [domainId, ids])) {
        const group = groupOf(row['via'])
        holdings.get(row['holder'] as string)?.push({ roleId: row['role_id'] as string, group })
      }
      return found.map((application) => ({
        application,
        holdings: holdings.get(application.id) ?? [],
      }))
    },
  }
}
