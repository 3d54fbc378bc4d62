/** Bulk requests (RFC 7644 §3.7): several operations in one request, which may name each other. */
import { type AdministrationRefusal, refuseChange } from './administration-refusal.ts'
import { didYouMean } from './closest-name.ts'
import { ok, type Result } from './result.ts'

export const bulkRequestSchema = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'
export const bulkResponseSchema = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse'
/** Our own: the operations as one transaction, and a trial that changes nothing. */
export const bulkExtensionSchema = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:Bulk'
export const bulkOperationsMax = 1000

export type BulkMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface BulkOperation {
  readonly method: BulkMethod
  /** As sent, e.g. `/Apps/bulkId:orders`. */
  readonly path: string
  readonly bulkId: string | null
  /** Value of `If-Match` (§3.7). */
  readonly version: string | null
  readonly data: unknown
}

export interface BulkRequest {
  readonly operations: readonly BulkOperation[]
  /** How many refused operations end the request; null: it goes on to the end (§3.7.3). */
  readonly failOnErrors: number | null
  readonly atomic: boolean
  readonly dryRun: boolean
}

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const invalid = (at: string, what: string) => refuseChange('VALUE_INVALID', what, { at })

const readFlag = (body: Json, name: string): Result<boolean, AdministrationRefusal> => {
  const extension = body[bulkExtensionSchema]
  if (extension === undefined) return ok(false)
  if (!isObject(extension))
    return invalid(bulkExtensionSchema, `${bulkExtensionSchema} is an object.`)
  const value = extension[name] ?? false
  return typeof value === 'boolean' ? ok(value) : invalid(name, `${name} must be true or false.`)
}

const textOrNull = (value: unknown): string | null | undefined =>
  value === undefined || value === null ? null : typeof value === 'string' ? value : undefined

const readOperation = (
  value: unknown,
  at: number,
): Result<BulkOperation, AdministrationRefusal> => {
  const where = `Operations[${at}]`
  if (!isObject(value)) return invalid(where, `${where} must be an object.`)
  const method = typeof value['method'] === 'string' ? value['method'].toUpperCase() : ''
  if (method !== 'POST' && method !== 'PUT' && method !== 'PATCH' && method !== 'DELETE') {
    return invalid(`${where}.method`, `${where}.method must be POST, PUT, PATCH or DELETE.`)
  }
  const path = value['path']
  if (typeof path !== 'string' || !path.startsWith('/') || path.length > 500) {
    return invalid(`${where}.path`, `${where}.path must begin with '/', e.g. /Apps.`)
  }
  const bulkId = textOrNull(value['bulkId'])
  const version = textOrNull(value['version'])
  if (bulkId === undefined || version === undefined || (bulkId?.length ?? 0) > 200) {
    return invalid(where, `bulkId and version of ${where} must be short texts.`)
  }
  if (method === 'POST' && bulkId === null) {
    return invalid(`${where}.bulkId`, `${where} is a POST, so it needs a bulkId.`) // §3.7
  }
  return ok({ method, path, bulkId, version, data: value['data'] ?? null })
}

const membersKnown = ['schemas', 'Operations', 'failOnErrors', bulkExtensionSchema]
const flagsKnown = ['atomic', 'dryRun']

/** A misspelt `dryRun` must not be taken for none. */
const refuseUnknownMember = (body: Json): Result<null, AdministrationRefusal> => {
  const extension = body[bulkExtensionSchema]
  const inside = isObject(extension) ? Object.keys(extension) : []
  const strange =
    Object.keys(body).find((each) => !membersKnown.includes(each)) ??
    inside.find((each) => !flagsKnown.includes(each))
  if (strange === undefined) return ok(null)
  const fix = didYouMean(strange, [...membersKnown, ...flagsKnown])
  return refuseChange('ATTRIBUTE_UNKNOWN', `A Bulk request has no member "${strange}".`, {
    at: strange,
    ...(fix === undefined ? {} : { fix }),
  })
}

/** Reads the body of a Bulk request; refuses more than 1000 operations, and a bulkId used twice. */
export const readBulkRequest = (body: unknown): Result<BulkRequest, AdministrationRefusal> => {
  if (!isObject(body)) return refuseChange('BODY_NOT_AN_OBJECT', 'The body must be a JSON object.')
  const strange = refuseUnknownMember(body)
  if (!strange.ok) return strange
  const operations = body['Operations']
  if (!Array.isArray(operations)) return invalid('Operations', 'Operations must be a list.')
  if (operations.length > bulkOperationsMax) {
    const what = `A Bulk request has at most ${bulkOperationsMax} operations.`
    return refuseChange('TOO_MANY_OPERATIONS', what, { why: `This one has ${operations.length}.` })
  }
  const atomic = readFlag(body, 'atomic')
  if (!atomic.ok) return atomic
  const dryRun = readFlag(body, 'dryRun')
  if (!dryRun.ok) return dryRun
  const limit = body['failOnErrors'] ?? null
  if (limit !== null && (!Number.isInteger(limit) || (limit as number) < 1)) {
    return invalid('failOnErrors', 'failOnErrors must be a whole number above 0.')
  }
  const read: BulkOperation[] = []
  const bulkIds = new Set<string>()
  for (const [at, each] of operations.entries()) {
    const operation = readOperation(each, at)
    if (!operation.ok) return operation
    const { bulkId } = operation.value
    if (bulkId !== null && bulkIds.has(bulkId)) {
      return invalid(`Operations[${at}].bulkId`, `bulkId '${bulkId}' is used twice.`)
    }
    if (bulkId !== null) bulkIds.add(bulkId)
    read.push(operation.value)
  }
  return ok({
    operations: read,
    failOnErrors: limit as number | null,
    atomic: atomic.value,
    dryRun: dryRun.value,
  })
}

const reference = 'bulkId:'
const depthMax = 40

/**
 * RFC 7644 §3.7.2: puts the ids of resources made earlier in the request where `bulkId:…` stands,
 * in values that are nothing else and in the last part of a path.
 * @returns BULK_REFERENCE_UNKNOWN for one that no earlier operation has made
 */
export const resolveBulkReferences = (
  operation: BulkOperation,
  ids: ReadonlyMap<string, string>,
): Result<BulkOperation, AdministrationRefusal> => {
  let unknown: string | null = null
  const resolve = (text: string): string => {
    if (!text.startsWith(reference)) return text
    const id = ids.get(text.slice(reference.length))
    if (id === undefined) unknown ??= text
    return id ?? text
  }
  const walk = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return resolve(value)
    if (typeof value !== 'object' || value === null || depth > depthMax) return value
    if (Array.isArray(value)) return value.map((each) => walk(each, depth + 1))
    // fromEntries defines own members, so a key called __proto__ stays a key
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, walk(each, depth + 1)]),
    )
  }
  const slash = operation.path.lastIndexOf('/') + 1
  const path = operation.path.slice(0, slash) + resolve(operation.path.slice(slash))
  const data = walk(operation.data, 0)
  if (unknown !== null) {
    return refuseChange('BULK_REFERENCE_UNKNOWN', `No earlier operation has made '${unknown}'.`, {
      fix: 'Put the operation that creates it first.',
    })
  }
  return ok({ ...operation, path, data })
}
