/** Resource indicators: for which resource servers a token is asked (RFC 8707 §2). */
import { type Refusal, refuse } from './refusal.ts'
import { ok, type Result } from './result.ts'

export const resourceIndicatorsMax = 16
export const resourceIndicatorCharsMax = 2048

/**
 * absolute-URI (RFC 3986 §4.3): a scheme and something behind it, of the characters of §2 alone,
 * and no `#`, which would start a fragment. A query is allowed; whether it is registered is another
 * question.
 */
const absoluteUri = /^[a-z][a-z0-9+.-]*:(?:[a-z0-9\-._~:/?@!$&'()*+,;=[\]]|%[0-9a-f]{2})+$/i
/** RFC 9110 §4.2.1: an http URI without a host is none. */
const httpWithoutHost = /^https?:(?!\/\/[^/?:])/i

export const isResourceIndicator = (text: string): boolean =>
  text.length <= resourceIndicatorCharsMax && absoluteUri.test(text) && !httpWithoutHost.test(text)

/**
 * Reads the values of the `resource` parameter.
 * @param values decoded and not empty (an empty parameter counts as omitted)
 * @returns the values as sent, each once, never normalised: identifiers are compared as strings
 * (RFC 3986 §6.2.1); TARGET_MALFORMED for a relative reference, a fragment, or more than 16 values
 */
export const parseResourceIndicators = (values: readonly string[]): Result<string[], Refusal> => {
  if (values.length > resourceIndicatorsMax) {
    return refuse('TARGET_MALFORMED', { detail: `At most ${resourceIndicatorsMax} are read.` })
  }
  for (const value of values) {
    if (!isResourceIndicator(value)) {
      return refuse('TARGET_MALFORMED', { detail: `This is none: '${value.slice(0, 100)}'.` })
    }
  }
  return ok([...new Set(values)])
}
