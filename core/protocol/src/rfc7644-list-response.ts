/** Lists and their pages (RFC 7644 §3.4.2), with the limits of an identity domain. */
import { type AdministrationRefusal, refuseChange } from './administration-refusal.ts'
import { ok, type Result } from './result.ts'

const listResponseSchema = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'
export const pageCountDefault = 50
export const pageCountMax = 1000

/** `startIndex` counts from 1. */
export interface RequestedPage {
  readonly startIndex: number
  readonly count: number
}

const readInteger = (text: string | undefined, name: string) => {
  if (text === undefined) return ok(null)
  if (!/^-?[0-9]{1,9}$/.test(text)) {
    return refuseChange('QUERY_MALFORMED', `${name} must be a whole number.`, { at: name })
  }
  return ok(Number(text))
}

/**
 * RFC 7644 §3.4.2.4: a `startIndex` below 1 is 1. A negative `count` is the default of 50, as the
 * identity domain has it; more than 1000 are never given at once.
 */
export const readPage = (
  startIndex: string | undefined,
  count: string | undefined,
): Result<RequestedPage, AdministrationRefusal> => {
  const start = readInteger(startIndex, 'startIndex')
  if (!start.ok) return start
  const size = readInteger(count, 'count')
  if (!size.ok) return size
  const wanted = size.value === null || size.value < 0 ? pageCountDefault : size.value
  return ok({
    startIndex: Math.max(1, start.value ?? 1),
    count: Math.min(wanted, pageCountMax),
  })
}

/** `token`: asked for by `limit` and `page`, so the answer names the next page in a header. */
export interface PagedRequest extends RequestedPage {
  readonly style: 'index' | 'token'
}

/** Header with the `page` to ask for next; absent on the last one. */
export const nextPageHeader = 'opc-next-page'

const tokenPattern = /^p([0-9a-z]{1,6})$/
const tokenRadix = 36

/** The `page` behind this one; null: there is none. */
export const nextPageToken = (page: RequestedPage, totalResults: number): string | null => {
  const next = page.startIndex + page.count
  return page.count > 0 && next <= totalResults ? `p${next.toString(tokenRadix)}` : null
}

/** The parameters of both styles of paging, as sent. */
export interface PageParameters {
  readonly startIndex?: string | undefined
  readonly count?: string | undefined
  readonly page?: string | undefined
  readonly limit?: string | undefined
}

/**
 * Reads the page that a list request asks for: `startIndex` and `count` as SCIM has them, or
 * `limit` and the `page` that an earlier answer named, as the cloud's other interfaces have them.
 * @returns QUERY_MALFORMED for both styles at once, and for a `page` that no answer has named
 */
export const readPageParameters = (
  query: PageParameters,
): Result<PagedRequest, AdministrationRefusal> => {
  const { page: token, limit, startIndex, count } = query
  if (token === undefined && limit === undefined) {
    const page = readPage(startIndex, count)
    return page.ok ? ok({ ...page.value, style: 'index' }) : page
  }
  if (startIndex !== undefined || count !== undefined) {
    const [one, other] = [
      token === undefined ? 'limit' : 'page',
      count === undefined ? 'startIndex' : 'count',
    ]
    return refuseChange('QUERY_MALFORMED', `${one} and ${other} are two ways of paging.`, {
      fix: 'Send startIndex and count, or page and limit.',
      at: one,
    })
  }
  const size = readInteger(limit, 'limit')
  if (!size.ok) return size
  const next = token === undefined ? '1' : tokenPattern.exec(token)?.[1]
  const first = Number.parseInt(next ?? '0', tokenRadix)
  if (first < 1) {
    return refuseChange('QUERY_MALFORMED', 'page is not one that a list has named.', {
      fix: `Send the value of the header ${nextPageHeader} as it is, or leave page out.`,
      at: 'page',
    })
  }
  if (size.value !== null && size.value < 1) {
    return refuseChange('QUERY_MALFORMED', 'limit must be above 0.', { at: 'limit' })
  }
  const wanted = Math.min(size.value ?? pageCountDefault, pageCountMax)
  return ok({ startIndex: first, count: wanted, style: 'token' })
}

/** RFC 7644 §3.4.2. `itemsPerPage` repeats the count in force, as the identity domain does. */
export const listResponse = (
  resources: readonly unknown[],
  totalResults: number,
  page: RequestedPage,
): Readonly<Record<string, unknown>> => ({
  schemas: [listResponseSchema],
  totalResults,
  Resources: resources,
  startIndex: page.startIndex,
  itemsPerPage: page.count,
})
