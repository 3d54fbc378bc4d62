import { send } from '../server/request.ts'

export type AccessPath =
  | { readonly kind: 'scope'; readonly fqs: string }
  | { readonly kind: 'role'; readonly role: string }
  | { readonly kind: 'group'; readonly role: string; readonly group: string }
  | { readonly kind: 'tag'; readonly key: string; readonly value: string }
  | { readonly kind: 'all' }

export interface Holder {
  readonly id: string
  readonly clientId: string
  readonly displayName: string
  readonly active: boolean
  readonly hindrance: string | null
  readonly paths: readonly AccessPath[]
}

export interface HolderPage {
  readonly api: { readonly id: string; readonly displayName: string }
  readonly scope: string
  readonly fqs: string
  readonly holders: readonly Holder[]
  readonly cursor: string | null
}

export const readHolders = async (
  wish: { readonly api: string; readonly scope: string },
  cursor: string,
  limit = 100,
): Promise<HolderPage> => {
  const query = new URLSearchParams({ ...wish, limit: String(limit) })
  if (cursor !== '') query.set('cursor', cursor)
  return (await send<HolderPage>('GET', `/api/v1/access/holders?${query}`)).body
}

/** One way to a scope, in words. */
export const wayOf = (path: AccessPath): string => {
  switch (path.kind) {
    case 'scope':
      return `Scope ${path.fqs}`
    case 'role':
      return `App role ${path.role}`
    case 'group':
      return `App role ${path.role}, through group ${path.group}`
    case 'tag':
      return `All resources with tag ${path.key}=${path.value}`
    case 'all':
      return 'All resources'
  }
}

const exportPagesMax = 400

/** Everyone, for a file; a line for each way. */
export const holdersAsRows = async (wish: {
  readonly api: string
  readonly scope: string
}): Promise<readonly (readonly string[])[]> => {
  const rows: (readonly string[])[] = [['Application', 'Client ID', 'Gets it', 'Way']]
  let cursor = ''
  for (let pages = 0; pages < exportPagesMax; pages += 1) {
    const page = await readHolders(wish, cursor, 500)
    for (const { displayName, clientId, hindrance, paths } of page.holders) {
      for (const path of paths) {
        rows.push([displayName, clientId, hindrance ?? 'yes', wayOf(path)])
      }
    }
    if (page.cursor === null) break
    cursor = page.cursor
  }
  return rows
}
