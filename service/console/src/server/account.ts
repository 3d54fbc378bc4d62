import { makePasskey } from './passkey.ts'
import { type Json, send } from './request.ts'
import { type Session, sendRenewing } from './session.ts'

/** How the user of this session signs in without a pairing code. */
export interface Account {
  readonly userName: string
  readonly hasPassword: boolean
  readonly authenticator: { readonly addedAt: string } | null
  readonly passkeys: readonly {
    readonly id: string
    readonly label: string
    readonly host: string
    readonly addedAt: string
  }[]
  /** How many are left. */
  readonly recoveryCodes: number
}

export interface AuthenticatorOffer {
  readonly secret: string
  readonly address: string
  readonly offer: string
}

const home = '/console/session/account'

export const readAccount = async (): Promise<Account> => (await send<Account>('GET', home)).body

export const setPassword = (password: string): Promise<Session> =>
  sendRenewing('PUT', '/account/password', { password })

export const offerAuthenticator = async (): Promise<AuthenticatorOffer> =>
  (await send<AuthenticatorOffer>('POST', `${home}/authenticator`, {})).body

export const addAuthenticator = (offer: string, code: string): Promise<Session> =>
  sendRenewing('PUT', '/account/authenticator', { offer, code })

export const removeAuthenticator = (): Promise<Session> =>
  sendRenewing('DELETE', '/account/authenticator')

export const addPasskey = async (label: string): Promise<Session> => {
  const { body } = await send<{ challenge: string; passkey: Json }>('POST', `${home}/passkeys`, {})
  const { challenge } = body
  const passkey = await makePasskey(body.passkey)
  return sendRenewing('PUT', '/account/passkeys', { challenge, label, passkey })
}

export const removePasskey = (id: string): Promise<Session> =>
  sendRenewing('DELETE', `/account/passkeys/${encodeURIComponent(id)}`)

export const renewRecoveryCodes = (): Promise<Session> =>
  sendRenewing('POST', '/account/recovery-codes', {})
