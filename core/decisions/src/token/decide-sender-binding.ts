import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { ClientProof } from '@mintmark/registry/client-proof'
import type { ResourceServer, Snapshot } from '@mintmark/registry/snapshot'
import { isInReach } from './granted-access.ts'
import type { SenderBinding, Target } from './token-plan.ts'

type Demand = 'certificateBoundTokens' | 'dpopBoundTokens'

const demands = ({ application }: ResourceServer, demand: Demand): boolean =>
  application.resourceServer?.[demand] === true

/** A token for every API that the policy reaches is also one for those that demand a binding. */
const isRequired = (snapshot: Snapshot, target: Target, demand: Demand): boolean => {
  if (snapshot.client.application.client?.[demand] === true) return true
  if (target.resourceServer !== null) return demands(target.resourceServer, demand)
  for (const server of snapshot.catalog.byId.values()) {
    if (demands(server, demand) && isInReach(snapshot, server)) return true
  }
  return false
}

/**
 * What a token is bound to. To the certificate of the handshake (RFC 8705 §3) where client or API
 * requires it, because a certificate may be there to authenticate only; to the key of a DPoP proof
 * (RFC 9449 §5) whenever one was sent, because it can have no other purpose. To both, where both
 * are there. What is required and missing is refused: nothing weaker is ever issued.
 * @returns BINDING_REQUIRED, DPOP_REQUIRED
 */
export const decideSenderBinding = (
  snapshot: Snapshot,
  target: Target,
  proof: ClientProof,
): Result<SenderBinding, Refusal> => {
  const { certificateThumbprint, keyThumbprint } = proof
  const toCertificate = isRequired(snapshot, target, 'certificateBoundTokens')
  if (toCertificate && certificateThumbprint === null) {
    return refuse('BINDING_REQUIRED', {
      detail: 'Tokens here are bound to a client certificate: send the request with one',
    })
  }
  if (keyThumbprint === null && isRequired(snapshot, target, 'dpopBoundTokens')) {
    return refuse('DPOP_REQUIRED')
  }
  return ok({ certificateThumbprint: toCertificate ? certificateThumbprint : null, keyThumbprint })
}
