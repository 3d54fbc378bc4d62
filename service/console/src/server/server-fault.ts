/** What the server refused, as it says it: what, why, and what to do. */
export class ServerFault extends Error {
  readonly status: number
  /** Name of the reason, e.g. `PROOF_TOO_OLD`; null: none was told. */
  readonly reason: string | null
  readonly fix: string | null
  readonly requestId: string | null

  constructor(told: {
    readonly status: number
    readonly reason?: string | null
    readonly detail: string
    readonly fix: string | null
    readonly requestId: string | null
  }) {
    super(told.detail)
    this.name = 'ServerFault'
    this.status = told.status
    this.reason = told.reason ?? null
    this.fix = told.fix
    this.requestId = told.requestId
  }
}

const textIn = (body: unknown, name: string): string | null => {
  if (typeof body !== 'object' || body === null) return null
  const value = (body as Record<string, unknown>)[name]
  return typeof value === 'string' && value !== '' ? value : null
}

const domainError = 'urn:ietf:params:scim:api:oracle:idcs:extension:messages:Error'

const memberOf = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : null

const reasonIn = (body: unknown): string | null =>
  textIn(body, 'reason') ??
  textIn(memberOf(memberOf(body, domainError), 'additionalData'), 'reason')

/** Reads a SCIM error, a problem (RFC 9457) or an OAuth error. */
export const faultOf = (response: Response, body: unknown): ServerFault =>
  new ServerFault({
    status: response.status,
    reason: reasonIn(body),
    detail:
      textIn(body, 'detail') ??
      textIn(body, 'error_description') ??
      textIn(body, 'title') ??
      `The server answered ${response.status}.`,
    fix: textIn(body, 'fix'),
    requestId: textIn(body, 'ecid') ?? response.headers.get('x-request-id'),
  })

/** No answer at all. */
export const unreachable = (): ServerFault =>
  new ServerFault({
    status: 0,
    detail: 'The server does not answer. What you have typed is still here.',
    fix: 'Look whether it runs, then try again.',
    requestId: null,
  })
