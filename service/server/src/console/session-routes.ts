import { identityDomainAdministrator } from '@mintmark/decisions/administration/built-in-roles'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isLoopbackUrl } from '../configuration/network-types.ts'
import { answerFault, sendLocked, sendProblem } from '../http/answer-problem.ts'
import type { Principal } from '../proof/principal.ts'
import { proveAdministrator } from '../proof/prove-administrator.ts'
import type { Services } from '../services.ts'
import { newPairingCode, pairingDigest } from './pairing-code.ts'
import { findSession, type LiveSession, proveSession } from './prove-session.ts'
import { readSignIn } from './read-sign-in.ts'
import { type Forgery, isForeign, judgeSite, sessionTokenOf } from './request-site.ts'
import { csrfTokenOf, endedCookie, isSecure, sessionCookie } from './session-cookie.ts'
import { callOf, type SignInRefusal, signIn } from './sign-in.ts'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
const bodyBytesMax = 8192

/** Who is signed in at the console: begin, look, end; and codes for whoever shall begin. */
export const sessionRoutes = (app: FastifyInstance, services: Services): void => {
  const route = (url: string, handlers: Handlers) =>
    app.route({
      method: [...methods],
      url,
      bodyLimit: bodyBytesMax,
      handler: (request, reply) => {
        const handler = handlers[request.method === 'HEAD' ? 'GET' : request.method]
        if (handler !== undefined) return handler(request, reply, services)
        const allow = Object.keys(handlers).join(', ')
        const words = { detail: `${url} takes ${allow} only.`, fix: `Send ${allow}.` }
        return sendProblem(reply.header('allow', allow), 'METHOD_NOT_ALLOWED', words)
      },
      errorHandler: answerFault(services),
    })
  route('/console/session', { GET: showSession, POST: beginSession, DELETE: endSession })
  route('/console/pairing', { POST: makePairing })
}

type Answer = (
  request: FastifyRequest,
  reply: FastifyReply,
  services: Services,
) => Promise<FastifyReply>
type Handlers = Readonly<Record<string, Answer>>

const sendJson = (reply: FastifyReply, body: unknown): FastifyReply =>
  reply.header('cache-control', 'no-store').type('application/json').send(JSON.stringify(body))

const describe = async (
  { token, session, principal }: LiveSession,
  services: Services,
): Promise<unknown> => {
  const catalog = await services.registry.catalog()
  const { type, applicationId: id, displayName, roleNames } = principal
  return {
    administrator: { id, type, displayName },
    roles: roleNames,
    csrfToken: csrfTokenOf(token, services),
    expiresAt: new Date(session.expiresAtMs).toISOString(),
    domain: { displayName: catalog.domain.displayName, ...services.address(catalog) },
  }
}

const nobody = (reply: FastifyReply): FastifyReply =>
  sendProblem(reply, 'SESSION_MISSING', {
    detail: 'There is no session, or it has ended, or its owner administers nothing any more.',
    fix: 'Sign in at /console/. A pairing code comes from: mintmark admin pair',
  })

const forgeryWords: Readonly<Record<Forgery, { detail: string; fix: string }>> = {
  SITE_FOREIGN: {
    detail: 'Sec-Fetch-Site or Origin says that no page of this server has sent it.',
    fix: 'Use the console at the domain URL, or a bearer token.',
  },
  CSRF_TOKEN_WRONG: {
    detail: 'What changes something shows the csrfToken of its session as X-CSRF-Token.',
    fix: 'Read it from GET /console/session, or send a bearer token and no cookie.',
  },
}

/** A no to a request that carries a session and does not come from the console. */
export const sendForgery = (reply: FastifyReply, forgery: Forgery): FastifyReply =>
  sendProblem(reply, forgery, forgeryWords[forgery])

const showSession: Answer = async (request, reply, services) => {
  if (await isForeign(request, services, 'own')) return sendForgery(reply, 'SITE_FOREIGN')
  const live = await proveSession(request, services, Date.now())
  return live === null ? nobody(reply) : sendJson(reply, await describe(live, services))
}

const refuseSignIn = (reply: FastifyReply, refusal: SignInRefusal): FastifyReply => {
  if (refusal.kind === 'account-powerless') {
    return sendProblem(reply, 'ACCOUNT_POWERLESS', {
      detail: 'It is inactive, or holds no administrator role.',
      fix: 'Let an Identity Domain Administrator give it one.',
    })
  }
  if (refusal.lockedForSeconds > 0) return sendLocked(reply, refusal.lockedForSeconds)
  return sendProblem(reply, 'SIGN_IN_REFUSED', {
    detail: 'The code is wrong, used or older than 10 minutes, or the secret is not the one.',
    fix: 'Get a new code: mintmark admin pair',
  })
}

const beginSession: Answer = async (request, reply, services) => {
  if (await isForeign(request, services, 'own')) return sendForgery(reply, 'SITE_FOREIGN')
  const wish = readSignIn(request.body)
  if (!wish.ok) return sendProblem(reply, wish.failure.reason, wish.failure.words)
  const call = callOf(request, services)
  const signedIn = await signIn(call, wish.value)
  if (!signedIn.ok) return refuseSignIn(reply, signedIn.failure)
  const live = await findSession(signedIn.value, services, call.nowMs)
  if (live === null) return nobody(reply)
  reply.header('set-cookie', sessionCookie(signedIn.value, await isSecure(request, services)))
  return sendJson(reply, await describe(live, services))
}

const endSession: Answer = async (request, reply, services) => {
  const token = await sessionTokenOf(request, services)
  if (token === null) return nobody(reply)
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
  const pairingCode = newPairingCode()
  const { ecid, source } = callOf(request, services)
  const outcome = await services.console.write({
    kind: 'pair',
    digest: pairingDigest(pairingCode, services.masterKey) ?? '',
    actor: principal.clientId,
    ecid,
    source,
  })
  const expiresAtMs = outcome.kind === 'paired' ? outcome.expiresAtMs : 0
  // Behind # it is sent to no server, and so stands in no log.
  const url = `${await consoleUrl(services)}#pair=${pairingCode}`
  return sendJson(reply, { pairingCode, expiresAt: new Date(expiresAtMs).toISOString(), url })
}
