/** What the server refused, as it says it: what, why, and what to do. */
export class ServerFault extends Error {
  readonly status: number
  readonly fix: string | null
  readonly requestId: string | null

  constructor(told: {
    readonly status: number
    readonly detail: string
    readonly fix: string | null
    readonly requestId: string | null
  }) {
    super(told.detail)
    this.name = 'ServerFault'
    this.status = told.status
    this.fix = told.fix
    this.requestId = told.requestId
  }
}

const textIn = (body: unknown, name: string): string | null => {
  if (typeof body !== 'object' || body === null) return null
  const value = (body as Record<string, unknown>)[name]
  return typeof value === 'string' && value !== '' ? value : null
}

/** Reads a SCIM error, a problem (RFC 9457) or an OAuth error. */
export const faultOf = (response: Response, body: unknown): ServerFault =>
  new ServerFault({
    status: response.status,
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
