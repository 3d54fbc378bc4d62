import { isIP } from 'node:net'
import type { ConsoleAccount, ConsolePasskey } from '@mintmark/storage/tables/console-account'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { FastifyRequest } from 'fastify'
import type { Services } from '../services.ts'
import { isOwnOrigin } from './request-site.ts'
import type { Evidence } from './second-factor.ts'

/** Passkeys of one account. */
export const passkeysMax = 10
const timeoutMs = 300_000
/** COSE: EdDSA, ES256, RS256. */
const algorithms = [-8, -7, -257] as const

// loaded when somebody has a passkey: a server without one need not read it
const library = () => import('@simplewebauthn/server')

/** Where the page is that asks. */
export interface PasskeyPlace {
  readonly origin: string
  readonly host: string
}

/** The page that asks; null: passkeys do not work there (an address of numbers has no name). */
export const placeOf = async (
  request: FastifyRequest,
  services: Services,
): Promise<PasskeyPlace | null> => {
  const { origin } = request.headers
  if (origin === undefined || !(await isOwnOrigin(origin, request, services))) return null
  const host = URL.parse(origin)?.hostname ?? ''
  return host === '' || isIP(host.replace(/^\[|\]$/g, '')) !== 0 ? null : { origin, host }
}

const described = ({ id }: ConsolePasskey) => ({ type: 'public-key', id }) as const

/** WebAuthn §5.5: what `navigator.credentials.get` is asked; null: no passkey is for this place. */
export const askPasskey = (
  challenge: string,
  { passkeys }: ConsoleAccount,
  place: PasskeyPlace | null,
): unknown => {
  const known = passkeys.filter(({ host }) => host === place?.host)
  if (place === null || known.length === 0) return null
  return {
    challenge,
    rpId: place.host,
    allowCredentials: known.map(described),
    userVerification: 'preferred',
    timeout: timeoutMs,
  }
}

/** WebAuthn §5.4: what `navigator.credentials.create` is asked. Nobody is asked who made it. */
export const askNewPasskey = (
  challenge: string,
  user: { readonly id: string; readonly userName: string; readonly displayName: string },
  account: ConsoleAccount,
  { host }: PasskeyPlace,
): unknown => ({
  challenge,
  rp: { id: host, name: 'Mintmark' },
  user: {
    id: Buffer.from(user.id).toString('base64url'),
    name: user.userName,
    displayName: user.displayName,
  },
  pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
  excludeCredentials: account.passkeys.filter((each) => each.host === host).map(described),
  authenticatorSelection: { residentKey: 'discouraged', userVerification: 'preferred' },
  attestation: 'none',
  timeout: timeoutMs,
})

/** WebAuthn §7.2. null: it is no answer to this challenge by a passkey of this account. */
export const provePasskey = async (
  response: unknown,
  challenge: string,
  { passkeys }: ConsoleAccount,
  place: PasskeyPlace | null,
): Promise<Evidence | null> => {
  const { id } = response as { readonly id?: unknown }
  const passkey = passkeys.find((each) => each.id === id && each.host === place?.host)
  if (passkey === undefined || place === null) return null
  const { verifyAuthenticationResponse } = await library()
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: response as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: place.origin,
      expectedRPID: place.host,
      requireUserVerification: false,
      credential: {
        id: passkey.id,
        publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
        counter: passkey.counter,
      },
    })
    if (!verified) return null
    return { by: 'passkey', id: passkey.id, counter: authenticationInfo.newCounter }
  } catch {
    // the library throws at whatever does not fit
    return null
  }
}

/** WebAuthn §7.1. null: it is no answer to this challenge. */
export const readNewPasskey = async (
  response: unknown,
  challenge: string,
  { origin, host }: PasskeyPlace,
): Promise<Pick<ConsolePasskey, 'id' | 'publicKey' | 'counter' | 'host'> | null> => {
  const { verifyRegistrationResponse } = await library()
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: response as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: host,
      requireUserVerification: false,
      supportedAlgorithmIDs: [...algorithms],
    })
    if (!verified) return null
    const { id, publicKey, counter } = registrationInfo.credential
    return { id, publicKey: Buffer.from(publicKey).toString('base64url'), counter, host }
  } catch {
    return null
  }
}
