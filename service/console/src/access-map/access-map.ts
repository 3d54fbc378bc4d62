import { send } from '../server/request.ts'

export interface MapApplication {
  readonly id: string
  readonly clientId: string
  readonly displayName: string
  readonly active: boolean
}

export interface MapApi {
  readonly id: string
  readonly displayName: string
  readonly audience: string
}

export interface Given {
  readonly application: string
  readonly api: string
  readonly kind: 'scope' | 'role' | 'group' | 'tag' | 'all'
  readonly name: string
  readonly through: string | null
  readonly scopes: readonly string[]
  readonly lastUsed: string | null
  readonly tokensInDay: number
}

export interface AccessMap {
  readonly applications: readonly MapApplication[]
  readonly apis: readonly MapApi[]
  readonly access: readonly Given[]
  readonly usedSince: string
  readonly cursor: string | null
}

/** So many applications are drawn at most; filters bring the others. */
const pagesMax = 2

export const readMap = async (filters: Readonly<Record<string, string>>): Promise<AccessMap> => {
  const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== ''))
  query.set('limit', '200')
  const read = async () => (await send<AccessMap>('GET', `/api/v1/access/map?${query}`)).body
  let all = await read()
  for (let pages = 1; pages < pagesMax && all.cursor !== null; pages += 1) {
    query.set('cursor', all.cursor)
    const next = await read()
    const apis = new Map([...all.apis, ...next.apis].map((each) => [each.id, each]))
    all = {
      ...next,
      applications: [...all.applications, ...next.applications],
      apis: [...apis.values()],
      access: [...all.access, ...next.access],
    }
  }
  return all
}

/** What was given, in words. */
export const nameOf = ({ kind, name, through }: Given): string => {
  switch (kind) {
    case 'scope':
      return name
    case 'role':
      return `Role ${name}`
    case 'group':
      return `Role ${name} (group ${through ?? ''})`
    case 'tag':
      return `All with ${name}`
    case 'all':
      return 'All resources'
  }
}
