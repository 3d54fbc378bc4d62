import { isProofFresh } from '@mintmark/decisions/administration/decide-fresh-proof'
import { base32, totpAddress } from '@mintmark/protocol/rfc6238-totp'
import type { User } from '@mintmark/registry/user'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendLocked, sendProblem } from '../http/answer-problem.ts'
import type { Services } from '../services.ts'
import type { AccountChange } from './console-command.ts'
import {
  type Answer,
  consoleRoute,
  ofSession,
  sendJson,
  sendNobody,
  sendProofTooOld,
} from './console-route.ts'
import { askNewPasskey, placeOf, readNewPasskey } from './passkey.ts'
import { digestPassword, passwordFault } from './password.ts'
import { findSession, type LiveSession } from './prove-session.ts'
import { readMembers } from './read-members.ts'
import {
  newRecoveryCodes,
  newSharedSecret,
  sharedSecretContext,
  stepOfCode,
} from './second-factor.ts'
import { sendSession } from './send-session.ts'
import { newSessionToken, sessionDigest } from './session-cookie.ts'
import { newChallenge } from './sign-in-by-password.ts'
import { callOf } from './sign-in-call.ts'

const home = '/console/session/account'

/** How the user of a session signs in without a pairing code. */
export const accountRoutes = (app: FastifyInstance, services: Services): void => {
  const route = (path: string, handlers: Readonly<Record<string, Answer>>) =>
    consoleRoute(app, services, home + path, handlers)
  route('', { GET: showAccount })
  route('/password', { PUT: setPassword })
  route('/authenticator', {
    POST: offerAuthenticator,
    PUT: addAuthenticator,
    DELETE: removeAuthenticator,
  })
  route('/passkeys', { POST: offerPasskey, PUT: addPasskey })
  route('/passkeys/:id', { DELETE: removePasskey })
  route('/recovery-codes', { POST: renewRecoveryCodes })
}

/** Somebody who is signed in and is no application. */
interface AccountCall {
  readonly live: LiveSession
  readonly user: User
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly services: Services
}

const ofUser = (answer: (call: AccountCall) => Promise<FastifyReply>): Answer =>
  ofSession(async (live, request, reply, services) => {
    const { subjectType, subjectId } = live.session
    const found = subjectType === 'User' ? await services.console.findUser(subjectId) : null
    if (found !== null) return answer({ live, user: found.user, request, reply, services })
    return sendProblem(reply, 'ACCESS_DENIED', {
      detail: 'An application signs in by its secret, and by nothing else.',
      fix: 'Sign in as a user.',
    })
  })

/** The same for changes: only for whoever has proven lately to be there. */
const ofProven = (answer: (call: AccountCall) => Promise<FastifyReply>): Answer =>
  ofUser(async (call) => {
    if (isProofFresh(call.live.principal, Date.now())) return answer(call)
    return sendProofTooOld(call.reply)
  })

const iso = (ms: number): string => new Date(ms).toISOString()

const showAccount = ofUser(async ({ user, reply, services }) => {
  const account = await services.console.findAccount(user.id)
  const { password, authenticator, passkeys, recoveryDigests } = account
  return sendJson(reply, {
    userName: user.userName,
    hasPassword: password !== null,
    authenticator: authenticator === null ? null : { addedAt: iso(authenticator.addedAtMs) },
    passkeys: passkeys.map(({ id, label, host, addedAtMs }) => ({
      id,
      label,
      host,
      addedAt: iso(addedAtMs),
    })),
    recoveryCodes: recoveryDigests.length,
  })
})

const sendMemberInvalid = (reply: FastifyReply, detail: string, fix: string): FastifyReply =>
  sendProblem(reply, 'MEMBER_INVALID', { detail, fix })

/** Does it, and gives the browser the session under its new name. */
const change = async (
  { live, user, request, reply, services }: AccountCall,
  wish: AccountChange,
): Promise<FastifyReply> => {
  const { ecid, source, nowMs } = callOf(request, services)
  const token = newSessionToken()
  const { codes, digests } = newRecoveryCodes(user.id, services.masterKey)
  const outcome = await services.console.write({
    kind: 'change-account',
    session: live.session,
    digest: sessionDigest(token),
    change: wish,
    recoveryDigests: digests,
    actor: live.principal.clientId,
    ecid,
    source,
  })
  if (outcome.kind !== 'changed') {
    const fix = 'Read /console/session/account again.'
    return sendMemberInvalid(reply, 'It is not there, was answered before, or is too many.', fix)
  }
  const renewed = await findSession(token, services, nowMs)
  if (renewed === null) return sendNobody(reply)
  const shownOnce = outcome.hasNewCodes ? { recoveryCodes: codes } : {}
  return sendSession(request, reply, renewed, services, shownOnce)
}

