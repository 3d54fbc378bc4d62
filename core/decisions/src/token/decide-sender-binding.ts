import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { ClientProof } from '@mintmark/registry/client-proof'
import type { Snapshot } from '@mintmark/registry/snapshot'
import type { Target } from './token-plan.ts'

/**
 * RFC 8705 §3: whether the token is bound to the certificate of the handshake. Bound only where the
 * client or the resource server requires it, and then nothing weaker is ever issued.
 */
export const decideSenderBinding = (
  snapshot: Snapshot,
  target: Target,
  proof: ClientProof,
): Result<string | null, Refusal> => {
  const required =
    snapshot.client.application.client?.certificateBoundTokens === true ||
    target.resourceServer?.application.resourceServer?.certificateBoundTokens === true
  if (!required) return ok(null)
  if (proof.certificateThumbprint === null) {
    return refuse('BINDING_REQUIRED', {
      detail: 'Tokens here are bound to a client certificate: send the request with one',
    })
  }
  return ok(proof.certificateThumbprint)
}
