import { cluesOf, tellHindrance, tellPaths } from '@mintmark/decisions/access/tell-paths'
import { fullyQualifiedScope } from '@mintmark/registry/scope'
import type { Catalog, ResourceServer } from '@mintmark/registry/snapshot'
import type { Services } from '../services.ts'
import { checkNames } from './audit.ts'
import { type AnswerHappening, type HappeningAnswer, problem } from './happening.ts'

const holdersMax = 500
const holdersDefault = 100

export type Read<Value> = { readonly value: Value } | { readonly fault: HappeningAnswer }

export const invalid = (detail: string, fix: string) => ({
  fault: problem('QUERY_INVALID', { detail, fix }),
})

/** How many applications one answer looks at. */
export const readLimit = (query: URLSearchParams, unsaid = holdersDefault): Read<number> => {
  const text = query.get('limit') ?? String(unsaid)
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= holdersMax) return { value: limit }
  return invalid('limit cannot be read.', `Send a number from 1 to ${holdersMax}.`)
}

/** The id of the application that the page before ended with; empty: the first page. */
export const readCursor = (query: URLSearchParams): Read<string> => {
  const text = query.get('cursor') ?? ''
  if (/^[A-Za-z0-9]{0,64}$/.test(text)) return { value: text }
  return invalid('cursor cannot be read.', 'Send the cursor of the answer before, or none.')
}

/** By audience, id, client id or display name. */
export const findServer = async (
  name: string,
  catalog: Catalog,
  services: Services,
): Promise<Read<ResourceServer>> => {
  const direct = catalog.byAudience.get(name) ?? catalog.byId.get(name)
  if (direct !== undefined) return { value: direct }
  const clientId = name === '' ? null : await services.findClientId(name)
  const found = [...catalog.byId.values()].find(
    ({ application }) => application.clientId === clientId,
  )
  if (found !== undefined) return { value: found }
  const detail = `There is no API '${name.slice(0, 200)}'.`
  return invalid(detail, 'Send its audience, id or name; GET /admin/v1/Apps lists them.')
}

/** A scope as the API defines it; its full spelling is understood too. */
export const findScope = (name: string, server: ResourceServer): Read<string> => {
  const spellings = [name, ...server.audiences.flatMap((each) => withoutPrefix(name, each))]
  const found = spellings.find((each) => server.scopes.has(each))
  if (found !== undefined) return { value: found }
  const known = [...server.scopes].slice(0, 20).join(', ')
  const { displayName } = server.application
  const detail = `'${displayName}' defines no scope '${name.slice(0, 200)}'.`
  return invalid(detail, known === '' ? 'It defines none.' : `There are ${known}.`)
}

const withoutPrefix = (name: string, audience: string): readonly string[] =>
  name.startsWith(audience) ? [name.slice(audience.length)] : []

export const toldServer = ({ application, audience }: ResourceServer) => ({
  id: application.id,
  displayName: application.displayName,
  audience,
  active: application.active,
})

const parameters: ReadonlySet<string> = new Set(['api', 'scope', 'limit', 'cursor'])

/**
 * `GET /api/v1/access/holders`: the applications that can reach one scope of one API, and every way
 * in which they do. One answer looks at a bounded number of applications, in the order of their
 * ids.
 */
export const listHolders: AnswerHappening = async ({ query, services }) => {
  const wrong = checkNames(query, parameters)
  if (wrong !== null) return wrong
  const limit = readLimit(query)
  if ('fault' in limit) return limit.fault
  const cursor = readCursor(query)
  if ('fault' in cursor) return cursor.fault
  const server = await findServer(
    query.get('api') ?? '',
    await services.registry.catalog(),
    services,
  )
  if ('fault' in server) return server.fault
  const scope = findScope(query.get('scope') ?? '', server.value)
  if ('fault' in scope) return scope.fault
  const wish = { kind: 'any-of', ...cluesOf(server.value, [scope.value]) } as const
  const found = await services.access.holders(wish, cursor.value, limit.value)
  const holders = found.flatMap((holder) => {
    const paths = tellPaths(holder, server.value, scope.value)
    if (paths.length === 0) return []
    const { id, clientId, displayName, active } = holder.application
    const hindrance = tellHindrance(holder.application, server.value)
    return [{ id, clientId, displayName, active, hindrance, paths }]
  })
  return {
    kind: 'json',
    body: {
      api: toldServer(server.value),
      scope: scope.value,
      fqs: fullyQualifiedScope(server.value.audience, scope.value),
      holders,
      cursor: found.length < limit.value ? null : (found.at(-1)?.application.id ?? null),
    },
  }
}
