import { ok, type Result } from '@mintmark/protocol/result'
import { type Misread, readMembers } from './read-members.ts'

/** What somebody shows to sign in. */
export type SignInWish =
  | { readonly by: 'code'; readonly pairingCode: string }
  | { readonly by: 'secret'; readonly clientId: string; readonly clientSecret: string }
  | { readonly by: 'password'; readonly userName: string; readonly password: string }
  | { readonly by: 'factor'; readonly challenge: string; readonly shown: ShownFactor }

/** The second half of a sign-in: a code, or what a passkey answers. */
export type ShownFactor = { readonly code: string } | { readonly passkey: unknown }

const forms = [
  'pairingCode',
  'clientId clientSecret',
  'password userName',
  'challenge code',
  'challenge passkey',
] as const

/** Reads the body of a sign-in. */
export const readSignIn = (body: unknown): Result<SignInWish, Misread> => {
  const read = readMembers(body, forms)
  if (!read.ok) return read
  const { form, text, passkey } = read.value
  switch (form) {
    case 'pairingCode':
      return ok({ by: 'code', pairingCode: text('pairingCode') })
    case 'clientId clientSecret':
      return ok({ by: 'secret', clientId: text('clientId'), clientSecret: text('clientSecret') })
    case 'password userName':
      return ok({ by: 'password', userName: text('userName'), password: text('password') })
    case 'challenge code':
      return ok({ by: 'factor', challenge: text('challenge'), shown: { code: text('code') } })
    case 'challenge passkey':
      return ok({ by: 'factor', challenge: text('challenge'), shown: { passkey } })
  }
}
