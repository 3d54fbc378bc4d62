/**
 * What is asked of a list (RFC 7644 §3.4.2, §3.4.3): in the query of a GET, or in the body of a
 * POST to `.search`. Both read to the same request.
 */
import { type AdministrationRefusal, refuseChange } from './administration-refusal.ts'
import { didYouMean } from './closest-name.ts'
import { ok, type Result } from './result.ts'
import {
  type AttributePath,
  readAttributePath,
  readAttributePaths,
  sameAttributeName,
} from './rfc7644-attribute-path.ts'
import { type Filter, readFilter } from './rfc7644-filter.ts'
import {
  type PagedRequest,
  type PageParameters,
  readPageParameters,
} from './rfc7644-list-response.ts'

export const searchRequestSchema = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'

/** The identity domain's own: attributes by how they are returned (RFC 7643 §2.4). */
export const attributeSets = ['all', 'always', 'never', 'request', 'default'] as const
export type AttributeSet = (typeof attributeSets)[number]

/** Lists are empty where the request says nothing. */
export interface RequestedProjection {
  readonly attributes: readonly AttributePath[]
  readonly excludedAttributes: readonly AttributePath[]
  readonly attributeSets: readonly AttributeSet[]
}

export interface SearchRequest extends RequestedProjection {
  readonly filter: Filter | null
  readonly sort: { readonly path: AttributePath; readonly descending: boolean } | null
  readonly page: PagedRequest
}

type Json = Readonly<Record<string, unknown>>
type Query = Readonly<Record<string, string | undefined>>

const readSort = (
  sortBy: string | undefined,
  sortOrder: string | undefined,
): Result<SearchRequest['sort'], AdministrationRefusal> => {
  const order = sortOrder?.toLowerCase() ?? 'ascending'
  if (order !== 'ascending' && order !== 'descending') {
    const what = 'sortOrder must be ascending or descending.'
    return refuseChange('QUERY_MALFORMED', what, { at: 'sortOrder' })
  }
  if (sortBy === undefined) return ok(null) // then the order says nothing
  const path = readAttributePath(sortBy)
  if (path.ok) return ok({ path: path.value, descending: order === 'descending' })
  const { column, expected } = path.failure
  return refuseChange('QUERY_MALFORMED', `sortBy column ${column}: expected ${expected}.`, {
    fix: 'Example: displayName',
    at: `sortBy:${column}`,
  })
}

const readSets = (
  text: string | undefined,
): Result<readonly AttributeSet[], AdministrationRefusal> => {
  const sets: AttributeSet[] = []
  for (const part of (text ?? '').split(',')) {
    const name = part.trim().toLowerCase()
    if (name === '') continue
    const set = attributeSets.find((each) => each === name)
    if (set === undefined) {
      const what = `attributeSets has no value "${part.trim().slice(0, 100)}".`
      const fix = `Known are: ${attributeSets.join(', ')}.`
      return refuseChange('QUERY_MALFORMED', what, { fix, at: 'attributeSets' })
    }
    if (!sets.includes(set)) sets.push(set)
  }
  return ok(sets)
}

const readPaths = (text: string | undefined, parameter: string) =>
  text === undefined || text.trim() === '' ? ok([]) : readAttributePaths(text, parameter)

/**
 * Reads which attributes an answer shall have; of every request that is answered with a resource.
 * @param query decoded parameters; one sent several times is joined by commas
 */
export const readProjection = (
  query: Query,
): Result<RequestedProjection, AdministrationRefusal> => {
  const attributes = readPaths(query['attributes'], 'attributes')
  if (!attributes.ok) return attributes
  const excludedAttributes = readPaths(query['excludedAttributes'], 'excludedAttributes')
  if (!excludedAttributes.ok) return excludedAttributes
  const sets = readSets(query['attributeSets'])
  if (!sets.ok) return sets
  return ok({
    attributes: attributes.value,
    excludedAttributes: excludedAttributes.value,
    attributeSets: sets.value,
  })
}

