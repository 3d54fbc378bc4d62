/** The guard itself, without a framework: a request in, a caller or an answer out. */
import { randomUUID } from 'node:crypto'
import { fail, ok, type Result } from '@mintmark/protocol/result'
import { type BearerFault, readBearerToken } from '@mintmark/protocol/rfc6750-bearer'
import { readDpopToken } from '@mintmark/protocol/rfc9449-dpop-challenge'
import { dpopAlgorithms } from '@mintmark/protocol/rfc9449-dpop-proof'
import {
  resourceMetadata,
  resourceMetadataPathOf,
  resourceMetadataWellKnown,
} from '@mintmark/protocol/rfc9728-resource-metadata'
import { createSenderCheck, type ShownToken } from './check-sender.ts'
import { checkOptions, type GuardEvent, type GuardOptions } from './guard-options.ts'
import type { GuardRefusal } from './guard-refusal.ts'
import type { GuardRequest } from './guard-request.ts'
import { createAccountRecheck, findAccount, type LocalAccount } from './local-account.ts'
import { createSessions, type LocalSession } from './local-session.ts'
import { answerRefusal, type GuardAnswer } from './refusal-answer.ts'
import { checkRequirement, type Requirement } from './requirement.ts'
import type { RevocationStatus } from './revocation-options.ts'
import { tokenDigest } from './token-digest.ts'
import { createValidation } from './token-validation.ts'
import type { ValidatedToken } from './validated-token.ts'

/** Who has sent a request that was let through. */
export interface Caller {
  /** Always a client: nobody signs in here. */
  readonly type: 'client'
  readonly clientId: string
  readonly token: ValidatedToken
  /** null where the guard has no `accounts`. */
  readonly account: LocalAccount | null
  readonly session: LocalSession | null
}

/** A request that is not let in, and what its sender is told. */
export interface Refused {
  readonly ok: false
  readonly refusal: GuardRefusal
  readonly answer: GuardAnswer
}

export type Verdict =
  | {
      readonly ok: true
      readonly caller: Caller
      /**
       * Judges the token again, for whoever still serves the request a while later: null as long
       * as it is neither expired nor revoked, and its account may be used. Asks for no proof. Looks
       * the account up every 5 s at most, and lets its place be away for 15 s.
       */
      recheck(): Promise<Refused | null>
    }
  | Refused

export interface GuardStatus {
  /** null where `revocations` was not asked for. */
  readonly revocations: RevocationStatus | null
  readonly revocationsStaleForMs: number | null
}

export interface Guard {
  /** Judges one request against the demand of its route. Never throws for what a caller sent. */
  check(request: GuardRequest, requirement: Requirement): Promise<Verdict>
  /** Judges a token that was received in another way, such as in a message. */
  checkToken(token: string, requirement: Requirement): Promise<Result<ValidatedToken, GuardRefusal>>
  /** Answers requests for this API's RFC 9728 metadata; null for all others. */
  answerMetadata(method: string, url: string): GuardAnswer | null
  /** Paths of that metadata; none where this API has no URL. */
  readonly metadataPaths: readonly string[]
  /** How well this guard knows what was revoked; for metrics and health checks. */
  status(): GuardStatus
  /** Ends what runs in the background: the connection to the revocation feed. */
  close(): void
  /** Fetches the keys now. @throws Error saying why the issuer cannot be relied on */
  ready(): Promise<void>
}

const sessionsMax = 10_000
const requestIdText = /^[\w.-]{1,64}$/

const bearerRefusals: Readonly<Record<BearerFault, GuardRefusal>> = {
  NO_TOKEN: {
    reason: 'TOKEN_MISSING',
    detail: 'Send a token in the Authorization field: Bearer and the token.',
  },
  SEVERAL_AUTHORIZATION_FIELDS: {
    reason: 'AUTHORIZATION_REPEATED',
    detail: 'Send exactly one Authorization field.',
  },
  AUTHORIZATION_MALFORMED: {
    reason: 'AUTHORIZATION_MALFORMED',
    detail: 'The Authorization field is not Bearer, a space and one token.',
  },
}

const isWebAddress = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)

interface Metadata {
  readonly url: string | null
  readonly paths: readonly string[]
  readonly body: string
}

const metadataOf = (options: GuardOptions, audience: readonly string[]): Metadata => {
  const resource = options.resource ?? audience.find(isWebAddress)
  if (resource === undefined) return { url: null, paths: [], body: '' }
  if (!isWebAddress(resource)) throw new TypeError('guard(): resource must be an https URL.')
  const path = resourceMetadataPathOf(resource)
  const authorizationServers = [options.issuer]
  const facts = {
    resource,
    authorizationServers,
    scopes: options.scopes ?? [],
    dpopAlgorithms: options.dpop === undefined ? [] : dpopAlgorithms,
    dpopRequired: options.dpop?.required === true,
    certificateRequired: options.certificates?.required === true,
  }
  return {
    url: new URL(resource).origin + path,
    paths: [...new Set([path, resourceMetadataWellKnown])],
    body: JSON.stringify(resourceMetadata(facts)),
  }
}

const pathAndQueryOf = (url: string): string => {
  if (!URL.canParse(url)) return ''
  const { pathname, search } = new URL(url)
  return pathname + search
}

