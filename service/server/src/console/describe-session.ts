import { proofMs } from '@mintmark/decisions/administration/decide-fresh-proof'
import type { ConsoleAccount } from '@mintmark/storage/tables/console-account'
import type { Services } from '../services.ts'
import { absoluteMs, type LiveSession } from './prove-session.ts'
import { csrfTokenOf } from './session-cookie.ts'

/** How a session may prove itself anew. */
export type Proof = 'password' | 'code' | 'passkey' | 'pairingCode' | 'clientSecret'

const proofsOf = ({ password, authenticator, passkeys, recoveryDigests }: ConsoleAccount) => {
  const proofs: Proof[] = []
  if (password !== null) proofs.push('password')
  if (authenticator !== null || recoveryDigests.length > 0) proofs.push('code')
  if (passkeys.length > 0) proofs.push('passkey')
  return [...proofs, 'pairingCode' as const]
}

const iso = (ms: number): string => new Date(ms).toISOString()

/** What the console is told of its own session. */
export const describeSession = async (
  { token, session, principal }: LiveSession,
  services: Services,
): Promise<unknown> => {
  const catalog = await services.registry.catalog()
  const { type, applicationId: id, displayName, roleNames } = principal
  const account = type === 'User' ? await services.console.findAccount(id) : null
  return {
    id: session.digest,
    administrator: { id, type, displayName },
    roles: roleNames,
    csrfToken: csrfTokenOf(token, services),
    expiresAt: iso(session.expiresAtMs),
    endsAt: iso(session.signedInAtMs + absoluteMs),
    provenUntil: iso(session.provedAtMs + proofMs),
    proofs: account === null ? ['clientSecret'] : proofsOf(account),
    domain: { displayName: catalog.domain.displayName, ...services.address(catalog) },
  }
}
