import { ok, type Result } from '@mintmark/protocol/result'
import type { ClientProof } from '@mintmark/registry/client-proof'
import type { ClientSnapshot } from '@mintmark/registry/snapshot'
import { proofContext } from '../http/oauth-door.ts'
import { proveClient } from '../proof/prove-client.ts'
import { pairingDigest } from './pairing-code.ts'
import type { PasskeyPlace } from './passkey.ts'
import { administers, builtInRolesOfClient } from './prove-session.ts'
import type { SignInWish } from './read-sign-in.ts'
import { newSessionToken, type SessionToken, sessionDigest } from './session-cookie.ts'
import { byFactor, byPassword, type FactorWanted } from './sign-in-by-password.ts'
import {
  recordRefusal,
  refused,
  refuseOutcome,
  type SignInCall,
  type SignInRefusal,
} from './sign-in-call.ts'

type SignedIn = Result<SessionToken, SignInRefusal>

const byCode = async (call: SignInCall, pairingCode: string): Promise<SignedIn> => {
  const { ecid, source, services } = call
  const token = newSessionToken()
  const outcome = await services.console.write({
    kind: 'sign-in-by-code',
    codeDigest: pairingDigest(pairingCode, services.masterKey),
    digest: sessionDigest(token),
    isExempt: services.isExempt(source),
    ecid,
    source,
  })
  return outcome.kind === 'signed-in' ? ok(token) : refuseOutcome(call, outcome)
}

/** Proves the secret as the token endpoint does, whichever of its two methods is registered. */
export const proveSecret = async (
  call: SignInCall,
  clientId: string,
  secret: string,
  client: ClientSnapshot | null,
): Promise<ClientProof | null> => {
  const catalog = await call.services.registry.catalog()
  const methods = client?.application.client?.authenticationMethods ?? []
  const isByPost = methods.includes('client_secret_post')
  const method = isByPost ? ('client_secret_post' as const) : ('client_secret_basic' as const)
  const credential = { method, clientId, secret, rawSecret: secret }
  const presented = { credential, assertion: null, certificate: null }
  const proof = await proveClient(presented, client, proofContext(call, catalog))
  return proof.ok ? proof.value : null
}

const countWrong = async (call: SignInCall, clientId: string): Promise<number> => {
  const { source, services } = call
  if (services.isExempt(source)) return 0
  const reason = 'SIGN_IN_REFUSED'
  const attempt = { clientId, source, reason, kind: 'secret' } as const
  return (await services.ledger.recordFailure(attempt)).lockedForSeconds
}

const bySecret = async (call: SignInCall, clientId: string, secret: string): Promise<SignedIn> => {
  const { ecid, source, services } = call
  const locked = services.ledger.lockedFor(clientId, source)
  if (locked > 0) {
    recordRefusal(call, 'TOO_MANY_ATTEMPTS')
    return refused({ kind: 'locked', lockedForSeconds: locked })
  }
  const client = await services.registry.client(clientId)
  const proof = await proveSecret(call, clientId, secret, client)
  if (proof === null || client === null) {
    const lockedForSeconds = await countWrong(call, clientId)
    // Only a name that is one of ours goes on record: what else stood there may be a secret.
    recordRefusal(call, 'SIGN_IN_REFUSED', client?.application.clientId)
    return refused({ kind: 'wrong', lockedForSeconds })
  }
  if (!administers(await builtInRolesOfClient(client, services))) {
    recordRefusal(call, 'ACCOUNT_POWERLESS', clientId)
    return refused({ kind: 'account-powerless' })
  }
  const token = newSessionToken()
  const outcome = await services.console.write({
    kind: 'sign-in',
    digest: sessionDigest(token),
    applicationId: client.application.id,
    clientId,
    secretId: proof.credential,
    isExempt: services.isExempt(source),
    ecid,
    source,
  })
  return outcome.kind === 'locked' ? refused(outcome) : ok(token)
}

/**
 * Signs somebody in: durably on record before the browser hears of it. Who has shown a password is
 * asked for more.
 */
export const signIn = async (
  call: SignInCall,
  wish: SignInWish,
  place: PasskeyPlace | null,
): Promise<Result<SessionToken | FactorWanted, SignInRefusal>> => {
  switch (wish.by) {
    case 'code':
      return byCode(call, wish.pairingCode)
    case 'secret':
      return bySecret(call, wish.clientId, wish.clientSecret)
    case 'password':
      return byPassword(call, wish, place)
    case 'factor':
      return byFactor(call, wish, place)
  }
}
