/** What the gateway itself has to say no to, or to be sorry for, as RFC 9457 bodies. */
import { randomUUID } from 'node:crypto'
import type { GuardAnswer } from '@mintmark/guard/refusal-answer'

const shapes = {
  TARGET_AMBIGUOUS: [400, 'The path of the request can be read in two ways'],
  HOST_AMBIGUOUS: [400, 'The request does not name one host'],
  FORWARDED_AMBIGUOUS: [400, 'The proxy in front does not say what was asked for'],
  UPGRADE_REFUSED: [400, 'This protocol is not spoken here'],
  PROXY_NOT_TRUSTED: [403, 'Only the proxies of this gateway may ask this'],
  ROUTE_UNKNOWN: [403, 'No route lets this request through'],
  METHOD_NOT_ALLOWED: [405, 'The route does not take this method'],
  BODY_TOO_LARGE: [413, 'The body is too large'],
  EXPECTATION_CHANGED: [503, 'What was refused is not refused any more'],
  GATEWAY_FAILED: [500, 'The gateway failed'],
  CODING_UNKNOWN: [501, 'This transfer coding is not known'],
  UPSTREAM_UNREACHABLE: [502, 'The API behind the gateway cannot be reached'],
  UPSTREAM_BROKEN: [502, 'The API behind the gateway answered what cannot be read'],
  UPSTREAM_SLOW: [504, 'The API behind the gateway did not answer in time'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>

export type GatewayReason = keyof typeof shapes

/** An answer in the API's place, with the word by which it is counted. */
export interface RefusalAnswer extends GuardAnswer {
  readonly reason: string
}

/** Every reason and its status, for the page that lists them. */
export const gatewayReasons = Object.entries(shapes).map(
  ([reason, [status]]) => [reason, status] as const,
)

const requestIdText = /^[\w.-]{1,64}$/

/** The id that the caller gave, if it is one, as the guard does. */
export const requestIdOf = (stated: string | undefined): string =>
  stated !== undefined && requestIdText.test(stated) ? stated : randomUUID()

/**
 * An answer of the gateway's own.
 * @param detail one sentence for the caller; nothing of what the API said
 */
export const gatewayProblem = (
  reason: GatewayReason,
  detail: string,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): RefusalAnswer => {
  const [status, title] = shapes[reason]
  const type = `urn:mintmark:problem:${reason.toLowerCase().replaceAll('_', '-')}`
  return {
    reason,
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...headers,
    },
    body: JSON.stringify({ type, title, status, detail, reason, request_id: requestId }),
  }
}
