import type { Json } from '../server/request.ts'
import { unreachable } from '../server/server-fault.ts'

export interface TokenAnswer {
  readonly status: number
  readonly body: Json
  readonly milliseconds: number
}

/** RFC 6749 §2.3.1: both parts form-encoded before they are joined. */
const encoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

/** Asks the token endpoint as the client itself would; this session is not part of it. */
export const requestToken = async (wish: {
  readonly clientId: string
  readonly secret: string
  readonly scope: string
}): Promise<TokenAnswer> => {
  const started = performance.now()
  const scope = wish.scope.trim()
  const response = await fetch('/oauth2/v1/token', {
    method: 'POST',
    // without credentials: no cookie goes along, and no browser asks for a password on 401
    credentials: 'omit',
    cache: 'no-store',
    headers: {
      authorization: `Basic ${btoa(`${encoded(wish.clientId)}:${encoded(wish.secret)}`)}`,
    },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      ...(scope === '' ? {} : { scope }),
    }),
  }).catch(() => {
    throw unreachable()
  })
  const body = (await response.json()) as Json
  return { status: response.status, body, milliseconds: performance.now() - started }
}
