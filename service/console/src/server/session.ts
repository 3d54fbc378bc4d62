import { keepCsrfToken, send } from './request.ts'
import { ServerFault } from './server-fault.ts'

export interface Session {
  readonly administrator: {
    readonly id: string
    readonly type: 'User' | 'App'
    readonly displayName: string
  }
  readonly roles: readonly string[]
  readonly csrfToken: string
  readonly expiresAt: string
  readonly domain: {
    readonly displayName: string
    readonly url: string
    readonly secureUrl: string | null
    readonly issuer: string
  }
}

export type Credentials =
  | { readonly pairingCode: string }
  | { readonly clientId: string; readonly clientSecret: string }

const path = '/console/session'

const keep = (session: Session): Session => {
  keepCsrfToken(session.csrfToken)
  return session
}

/** null: nobody is signed in. */
export const readSession = async (): Promise<Session | null> => {
  try {
    return keep((await send<Session>('GET', path)).body)
  } catch (error) {
    if (error instanceof ServerFault && error.status === 401) return null
    throw error
  }
}

export const signIn = async (credentials: Credentials): Promise<Session> =>
  keep((await send<Session>('POST', path, credentials)).body)

/** Ends the session on the server. */
export const signOut = async (): Promise<void> => {
  await send('DELETE', path)
  keepCsrfToken('')
}

/** The pairing code of the address, taken out of it so that no history keeps it. */
export const takePairingCode = (): string | null => {
  const code = /^#pair=([\w-]{4,40})$/.exec(window.location.hash)?.[1] ?? null
  if (code !== null) {
    window.history.replaceState(null, '', window.location.pathname + window.location.search)
  }
  return code
}
