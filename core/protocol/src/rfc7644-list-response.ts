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
