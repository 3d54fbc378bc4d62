import { isLiveSecret } from '@mintmark/decisions/token/decide-client-fitness'
import { readSecretForm } from '@mintmark/protocol/minted-secret'
import type { RefusalReason } from '@mintmark/protocol/refusal'
import type { ClientSecret } from '@mintmark/registry/client-credential'
import type { ClientSnapshot } from '@mintmark/registry/snapshot'
import { digestMinted, isChosenSecret, sameDigest } from './secret-digest.ts'

/** Compared against when there is no client or no secret, so that the work is the same. */
const decoyDigest = digestMinted('no client has this secret')

/**
 * The minted secret of the client that was presented, or null. Every live one is compared, in
 * constant time, whether or not an earlier one matched; without any, a decoy is.
 */
export const matchMintedSecret = (
  presented: string,
  client: ClientSnapshot | null,
  nowMs: number,
): ClientSecret | null => {
  const digest = digestMinted(presented)
  let found: ClientSecret | null = null
  let compared = false
  for (const secret of client?.secrets ?? []) {
    if (secret.origin !== 'minted' || !isLiveSecret(secret, nowMs)) continue
    compared = true
    if (sameDigest(digest, secret.digest)) found = secret
  }
  if (!compared) sameDigest(digest, decoyDigest)
  return found
}

/** Whether the client has a live secret that somebody chose: only then is there a slow way. */
export const hasChosenSecret = (client: ClientSnapshot | null, nowMs: number): boolean =>
  client?.secrets.some((secret) => secret.origin === 'chosen' && isLiveSecret(secret, nowMs)) ===
  true

/** The chosen secret of the client that was presented, or null: an argon2id each, off the loop. */
export const matchChosenSecret = async (
  presented: string,
  client: ClientSnapshot | null,
  nowMs: number,
): Promise<ClientSecret | null> => {
  for (const secret of client?.secrets ?? []) {
    if (secret.origin !== 'chosen' || !isLiveSecret(secret, nowMs)) continue
    if (await isChosenSecret(presented, secret.digest)) return secret
  }
  return null
}

/** Finds the minted secret with this digest, whoever holds it. */
export type FindSecret = (
  digest: string,
) => Promise<{ readonly secret: ClientSecret; readonly clientId: string } | null>

/**
 * For the operator only: what was wrong with a refused secret. Always one look-up, so that the cost
 * says nothing about the client.
 */
export const diagnoseSecret = async (
  presented: string,
  client: ClientSnapshot | null,
  find: FindSecret,
): Promise<{ readonly reason: RefusalReason; readonly operator: string }> => {
  const found = await find(digestMinted(presented))
  if (client === null) return { reason: 'CLIENT_UNKNOWN', operator: 'no application has this id' }
  const form = readSecretForm(presented)
  if (form === 'foreign') {
    return { reason: 'NOT_A_SECRET', operator: 'not of the form of a minted secret' }
  }
  if (form === 'mistyped') {
    return {
      reason: 'MISTYPED_SECRET',
      operator: 'checksum does not match; copy it again or rotate',
    }
  }
  if (found === null)
    return { reason: 'UNKNOWN_SECRET', operator: 'well formed, but never issued here' }
  if (found.secret.applicationId !== client.application.id) {
    return { reason: 'SECRET_OF_OTHER_APP', operator: `it is a secret of ${found.clientId}` }
  }
  const ending = `the secret that ends ...${found.secret.ending}`
  return found.secret.endsAtMs === null
    ? { reason: 'EXPIRED_SECRET', operator: `${ending} has expired` }
    : { reason: 'OLD_SECRET', operator: `${ending} was rotated out` }
}
