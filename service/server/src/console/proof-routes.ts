import type { FastifyInstance } from 'fastify'
import { sendLocked, sendProblem } from '../http/answer-problem.ts'
import type { Services } from '../services.ts'
import type { ConsoleCommand } from './console-command.ts'
import { consoleRoute, ofSession, sendJson, sendNobody } from './console-route.ts'
import { pairingDigest } from './pairing-code.ts'
import { askPasskey, type PasskeyPlace, placeOf } from './passkey.ts'
import { isPassword } from './password.ts'
import { findSession, type LiveSession } from './prove-session.ts'
import { type ReadMembers, readMembers } from './read-members.ts'
import { sendSession } from './send-session.ts'
import { newSessionToken, sessionDigest } from './session-cookie.ts'
import { proveSecret } from './sign-in.ts'
import { newChallenge, readFactor } from './sign-in-by-password.ts'
import { callOf, recordRefusal, type SignInCall } from './sign-in-call.ts'

/** Proving a session anew, before keys and secrets. */
export const proofRoutes = (app: FastifyInstance, services: Services): void => {
  consoleRoute(app, services, '/console/session/challenge', { POST: makeChallenge })
  consoleRoute(app, services, '/console/session/proof', { POST: prove })
}

const makeChallenge = ofSession(async ({ session }, request, reply, services) => {
  const call = callOf(request, services)
  const account = await services.console.findAccount(session.subjectId)
  const { ticket, digest } = await newChallenge(call, 'proof', session.subjectId)
  const place = await placeOf(request, services)
  return sendJson(reply, { challenge: ticket, passkey: askPasskey(digest, account, place) })
})

const forms = ['password', 'code', 'challenge passkey', 'pairingCode', 'clientSecret'] as const
type Evidence = Extract<ConsoleCommand, { kind: 'prove' }>['evidence']

/** What was shown, as far as it can be judged here; null: nothing that counts. */
const readEvidence = async (
  call: SignInCall,
  { session, principal }: LiveSession,
  { form, text, passkey }: ReadMembers<(typeof forms)[number]>,
  place: PasskeyPlace | null,
): Promise<Evidence | 'busy'> => {
  const { services } = call
  const { subjectId } = session
  switch (form) {
    case 'password': {
      const { password: digest } = await services.console.findAccount(subjectId)
      const isRight = await isPassword(text('password'), digest)
      if (isRight === 'busy') return 'busy'
      return isRight && digest !== null ? { by: 'password', digest } : null
    }
    case 'code':
      return readFactor(call, subjectId, { code: text('code') }, { challenge: '', place })
    case 'challenge passkey': {
      const challenge = sessionDigest(text('challenge'))
      return readFactor(call, subjectId, { passkey }, { challenge, place })
    }
    case 'pairingCode': {
      const digest = pairingDigest(text('pairingCode'), services.masterKey)
      return digest === null ? null : { by: 'pairing-code', digest }
    }
    case 'clientSecret': {
      if (session.subjectType !== 'App') return null
      const client = await services.registry.client(principal.clientId)
      const proof = await proveSecret(call, principal.clientId, text('clientSecret'), client)
      return proof === null ? null : { by: 'client-secret' }
    }
  }
}

const prove = ofSession(async (live, request, reply, services) => {
  const read = readMembers(request.body, forms)
  if (!read.ok) return sendProblem(reply, read.failure.reason, read.failure.words)
  const call = callOf(request, services)
  const evidence = await readEvidence(call, live, read.value, await placeOf(request, services))
  if (evidence === 'busy') return sendLocked(reply, 1)
  const token = newSessionToken()
  const { ecid, source, nowMs } = call
  const outcome = await services.console.write({
    kind: 'prove',
    session: live.session,
    digest: sessionDigest(token),
    evidence,
    challenge: sessionDigest(read.value.text('challenge')),
    actor: live.principal.clientId,
    isExempt: services.isExempt(source),
    ecid,
    source,
  })
  if (outcome.kind === 'signed-in') {
    const renewed = await findSession(token, services, nowMs)
    return renewed === null ? sendNobody(reply) : sendSession(request, reply, renewed, services)
  }
  if (outcome.kind === 'gone') return sendNobody(reply)
  recordRefusal(call, 'SIGN_IN_REFUSED', live.principal.clientId)
  const seconds = 'lockedForSeconds' in outcome ? outcome.lockedForSeconds : 0
  if (seconds > 0) return sendLocked(reply, seconds)
  return sendProblem(reply, 'PROOF_REFUSED', {
    detail: 'That is not it, or was used before. The session goes on as it was.',
    fix: 'Try again, or another way.',
  })
})
