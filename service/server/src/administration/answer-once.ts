import { hash } from 'node:crypto'
import {
  isProofFresh,
  staleProofWords,
} from '@mintmark/decisions/administration/decide-fresh-proof'
import { refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok } from '@mintmark/protocol/result'
import type { AdministrationAnswer, AdministrationCommand } from './command.ts'
import type { Outcome, Received } from './exchange.ts'

/** How long a repeated request gets the first answer again. */
export const retryMs = 24 * 60 * 60 * 1000

/** What a client of Oracle's makes, and some more. */
const tokenPattern = /^[\x21-\x7e]{1,200}$/

/** Whose the token is and what it says: tokens of two administrators are two tokens. */
const keyOf = ({ principal }: AdministrationCommand, token: string): string =>
  hash('sha256', `${principal.applicationId}\n${token}`, 'base64url')

const fingerprintOf = ({ method, path, query, body }: AdministrationCommand): string =>
  hash('sha256', JSON.stringify([method, path, query, body]), 'base64url')

/**
 * Does what a POST with `opc-retry-token` asks, once: repeated within 24 hours it gets the same
 * answer again, the secret that is shown once included. A refusal is not kept, because it has done
 * nothing. The answer is stored in the transaction of the change, sealed, and so is the
 * fingerprint of the request: a digest of a secret in it could be guessed from.
 * @param work does it; called only when it has not been done
 * @returns RETRY_TOKEN_REUSED when the same token came with another request
 */
export const answerOnce = async (
  exchange: Received,
  work: () => Promise<Outcome>,
): Promise<Outcome> => {
  const { command, context, domain } = exchange
  const token = command.headers['opc-retry-token']
  if (command.method !== 'POST' || token === undefined) return work()
  const at = 'opc-retry-token'
  if (!tokenPattern.test(token)) {
    const fix = 'Send 1 to 200 printable ASCII characters without spaces.'
    return refuseChange('QUERY_MALFORMED', `${at} cannot be read.`, { fix, at })
  }
  const key = keyOf(command, token)
  const fingerprint = fingerprintOf(command)
  const before = await context.transaction.findRetriedRequest(key)
  if (before !== null && before.expiresAtMs > command.nowMs) {
    if (context.openAnswer(before.fingerprint, `${key}:request`) === fingerprint) {
      // it may hold a secret, which is for whoever sits there now
      const { what, ...more } = staleProofWords
      if (!isProofFresh(command.principal, command.nowMs)) {
        return refuseChange('PROOF_TOO_OLD', what, more)
      }
      return ok(JSON.parse(context.openAnswer(before.sealedAnswer, key)) as AdministrationAnswer)
    }
    return refuseChange('RETRY_TOKEN_REUSED', `This ${at} came with another request before.`, {
      why: 'It marks one request that may be repeated as it is.',
      fix: 'Make a new token for every new request.',
      at,
    })
  }
  const outcome = await work()
  if (!outcome.ok) return outcome
  await context.transaction.putRetriedRequest({
    domain,
    key,
    fingerprint: context.sealAnswer(fingerprint, `${key}:request`),
    sealedAnswer: context.sealAnswer(JSON.stringify(outcome.value), key),
    expiresAtMs: command.nowMs + retryMs,
  })
  return outcome
}