const answerMetadata = ({ paths, body }: Metadata, method: string, url: string) => {
  if (method !== 'GET' && method !== 'HEAD') return null
  const target = url.startsWith('/') ? url : pathAndQueryOf(url)
  const [path = ''] = target.split('?', 1)
  if (!paths.includes(target) && !paths.includes(path)) return null
  const headers = { 'content-type': 'application/json', 'cache-control': 'max-age=3600' }
  return { status: 200, headers, body }
}

const requestIdOf = (request: GuardRequest): string => {
  const [stated = ''] = request.fields('x-request-id')
  return requestIdText.test(stated) ? stated : randomUUID()
}

/** The token of a request, and how it was shown; DPoP only where this API takes it. */
const readToken = (
  request: GuardRequest,
  takesDpop: boolean,
): Result<Omit<ShownToken, 'request'>, GuardRefusal> => {
  const fields = request.fields('authorization')
  const bound = takesDpop ? readDpopToken(fields) : fail<BearerFault>('NO_TOKEN')
  if (bound.ok) return ok({ text: bound.value, scheme: 'dpop' })
  const read = bound.failure === 'NO_TOKEN' ? readBearerToken(fields) : bound
  return read.ok ? ok({ text: read.value, scheme: 'bearer' }) : fail(bearerRefusals[read.failure])
}

const isDpop = (request: GuardRequest): boolean =>
  request.fields('authorization').some((field) => /^\s*dpop\b/i.test(field))

/**
 * Makes a guard. Use the one of your framework (`@mintmark/guard/express`, `/fastify`, `/hono`,
 * `/node`, `/web`), which is this one with a few lines around it.
 * @throws TypeError when issuer or audience is missing or an option cannot be
 */
export const createGuard = (options: GuardOptions): Guard => {
  const audience = checkOptions(options)
  const emit = (event: GuardEvent): void => {
    try {
      options.onEvent?.(event)
    } catch {
      // What is wrong with a log must not decide about a request.
    }
  }
  const report = (message: string): void => emit({ kind: 'trouble', message })
  const nowMs = options.nowMs ?? Date.now
  const { validate, ready, revocations } = createValidation(options, audience, report)
  const metadata = metadataOf(options, audience)
  const { accounts } = options
  const openSession = createSessions(
    accounts?.sessionSecondsMax ?? Number.MAX_SAFE_INTEGER,
    sessionsMax,
  )

  const clocks = { nowMs, steadyMs: options.nowMs ?? (() => performance.now()) }
  const { check: checkSender, keySender } = createSenderCheck(options, clocks, report)

  const validateFor = async (shown: ShownToken, need: Requirement) => {
    const read = await validate(shown.text)
    if (!read.ok) return read
    const sender = await checkSender(read.value.confirmation, shown)
    if (!sender.ok) return sender
    const allowed = checkRequirement(read.value.token, need)
    return allowed.ok ? ok(read.value.token) : allowed
  }

  const callerOf = async (
    shown: ShownToken,
    need: Requirement,
  ): Promise<Result<Caller, GuardRefusal>> => {
    const token = await validateFor(shown, need)
    if (!token.ok) return token
    const caller = { type: 'client', clientId: token.value.clientId, token: token.value } as const
    if (accounts === undefined) return ok({ ...caller, account: null, session: null })
    const account = await findAccount(accounts, token.value, report)
    if (!account.ok) return account
    const tokenEndsAtSeconds = token.value.expiresAtSeconds
    const digest = tokenDigest(shown.text)
    const key = { digest, account: account.value.name, tokenEndsAtSeconds }
    const session = openSession(key, nowMs() / 1000)
    return ok({ ...caller, account: account.value, session })
  }

  const refused = (request: GuardRequest, refusal: GuardRefusal): Refused => {
    const requestId = requestIdOf(request)
    emit({ kind: 'refused', reason: refusal.reason, detail: refusal.detail, requestId })
    const { realm = 'api', problemBase = 'urn:mintmark:problem:' } = options
    const dpop = keySender && {
      isUsed: isDpop(request),
      isRequired: options.dpop?.required === true,
      nonce: keySender.nonce(),
    }
    const context = { realm, problemBase, metadataUrl: metadata.url, requestId, dpop }
    return { ok: false, refusal, answer: answerRefusal(refusal, context) }
  }

  return {
    check: async (request, need) => {
      const shown = readToken(request, keySender !== null)
      if (!shown.ok) return refused(request, shown.failure)
      const { text } = shown.value
      const caller = await callerOf({ ...shown.value, request }, need)
      if (!caller.ok) return refused(request, caller.failure)
      const lookAgain = accounts && createAccountRecheck(accounts, clocks.steadyMs, report)
      const recheck = async () => {
        const read = await validate(text)
        if (!read.ok) return refused(request, read.failure)
        const refusal = await lookAgain?.(read.value.token)
        return refusal ? refused(request, refusal) : null
      }
      return { ok: true, caller: caller.value, recheck }
    },
    checkToken: (text, need) => validateFor({ text, scheme: 'bearer', request: null }, need),
    answerMetadata: (method, url) => answerMetadata(metadata, method, url),
    metadataPaths: metadata.paths,
    status: () => {
      const known = revocations?.status() ?? null
      return { revocations: known, revocationsStaleForMs: known?.staleForMs ?? null }
    },
    close: () => revocations?.close(),
    ready,
  }
}
