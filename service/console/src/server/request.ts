import { faultOf, ServerFault, unreachable } from './server-fault.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
export type Json = Readonly<Record<string, unknown>>

/** Lives as long as the page: whoever reads it must be this page. */
let csrfToken = ''
export const keepCsrfToken = (token: string): void => {
  csrfToken = token
}

let whenSignedOut: () => void = () => undefined
/** @param listener called when the server no longer knows this session */
export const onSignedOut = (listener: () => void): void => {
  whenSignedOut = listener
}

let askProof: () => Promise<boolean> = async () => false
/** @param ask has the session proven again; false: whoever sits there would not */
export const onProofWanted = (ask: () => Promise<boolean>): void => {
  askProof = ask
}

export interface Answer<Body> {
  readonly body: Body
  readonly etag: string | null
}

const readBody = async (response: Response): Promise<unknown> => {
  const text = await response.text()
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const sendOnce = async <Body>(
  method: Method,
  path: string,
  body?: unknown,
  version?: string | null,
): Promise<Answer<Body>> => {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (method !== 'GET') headers['x-csrf-token'] = csrfToken
  if (version) headers['if-match'] = version
  const response = await fetch(path, {
    method,
    headers,
    credentials: 'same-origin',
    cache: 'no-store',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => {
    throw unreachable()
  })
  const read = await readBody(response)
  if (response.ok) return { body: read as Body, etag: response.headers.get('etag') }
  throw faultOf(response, read)
}

const sessionPath = '/console/session'

/** Whether there is a session: another page of this browser may have renewed it. */
const isAlive = async (): Promise<boolean> => {
  try {
    keepCsrfToken((await sendOnce<{ csrfToken: string }>('GET', sessionPath)).body.csrfToken)
    return true
  } catch (fault) {
    if (fault instanceof ServerFault && fault.status === 401) whenSignedOut()
    return false
  }
}

/** Whether what was refused for this is worth a second try, after what had to be done for it. */
const isMended = async (fault: unknown): Promise<boolean> => {
  if (!(fault instanceof ServerFault)) return false
  if (fault.reason === 'PROOF_TOO_OLD') return askProof()
  return fault.status === 401 || fault.reason === 'CSRF_TOKEN_WRONG' ? isAlive() : false
}

/**
 * One request of this session. Where the server first wants a proof of who sits there, that is
 * asked for, and the request goes out again as it was.
 * @param version the `ETag` that a change is meant for; refused when there is a newer one
 * @throws ServerFault when it is refused, or nothing answers
 */
export const send = async <Body = Json>(
  method: Method,
  path: string,
  body?: unknown,
  version?: string | null,
): Promise<Answer<Body>> => {
  try {
    return await sendOnce<Body>(method, path, body, version)
  } catch (fault) {
    if (path === sessionPath || !(await isMended(fault))) throw fault
    return sendOnce<Body>(method, path, body, version)
  }
}

/**
 * Server-sent events of this session, until either side ends them.
 * @param after id of the last event that was read; null: none was
 * @throws ServerFault when it is refused, or nothing answers
 */
export const openEvents = async (
  path: string,
  after: string | null,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> => {
  const headers: Record<string, string> = { accept: 'text/event-stream' }
  if (after !== null) headers['last-event-id'] = after
  const response = await fetch(path, {
    headers,
    credentials: 'same-origin',
    cache: 'no-store',
    signal,
  }).catch(() => {
    throw unreachable()
  })
  if (response.ok && response.body !== null) return response.body
  const fault = faultOf(response, await readBody(response))
  if (response.status === 401) whenSignedOut()
  throw fault
}
