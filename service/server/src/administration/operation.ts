import {
  type AdministrationEndpoint,
  administrationEndpoints,
} from '@mintmark/decisions/administration/built-in-roles'
import { decideAccess } from '@mintmark/decisions/administration/decide-access'
import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { didYouMean } from '@mintmark/protocol/closest-name'
import { ok, type Result } from '@mintmark/protocol/result'
import { readProjection } from '@mintmark/protocol/rfc7644-search-request'
import type { AdministrationCommand } from './command.ts'
import { type DiscoveryEndpoint, discover, discoveryEndpoints } from './discovery.ts'
import type { Outcome, Received } from './exchange.ts'
import { allowedMethods, handlerOf, routes, schemas, type Target } from './routes.ts'
import { idOfPath } from './write-resource.ts'

/** A path of the API, taken apart. */
export interface OperationPath {
  readonly endpoint: AdministrationEndpoint | DiscoveryEndpoint | 'Bulk'
  /** null: the endpoint itself. */
  readonly id: string | null
}

const endpoints = [...administrationEndpoints, ...discoveryEndpoints, 'Bulk' as const]
const idPattern = /^[A-Za-z0-9._:-]{1,250}$/

const unknownPath = (path: string) => {
  const first = path.split('/')[1] ?? ''
  const fix = didYouMean(first, endpoints)
  return refuseChange('ENDPOINT_UNKNOWN', `There is no /admin/v1${path.slice(0, 200)}.`, {
    ...(fix === undefined ? {} : { fix }),
  })
}

/** Reads `/Endpoint` or `/Endpoint/{id}`; an id may be an OCID. */
export const readPath = (path: string): Result<OperationPath, AdministrationRefusal> => {
  const [, name = '', rawId, ...more] = path.split('/')
  const endpoint = endpoints.find((each) => each === name)
  if (endpoint === undefined || more.length > 0 || path.length > 500) return unknownPath(path)
  // the one path of this endpoint, whose GET has a route of its own
  if (endpoint === 'SigningCert' && rawId !== 'jwk') return unknownPath(path)
  if (rawId === undefined || rawId === '') return ok({ endpoint, id: null })
  let id: string
  try {
    id = decodeURIComponent(rawId)
  } catch {
    return unknownPath(path)
  }
  if (!idPattern.test(id)) return unknownPath(path)
  return ok({ endpoint, id: idOfPath(id) })
}

/** Whether it is about the API itself. */
export const isDiscovery = (endpoint: OperationPath['endpoint']): endpoint is DiscoveryEndpoint =>
  discoveryEndpoints.some((each) => each === endpoint)

/** RFC 7644 §3.4.3: a search with its parameters in the body, so that it only reads. */
export const isSearch = (path: OperationPath): boolean => path.id === '.search'

const targetOf = (path: OperationPath): Target =>
  path.id === null ? 'list' : isSearch(path) ? 'search' : 'resource'

interface MethodPath extends OperationPath {
  readonly endpoint: AdministrationEndpoint | 'Bulk'
}

const allowedAt = (path: MethodPath): string => {
  if (path.endpoint === 'Bulk') return 'POST'
  if (path.endpoint === 'SigningCert') return 'GET, HEAD'
  return allowedMethods(routes[path.endpoint], targetOf(path))
}

const refuseMethod = (path: MethodPath, method: string): Result<never, AdministrationRefusal> => {
  const allowed = allowedAt(path)
  const behind = { list: '', search: '/.search', resource: '/{id}' }[targetOf(path)]
  const where = `/${path.endpoint}${behind}`
  return refuseChange('METHOD_NOT_ALLOWED', `${where} has no ${method}.`, {
    fix: allowed === '' ? 'It has no method at all.' : `It has ${allowed}.`,
    at: allowed,
  })
}

const nestingMax = 40

/** Nothing that an administrator has to say is nested deeper; what is would exhaust the stack. */
export const isTooDeep = (value: unknown, room = nestingMax): boolean => {
  if (typeof value !== 'object' || value === null) return false
  if (room === 0) return true
  return Object.values(value).some((each) => isTooDeep(each, room - 1))
}

/** Judges access and runs one operation: a command of its own, or one of a Bulk. */
export const runOperation = async (
  exchange: Received,
  command: AdministrationCommand,
): Promise<Outcome> => {
  const path = readPath(command.path)
  if (!path.ok) return path
  const { endpoint, id } = path.value
  const projection = readProjection(command.query)
  if (!projection.ok) return projection
  const operation = { ...exchange, command, id, projection: projection.value }
  if (isDiscovery(endpoint)) return discover(operation, endpoint, schemas)
  const searches = isSearch(path.value) && command.method === 'POST'
  const access = decideAccess(command.principal, endpoint, searches ? 'GET' : command.method)
  if (!access.ok) return access
  const route = endpoint === 'Bulk' ? undefined : routes[endpoint]
  const handler = route && handlerOf(route, command.method, targetOf(path.value))
  if (handler === undefined) return refuseMethod({ endpoint, id }, command.method)
  return handler(operation)
}
