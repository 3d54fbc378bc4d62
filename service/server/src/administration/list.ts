import type { AdministrationRefusal } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import { writeAttributePath } from '@mintmark/protocol/rfc7644-attribute-path'
import {
  listResponse,
  nextPageHeader,
  nextPageToken,
} from '@mintmark/protocol/rfc7644-list-response'
import type { SearchRequest } from '@mintmark/protocol/rfc7644-search-request'
import type { Query } from '@mintmark/registry/query'
import type { ResourceSchema } from './attribute.ts'
import type { Exchange, Outcome } from './exchange.ts'
import { projectResource } from './project-resource.ts'
import { readCondition, readSortField, type SearchFields } from './read-condition.ts'
import type { Json } from './read-resource.ts'
import type { Resource } from './resource.ts'

const queryOf = (
  { filter, sort, page }: SearchRequest,
  schema: ResourceSchema,
  fields: SearchFields,
): Result<Query, AdministrationRefusal> => {
  const where = filter === null ? ok(null) : readCondition(filter, schema, fields)
  if (!where.ok) return where
  const { startIndex, count } = page
  if (sort === null) return ok({ where: where.value, sort: null, startIndex, count })
  const field = readSortField(sort.path, schema, fields)
  if (!field.ok) return field
  const by = { field: field.value, descending: sort.descending }
  return ok({ where: where.value, sort: by, startIndex, count })
}

/** The same exchange as if the search had come as a query: writers look there for what is seen. */
const withQuery = (exchange: Exchange, { attributes, attributeSets }: SearchRequest): Exchange => {
  const query = {
    attributes: attributes.map(writeAttributePath).join(','),
    attributeSets: attributeSets.join(','),
  }
  return { ...exchange, command: { ...exchange.command, query } }
}

/**
 * A list (RFC 7644 §3.4.2): filtered, sorted, a page of it, and of each resource what is asked for.
 * @param search as the query of a GET or the body of a `.search` says it
 */
export const answerList = async <Item extends { readonly id: string }>(
  { schema, list, write, writePage }: Resource<Item>,
  exchange: Exchange,
  search: Result<SearchRequest, AdministrationRefusal>,
): Promise<Outcome> => {
  if (!search.ok) return search
  const { page } = search.value
  const query = queryOf(search.value, schema, list.fields)
  if (!query.ok) return query
  const { total, items } = await list.search(exchange, query.value)
  const seen = withQuery(exchange, search.value)
  const wholes: Json[] = []
  if (writePage !== undefined) wholes.push(...(await writePage(seen, items)))
  else for (const item of items) wholes.push(await write(seen, item))
  const resources = wholes.map((whole) => projectResource(whole, schema, search.value))
  const next = page.style === 'token' ? nextPageToken(page, total) : null
  return ok({
    status: 200,
    headers: next === null ? {} : { [nextPageHeader]: next },
    body: listResponse(resources, total, page),
  })
}
