import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { ClientProof } from '@mintmark/registry/client-proof'
import { decideClientFitness, isLiveSecret, provableMethods } from './decide-client-fitness.ts'
import { decideTokenRequest } from './decide-token-request.ts'
import type { Situation } from './explanation.ts'
import type { TokenDecision } from './token-plan.ts'

/**
 * What a real request would be answered if the client proved itself with what it has: fitness and
 * credential first, then `decideTokenRequest` itself. No rule is written twice.
 */
export const judgeSituation = (situation: Situation): Result<TokenDecision, Refusal> => {
  const proof = presumeProof(situation)
  return proof.ok ? decideTokenRequest(situation.request, proof.value, situation.snapshot) : proof
}

/** The proof that a client with these credentials would bring about, or why it brings none. */
export const presumeProof = (situation: Situation): Result<ClientProof, Refusal> => {
  const { proof, snapshot, nowMs } = situation
  const { client } = snapshot
  const unfit = decideClientFitness(client, null)
  if (unfit !== null) return refuse(unfit)
  const ended = endedCredential(situation)
  if (ended !== null) return ended
  const provable = provableMethods(client, nowMs)
  const registered = provable.filter((each) => decideClientFitness(client, each) === null)
  const method = proof.method ?? registered[0] ?? provable[0]
  if (method === undefined || !provable.includes(method)) return noCredential(situation)
  const unregistered = decideClientFitness(client, method)
  if (unregistered !== null) return refuse(unregistered)
  return ok({
    method,
    clientId: client.application.clientId,
    credential: proof.credential ?? '',
    certificateThumbprint: proof.certificateThumbprint,
    keyThumbprint: proof.keyThumbprint,
    assertionPolicy: null,
    once: [],
  })
}

/** A secret that is named by its id and works no more, or is not there any more. */
const endedCredential = ({ proof, snapshot, nowMs }: Situation) => {
  if (proof.credential === null) return null
  const secret = snapshot.client.secrets.find((each) => each.id === proof.credential)
  const isBySecret = proof.method?.startsWith('client_secret_') === true
  if (secret === undefined) return isBySecret ? refuse('OLD_SECRET') : null
  if (isLiveSecret(secret, nowMs)) return null
  return refuse(secret.endsAtMs !== null ? 'OLD_SECRET' : 'EXPIRED_SECRET')
}

const noCredential = ({ snapshot, nowMs }: Situation) => {
  const { secrets } = snapshot.client
  const isOver = secrets.length > 0 && !secrets.some((each) => isLiveSecret(each, nowMs))
  return refuse(isOver ? 'EXPIRED_SECRET' : 'CREDENTIALS_MISSING')
}
