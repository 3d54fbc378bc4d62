import type { Json } from './request.ts'

const refused = () =>
  new Error('No passkey answered. Use one that was added here, or show something else.')

const answerOf = (credential: Credential | null): unknown => {
  if (credential instanceof PublicKeyCredential) return credential.toJSON()
  throw refused()
}

/** Has a passkey answer; null: the server knows of none for this address. */
export const askPasskey = async (asked: Json | null): Promise<unknown> => {
  if (asked === null) throw refused()
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    asked as unknown as PublicKeyCredentialRequestOptionsJSON,
  )
  const credential = await navigator.credentials.get({ publicKey }).catch(() => null)
  return answerOf(credential)
}

/** Has one made. */
export const makePasskey = async (asked: Json): Promise<unknown> => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    asked as unknown as PublicKeyCredentialCreationOptionsJSON,
  )
  const credential = await navigator.credentials.create({ publicKey }).catch(() => null)
  return answerOf(credential)
}