/**
 * Reads the query of a GET of a list.
 * @param query decoded parameters; those of other names are not looked at
 * @returns QUERY_MALFORMED or FILTER_MALFORMED with parameter and column
 */
export const readListQuery = (
  query: Query & PageParameters,
): Result<SearchRequest, AdministrationRefusal> => {
  const projection = readProjection(query)
  if (!projection.ok) return projection
  const text = query['filter']
  const filter = text === undefined ? ok(null) : readFilter(text)
  if (!filter.ok) return filter
  const sort = readSort(query['sortBy'], query['sortOrder'])
  if (!sort.ok) return sort
  const page = readPageParameters(query)
  if (!page.ok) return page
  return ok({ ...projection.value, filter: filter.value, sort: sort.value, page: page.value })
}

const memberTypes = {
  attributes: 'texts',
  excludedAttributes: 'texts',
  attributeSets: 'texts',
  filter: 'text',
  sortBy: 'text',
  sortOrder: 'text',
  startIndex: 'integer',
  count: 'integer',
} as const
type Member = keyof typeof memberTypes

const typeNames = {
  text: 'a text',
  texts: 'a list of texts',
  integer: 'a whole number of at most nine digits',
} as const

const isPlainText = (value: unknown): value is string =>
  typeof value === 'string' && !value.includes(',')

/** A member as the parameter of a query; undefined: of another type. */
const asParameter = (value: unknown, type: 'text' | 'texts' | 'integer'): string | undefined => {
  if (type === 'text') return typeof value === 'string' ? value : undefined
  if (type === 'integer') {
    const fits = Number.isInteger(value) && Math.abs(value as number) < 1e9
    return fits ? String(value) : undefined
  }
  return Array.isArray(value) && value.every(isPlainText) ? value.join(',') : undefined
}

const checkSchema = (schemas: unknown): Result<null, AdministrationRefusal> => {
  const list: readonly unknown[] = Array.isArray(schemas) ? schemas : []
  const [only] = list
  if (
    list.length === 1 &&
    typeof only === 'string' &&
    sameAttributeName(only, searchRequestSchema)
  ) {
    return ok(null)
  }
  return refuseChange('SCHEMA_MISSING', 'schemas must be that of a search.', {
    fix: `Write "schemas": ["${searchRequestSchema}"].`,
    at: 'schemas',
  })
}

/**
 * Reads the body of a POST to `.search` (RFC 7644 §3.4.3).
 * @param body the parsed JSON; null is the same as leaving a member out
 * @returns also ATTRIBUTE_UNKNOWN, ATTRIBUTE_TYPE_WRONG and SCHEMA_MISSING
 */
export const readSearchRequest = (body: unknown): Result<SearchRequest, AdministrationRefusal> => {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return refuseChange('BODY_NOT_AN_OBJECT', 'The body must be a JSON object.')
  }
  const { schemas, ...members } = body as Json
  const schema = checkSchema(schemas)
  if (!schema.ok) return schema
  const query: Partial<Record<Member, string>> = {}
  for (const [name, value] of Object.entries(members)) {
    if (!Object.hasOwn(memberTypes, name)) {
      const known = Object.keys(memberTypes)
      const at = name.slice(0, 100)
      const fix = didYouMean(name, known) ?? `Known are: ${known.join(', ')}.`
      return refuseChange('ATTRIBUTE_UNKNOWN', `A search has no member "${at}".`, { fix, at })
    }
    if (value === null) continue
    const type = memberTypes[name as Member]
    const parameter = asParameter(value, type)
    if (parameter === undefined) {
      const what = `${name} must be ${typeNames[type]}.`
      return refuseChange('ATTRIBUTE_TYPE_WRONG', what, { at: name })
    }
    query[name as Member] = parameter
  }
  return readListQuery(query)
}
