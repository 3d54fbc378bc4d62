import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { didYouMean } from '@mintmark/protocol/closest-name'
import { ok, type Result } from '@mintmark/protocol/result'
import { scimError } from '@mintmark/protocol/rfc7644-error'
import { type EqualityTerm, readEqualityFilter } from '@mintmark/protocol/rfc7644-filter'
import {
  listResponse,
  type RequestedPage,
  readPage,
} from '@mintmark/protocol/rfc7644-list-response'
import type { Listed } from '@mintmark/registry/registry'
import type { ResourceSchema } from './attribute.ts'
import type { AdministrationAnswer } from './command.ts'
import type { Exchange, Outcome } from './exchange.ts'
import { projectResource } from './project-resource.ts'
import { isObject, type Json } from './read-resource.ts'

/** A refusal as an answer. */
export const refusalAnswer = (
  refusal: AdministrationRefusal,
  headers: Readonly<Record<string, string>> = {},
): AdministrationAnswer => ({ ...scimError(refusal), headers })

export const noContent: AdministrationAnswer = { status: 204, headers: {}, body: null }

const tagOf = (whole: Json): Readonly<Record<string, string>> => {
  const meta = whole['meta']
  if (!isObject(meta)) return {}
  const { version, location } = meta
  return {
    ...(typeof version === 'string' ? { etag: `"${version}"` } : {}),
    ...(typeof location === 'string' ? { location } : {}),
  }
}

/**
 * One resource as an answer.
 * @param shownOnce members that only this answer has, whatever is asked for
 */
export const resourceAnswer = (
  status: 200 | 201,
  whole: Json,
  schema: ResourceSchema,
  exchange: Exchange,
  shownOnce: Json = {},
): AdministrationAnswer => ({
  status,
  headers: tagOf(whole),
  body: { ...projectResource(whole, schema, exchange.command.query), ...shownOnce },
})

type Terms = ReadonlyMap<string, EqualityTerm['value']>
type Searchable = Readonly<Record<string, 'string' | 'boolean'>>

/** Where the resources of a list come from. */
export interface ListSource<Item> {
  /** Attributes that a filter may name, with the type of their value; `id` always may. */
  readonly searchable: Searchable
  find(id: string): Promise<Item | null>
  list(terms: Terms, page: RequestedPage): Promise<Listed<Item>>
  write(item: Item): Json | Promise<Json>
}

const valueNames = { string: 'text in quotation marks', boolean: 'true or false' } as const

const readTerm = (
  term: EqualityTerm,
  searchable: Searchable,
  schema: ResourceSchema,
): Result<string, AdministrationRefusal> => {
  const prefix = `${schema.urn.toLowerCase()}:`
  const lower = term.attribute.toLowerCase()
  const path = lower.startsWith(prefix) ? lower.slice(prefix.length) : lower
  const names = Object.keys(searchable)
  const name = names.find((each) => each.toLowerCase() === path)
  const at = `filter:${term.column}`
  const where = `filter column ${term.column}:`
  if (name === undefined) {
    const what = `${where} ${schema.endpoint} cannot be searched by '${term.attribute}' yet.`
    const fix = didYouMean(term.attribute, names) ?? `Searchable so far: ${names.join(', ')}.`
    return refuseChange('FILTER_NOT_OFFERED', what, { fix, at })
  }
  const type = searchable[name] ?? 'string'
  if (typeof term.value === type) return ok(name)
  const what = `${where} '${name}' is compared with ${valueNames[type]}.`
  return refuseChange('FILTER_MALFORMED', what, { at })
}

/** The equalities of a filter by attribute; null: two values of one attribute, so nothing. */
const readTerms = (
  filter: string | undefined,
  searchable: Searchable,
  schema: ResourceSchema,
): Result<Terms | null, AdministrationRefusal> => {
  const terms = new Map<string, EqualityTerm['value']>()
  if (filter === undefined) return ok(terms)
  const read = readEqualityFilter(filter)
  if (!read.ok) return read
  for (const term of read.value) {
    const name = readTerm(term, searchable, schema)
    if (!name.ok) return name
    const before = terms.get(name.value)
    if (before !== undefined && before !== term.value) return ok(null)
    terms.set(name.value, term.value)
  }
  if (!terms.has('id') || terms.size === 1) return ok(terms)
  return refuseChange('FILTER_NOT_OFFERED', 'filter: id cannot be joined with others yet.', {
    fix: 'Ask for the id alone.',
    at: 'filter',
  })
}

const readItems = async <Item>(
  source: ListSource<Item>,
  terms: Terms | null,
  page: RequestedPage,
): Promise<Listed<Item>> => {
  if (terms === null) return { total: 0, items: [] }
  const id = terms.get('id')
  if (typeof id !== 'string') return source.list(terms, page)
  const found = await source.find(id)
  if (found === null) return { total: 0, items: [] }
  const isOnPage = page.startIndex === 1 && page.count > 0
  return { total: 1, items: isOnPage ? [found] : [] }
}

/** GET of an endpoint: filter, page, and the resources on it (RFC 7644 §3.4.2). */
export const answerList = async <Item>(
  exchange: Exchange,
  schema: ResourceSchema,
  source: ListSource<Item>,
): Promise<Outcome> => {
  const { query } = exchange.command
  const page = readPage(query['startIndex'], query['count'])
  if (!page.ok) return page
  if (query['sortBy'] !== undefined) {
    return refuseChange('SORT_NOT_OFFERED', 'sortBy is not read yet.', {
      fix: 'Leave it out: lists have an order of their own, Apps and AppRoles that of their names.',
      at: 'sortBy',
    })
  }
  const terms = readTerms(query['filter'], { id: 'string', ...source.searchable }, schema)
  if (!terms.ok) return terms
  const { total, items } = await readItems(source, terms.value, page.value)
  const resources: Json[] = []
  for (const item of items) {
    resources.push(projectResource(await source.write(item), schema, query))
  }
  return ok({ status: 200, headers: {}, body: listResponse(resources, total, page.value) })
}