const setPassword = ofProven(async (call) => {
  const { request, reply, user } = call
  const read = readMembers(request.body, ['password'])
  if (!read.ok) return sendProblem(reply, read.failure.reason, read.failure.words)
  const password = read.value.text('password')
  const fault = passwordFault(password, user.userName)
  if (fault !== null) return sendMemberInvalid(reply, fault, 'Choose several words, 12 or more.')
  const digest = await digestPassword(password)
  return digest === 'busy' ? sendLocked(reply, 1) : change(call, { kind: 'password', digest })
})

/** How long an authenticator that was offered may be confirmed, in milliseconds. */
const offerMs = 10 * 60 * 1000

const offerContext = (userId: string): string => `console/offered-authenticator ${userId}`

const offerAuthenticator = ofProven(async ({ user, reply, services }) => {
  const secret = newSharedSecret()
  const catalog = await services.registry.catalog()
  const issuer = `Mintmark ${catalog.domain.displayName}`.trim()
  const offered = { secret: secret.toString('base64url'), endsAtMs: Date.now() + offerMs }
  return sendJson(reply, {
    secret: base32(secret),
    address: totpAddress(user.userName, issuer, secret),
    offer: services.masterKey.seal(JSON.stringify(offered), offerContext(user.id)),
  })
})

/** The shared secret of an offer; null: it is none of this user, or has expired. */
const readOffer = (text: string, userId: string, services: Services): Buffer | null => {
  try {
    const plain = services.masterKey.unseal(text, offerContext(userId))
    const { secret, endsAtMs } = JSON.parse(plain) as { secret: string; endsAtMs: number }
    return endsAtMs > Date.now() ? Buffer.from(secret, 'base64url') : null
  } catch {
    return null
  }
}

const addAuthenticator = ofProven(async (call) => {
  const { request, reply, user, services } = call
  const read = readMembers(request.body, ['code offer'])
  if (!read.ok) return sendProblem(reply, read.failure.reason, read.failure.words)
  const secret = readOffer(read.value.text('offer'), user.id, services)
  const code = read.value.text('code').replaceAll(/\s/g, '')
  const step = secret === null ? null : stepOfCode(code, secret, Date.now(), 0)
  if (secret === null || step === null) {
    const fix = 'Look whether its clock is right, then send the code that it shows now.'
    return sendMemberInvalid(reply, 'The authenticator shows another code.', fix)
  }
  const context = sharedSecretContext(user.id)
  const sealed = services.masterKey.seal(secret.toString('base64url'), context)
  return change(call, { kind: 'authenticator', sealed, step })
})

const removeAuthenticator = ofProven((call) => change(call, { kind: 'no-authenticator' }))

const noPlace = (reply: FastifyReply): FastifyReply =>
  sendMemberInvalid(
    reply,
    'A passkey belongs to a host name, and this page is at an address of numbers, or elsewhere.',
    'Open the console by its name, e.g. http://localhost:8080/console, or over TLS.',
  )

const offerPasskey = ofProven(async ({ user, request, reply, services }) => {
  const place = await placeOf(request, services)
  if (place === null) return noPlace(reply)
  const account = await services.console.findAccount(user.id)
  const { ticket, digest } = await newChallenge(callOf(request, services), 'new-passkey', user.id)
  const { id, userName, displayName } = user
  const told = { id, userName, displayName: displayName ?? userName }
  return sendJson(reply, {
    challenge: ticket,
    passkey: askNewPasskey(digest, told, account, place),
  })
})

const labelCharsMax = 60

const addPasskey = ofProven(async (call) => {
  const { request, reply, services } = call
  const place = await placeOf(request, services)
  if (place === null) return noPlace(reply)
  const read = readMembers(request.body, ['challenge label passkey'])
  if (!read.ok) return sendProblem(reply, read.failure.reason, read.failure.words)
  const challenge = sessionDigest(read.value.text('challenge'))
  const made = await readNewPasskey(read.value.passkey, challenge, place)
  if (made === null) {
    const fix = 'Ask for a new challenge, then try again.'
    return sendMemberInvalid(reply, 'It does not answer the challenge from this page.', fix)
  }
  const label = read.value.text('label').slice(0, labelCharsMax)
  const passkey = { ...made, label, addedAtMs: callOf(request, services).nowMs }
  return change(call, { kind: 'passkey', passkey, challenge })
})

const removePasskey = ofProven((call) => {
  const { id } = call.request.params as { readonly id: string }
  return change(call, { kind: 'no-passkey', id })
})

const renewRecoveryCodes = ofProven((call) => change(call, { kind: 'recovery-codes' }))
