import { identityDomainAdministrator } from '@mintmark/decisions/administration/built-in-roles'
import { isProofFresh } from '@mintmark/decisions/administration/decide-fresh-proof'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isLoopbackUrl } from '../configuration/network-types.ts'
import { sendLocked, sendProblem } from '../http/answer-problem.ts'
import type { Principal } from '../proof/principal.ts'
import { proveAdministrator } from '../proof/prove-administrator.ts'
import type { Services } from '../services.ts'
import { accountRoutes } from './account-routes.ts'
import {
  type Answer,
  consoleRoute,
  sendForgery,
  sendJson,
  sendNobody,
  sendProofTooOld,
} from './console-route.ts'
import { describeSession } from './describe-session.ts'
import { newPairingCode, pairedUserName, pairingDigest } from './pairing-code.ts'
import { placeOf } from './passkey.ts'
import { proofRoutes } from './proof-routes.ts'
import { findSession, proveSession } from './prove-session.ts'
import { readMembers } from './read-members.ts'
import { readSignIn } from './read-sign-in.ts'
import { isForeign, judgeSite, sessionTokenOf } from './request-site.ts'
import { sendSession } from './send-session.ts'
import { endedCookie, isSecure } from './session-cookie.ts'
import { signIn } from './sign-in.ts'
import { callOf, type SignInRefusal } from './sign-in-call.ts'

/** Who is signed in at the console: begin, look, end; and codes for whoever shall begin. */
export const sessionRoutes = (app: FastifyInstance, services: Services): void => {
  const handlers = { GET: showSession, POST: beginSession, DELETE: endSession }
  consoleRoute(app, services, '/console/session', handlers)
  consoleRoute(app, services, '/console/pairing', { POST: makePairing })
  proofRoutes(app, services)
  accountRoutes(app, services)
}

const showSession: Answer = async (request, reply, services) => {
  if (await isForeign(request, services, 'own')) return sendForgery(reply, 'SITE_FOREIGN')
  const live = await proveSession(request, services, Date.now())
  return live === null ? sendNobody(reply) : sendJson(reply, await describeSession(live, services))
}

const refuseSignIn = (reply: FastifyReply, refusal: SignInRefusal): FastifyReply => {
  if (refusal.kind === 'account-powerless') {
    return sendProblem(reply, 'ACCOUNT_POWERLESS', {
      detail: 'It is inactive, or holds no administrator role.',
      fix: 'Let an Identity Domain Administrator give it one.',
    })
  }
  if (refusal.kind === 'factor-missing') {
    return sendProblem(reply, 'SECOND_FACTOR_MISSING', {
      detail: 'A password signs in together with an authenticator or a passkey, and there is none.',
      fix: 'Sign in by a pairing code (mintmark admin pair), then add one under Your sign-in.',
    })
  }
  if (refusal.lockedForSeconds > 0) return sendLocked(reply, refusal.lockedForSeconds)
  return sendProblem(reply, 'SIGN_IN_REFUSED', {
    detail: 'A name, password, code, passkey or secret is wrong, was used, or has expired.',
    fix: 'Try again, or get a pairing code: mintmark admin pair',
  })
}

const beginSession: Answer = async (request, reply, services) => {
  if (await isForeign(request, services, 'own')) return sendForgery(reply, 'SITE_FOREIGN')
  const wish = readSignIn(request.body)
  if (!wish.ok) return sendProblem(reply, wish.failure.reason, wish.failure.words)
  const call = callOf(request, services)
  const place = await placeOf(request, services)
  const signedIn = await signIn(call, wish.value, place)
  if (!signedIn.ok) return refuseSignIn(reply, signedIn.failure)
  if (typeof signedIn.value !== 'string') return sendJson(reply.code(202), signedIn.value)
  const live = await findSession(signedIn.value, services, call.nowMs)
  if (live === null) return sendNobody(reply)
  return sendSession(request, reply, live, services)
}

const endSession: Answer = async (request, reply, services) => {
  const token = await sessionTokenOf(request, services)
  if (token === null) return sendNobody(reply)
  const forgery = await judgeSite(request, token, services)
  if (forgery !== null) return sendForgery(reply, forgery)
  const { ecid, source, nowMs } = callOf(request, services)
  const live = await findSession(token, services, nowMs)
  if (live !== null) {
    const { digest } = live.session
    const actor = live.principal.clientId
    await services.console.write({ kind: 'sign-out', digest, actor, ecid, source })
  }
  reply.header('set-cookie', endedCookie(await isSecure(request, services)))
  return reply.header('cache-control', 'no-store').code(204).send()
}

const mayPair = ({ roleNames }: Principal): boolean =>
  roleNames.includes(identityDomainAdministrator)

/** Where a browser should go: never in the clear over a network. */
const consoleUrl = async (services: Services): Promise<string> => {
  const { url, secureUrl } = services.address(await services.registry.catalog())
  const isSafe = url.startsWith('https:') || isLoopbackUrl(url)
  return `${isSafe ? url : (secureUrl ?? url)}/console`
}

/** Whom the code shall sign in; a refusal that was sent where that is nobody. */
const readPairedUser = async (
  request: FastifyRequest,
  reply: FastifyReply,
  services: Services,
): Promise<string | FastifyReply> => {
  const { body } = request
  if (!Buffer.isBuffer(body) || body.length === 0) return pairedUserName
  const read = readMembers(body, ['userName'])
  if (!read.ok) return sendProblem(reply, read.failure.reason, read.failure.words)
  const userName = read.value.text('userName')
  if (userName === pairedUserName) return userName
  const user = await services.console.findUserByName(userName)
  if (user?.active) return user.userName
  return sendProblem(reply, 'MEMBER_INVALID', {
    detail: 'No active user has this userName.',
    fix: 'Make the user first and give it an administrator role, at /admin/v1/Users and Grants.',
  })
}

const makePairing: Answer = async (request, reply, services) => {
  const principal = await proveAdministrator(request, services, Date.now())
  if (principal === null) {
    reply.header('www-authenticate', `Bearer realm="${services.realm()}"`)
    return sendProblem(reply, 'TOKEN_REFUSED', {
      detail: 'It takes a bearer token of this domain, of an Identity Domain Administrator.',
      fix: 'Ask for one with scope urn:opc:idm:__myscopes__, send it as Authorization: Bearer.',
    })
  }
  if (!mayPair(principal)) {
    return sendProblem(reply, 'ACCESS_DENIED', {
      detail: 'A pairing code opens everything.',
      fix: `It takes the role ${identityDomainAdministrator}.`,
    })
  }
  // a code proves a session anew: one that has to be proven must not make its own
  if (!isProofFresh(principal, Date.now())) return sendProofTooOld(reply)
  const userName = await readPairedUser(request, reply, services)
  if (typeof userName !== 'string') return userName
  const pairingCode = newPairingCode()
  const { ecid, source } = callOf(request, services)
  const outcome = await services.console.write({
    kind: 'pair',
    digest: pairingDigest(pairingCode, services.masterKey) ?? '',
    userName,
    actor: principal.clientId,
    ecid,
    source,
  })
  const expiresAtMs = outcome.kind === 'paired' ? outcome.expiresAtMs : 0
  // Behind # it is sent to no server, and so stands in no log.
  const url = `${await consoleUrl(services)}#pair=${pairingCode}`
  return sendJson(reply, { pairingCode, expiresAt: new Date(expiresAtMs).toISOString(), url })
}
