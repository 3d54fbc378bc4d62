import { askPasskey } from './passkey.ts'
import { type Json, keepCsrfToken, type Method, send } from './request.ts'
import { ServerFault } from './server-fault.ts'

/** How a session may prove itself again. */
export type ProofKind = 'password' | 'code' | 'passkey' | 'pairingCode' | 'clientSecret'

export interface Session {
  readonly id: string
  readonly administrator: {
    readonly id: string
    readonly type: 'User' | 'App'
    readonly displayName: string
  }
  readonly roles: readonly string[]
  readonly csrfToken: string
  readonly expiresAt: string
  /** However much it is used. */
  readonly endsAt: string
  readonly proofs: readonly ProofKind[]
  /** Of the account that was changed, shown once. */
  readonly recoveryCodes?: readonly string[]
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
  | { readonly userName: string; readonly password: string }
  | { readonly challenge: string; readonly code: string }
  | { readonly challenge: string; readonly passkey: unknown }

/** The password is right; what else it takes. */
export interface FactorWanted {
  readonly challenge: string
  readonly secondFactors: readonly ('code' | 'passkey')[]
  readonly passkey: Json | null
}

export type Proof =
  | { readonly password: string }
  | { readonly code: string }
  | { readonly pairingCode: string }
  | { readonly clientSecret: string }
  | { readonly challenge: string; readonly passkey: unknown }

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

/** Signs in, or says what it takes beside the password. */
export const signIn = async (credentials: Credentials): Promise<Session | FactorWanted> => {
  const { body } = await send<Session | FactorWanted>('POST', path, credentials)
  return 'csrfToken' in body ? keep(body) : body
}

/** A request after which the session goes on under another cookie. */
export const sendRenewing = async (
  method: Method,
  below: string,
  body?: unknown,
): Promise<Session> => keep((await send<Session>(method, path + below, body)).body)

export const prove = (proof: Proof): Promise<Session> => sendRenewing('POST', '/proof', proof)

/** Has a passkey prove who sits there. */
export const proveByPasskey = async (): Promise<Session> => {
  const { body } = await send<FactorWanted>('POST', `${path}/challenge`, {})
  return prove({ challenge: body.challenge, passkey: await askPasskey(body.passkey) })
}

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
