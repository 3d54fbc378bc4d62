import { useQuery } from '@tanstack/react-query'
import type { AppRecord } from '../server/records.ts'
import { itemsOf, list } from '../server/scim.ts'

export interface ScopeName {
  readonly api: string
  readonly scope: string
}

const apisMax = 200

/** Name of the API and short scope by the full spelling. */
export const useScopeNames = (): ReadonlyMap<string, ScopeName> => {
  const { data } = useQuery({
    queryKey: ['apis', 'names'],
    queryFn: () =>
      list<AppRecord>('Apps', {
        filter: 'isOAuthResource eq true',
        count: apisMax,
        attributes: 'displayName,scopes',
      }),
  })
  const names = new Map<string, ScopeName>()
  for (const { displayName, scopes = [] } of data === undefined ? [] : itemsOf(data)) {
    for (const { value, fqs } of scopes) {
      if (fqs !== undefined) names.set(fqs, { api: displayName, scope: value })
    }
  }
  return names
}
