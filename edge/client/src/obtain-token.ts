import { ClientError } from './client-error.ts'
import { findIssuer, type Issuer } from './find-issuer.ts'
import { type Answer, type Connections, exchange, makeConnections } from './http-exchange.ts'
import { type Credentials, isSameCredentials, readCredentials } from './read-credentials.ts'
import type { ClientSettings, TokenTarget } from './read-settings.ts'
import { backOffMs } from './retry-after.ts'
import { type GivenToken, readTokenAnswer } from './token-answer.ts'
import { makeTokenRequest } from './token-request.ts'
import type { World } from './world.ts'

/** Requests for one token, however fast they fail. */
const attemptsMax = 4
/** Servers bear a clock that is this much off. */
const clockOffsetMsMax = 20_000
const userAgent = 'mintmark-client'

/** A token and when it was asked for: its life is counted from then. */
export interface ObtainedToken extends GivenToken {
  readonly askedAtMs: number
  readonly askedAtMonotonicMs: number
}

/** Gets tokens, with nothing remembered but how to ask. */
export interface TokenSource {
  /** @throws ClientError after all tries that make sense */
  obtain(target: TokenTarget, signal: AbortSignal): Promise<ObtainedToken>
  /** The credentials in use, and connections that show them. */
  held(): Promise<Held>
  close(): void
}

export interface Held {
  readonly credentials: Credentials
  readonly connections: Connections
}

/** Everything that a token source remembers. */
interface Memory {
  held: Promise<Held> | null
  readonly issuers: Map<string | null, Promise<Issuer>>
  /** Server's clock minus ours; zero until a refusal gives a reason to look. */
  clockOffsetMs: number
}

interface Place {
  readonly settings: ClientSettings
  readonly world: World
  readonly memory: Memory
  readonly signal: AbortSignal
}

const hold = async (settings: ClientSettings): Promise<Held> => {
  const credentials = await readCredentials(settings)
  return { credentials, connections: makeConnections(credentials) }
}

/** A promise that failed is not kept: the next caller tries again. */
const heldOf = ({ settings, memory }: Place): Promise<Held> => {
  if (memory.held === null) {
    const reading = hold(settings)
    memory.held = reading
    reading.catch(() => {
      if (memory.held === reading) memory.held = null
    })
  }
  return memory.held
}

const askFor = async (place: Place, url: string): Promise<Answer> => {
  const { connections } = await heldOf(place)
  const headers = { accept: 'application/json', 'user-agent': userAgent }
  const { signal, settings } = place
  const { timeoutMs } = settings
  return exchange(connections, { method: 'GET', url, headers, signal, timeoutMs })
}

/** Found once, however many tokens are wanted. */
const issuerOf = (place: Place, issuer: string | null): Promise<Issuer> => {
  const { settings, world, memory } = place
  const known = memory.issuers.get(issuer)
  if (known !== undefined) return known
  const finding = findIssuer(settings, issuer, (url) => askFor(place, url), world.nowMs())
  memory.issuers.set(issuer, finding)
  finding.catch(() => memory.issuers.delete(issuer))
  return finding
}

const offsetOf = (answer: Answer, nowMs: number): number => {
  const dateMs = Date.parse(answer.headers.date ?? '')
  return Number.isNaN(dateMs) ? 0 : dateMs - nowMs
}

const nonceOf = ({ headers }: Answer): string | null => {
  const nonce = headers['dpop-nonce']
  return typeof nonce === 'string' ? nonce : null
}

interface Attempt {
  readonly outcome: ObtainedToken | ClientError
  readonly held: Held
  readonly offsetMs: number
}

const attempt = async (place: Place, target: TokenTarget): Promise<Attempt> => {
  const { settings, world, memory, signal } = place
  const issuer = await issuerOf(place, target.issuer)
  const held = await heldOf(place)
  const { credentials, connections } = held
  const askedAtMs = world.nowMs()
  const askedAtMonotonicMs = world.monotonicMs()
  const nowMs = askedAtMs + memory.clockOffsetMs
  const request = await makeTokenRequest(settings, { issuer, target }, credentials, nowMs)
  const { url, body, confidential } = request
  const { dpop, timeoutMs } = settings
  const at = new URL(url)
  const proof = dpop?.proof({ method: 'POST', url: at, token: null, nowMs: askedAtMs })
  const headers = {
    ...request.headers,
    ...(proof !== undefined && { dpop: proof }),
    'user-agent': userAgent,
  }
  const call = { method: 'POST', url, headers, body, signal, timeoutMs } as const
  let answer: Answer
  try {
    answer = await exchange(connections, call)
  } catch (error) {
    // Where nobody answers any more, the server may have moved: its metadata is asked for again.
    memory.issuers.delete(target.issuer)
    throw error
  }
  if (answer.status === 404) memory.issuers.delete(target.issuer)
  dpop?.noteNonce(at, nonceOf(answer))
  const type = dpop === null ? 'Bearer' : 'DPoP'
  const given = readTokenAnswer(url, answer, confidential, askedAtMs, type)
  const outcome = given instanceof ClientError ? given : { ...given, askedAtMs, askedAtMonotonicMs }
  return { outcome, held, offsetMs: offsetOf(answer, world.nowMs()) }
}

/** Whether the files say something new since; then that is what is used from now on. */
const rereadCredentials = async (place: Place, refused: Held): Promise<boolean> => {
  const { settings, memory } = place
  const before = memory.held
  if ((await before) !== refused) return true
  const fresh = await readCredentials(settings)
  // Others were refused at the same moment; one of them has been here first.
  if (memory.held !== before) return true
  if (isSameCredentials(fresh, refused.credentials)) return false
  memory.held = Promise.resolve({ credentials: fresh, connections: makeConnections(fresh) })
  // Requests under way end by themselves; idle connections close.
  setTimeout(() => refused.connections.close(), settings.timeoutMs).unref()
  settings.emit({ type: 'credentials_reread' })
  return true
}

/** Assertions are dated: a clock that is off makes them expired, or not yet valid. */
const correctClock = (place: Place, tried: Attempt): boolean => {
  const { memory, settings } = place
  const error = tried.offsetMs - memory.clockOffsetMs
  const isDated = tried.held.credentials.key !== null || settings.dpop !== null
  if (!isDated || Math.abs(error) < clockOffsetMsMax) return false
  memory.clockOffsetMs = tried.offsetMs
  settings.dpop?.correctClock(tried.offsetMs)
  settings.emit({ type: 'clock_corrected', offsetMs: tried.offsetMs })
  return true
}

/** Each cure is tried once a call. */
interface Cures {
  nonces: number
  reread: boolean
  clock: boolean
}

const cure = async (place: Place, tried: Attempt, cures: Cures): Promise<boolean> => {
  if (!cures.reread) {
    cures.reread = true
    if (await rereadCredentials(place, tried.held)) return true
  }
  if (cures.clock) return false
  cures.clock = true
  return correctClock(place, tried)
}

/** Nonces may change between two answers, but a server that never takes its own has a fault. */
const noncesMax = 2

/** RFC 9449 §8: with the nonce that was just told, or dated by the server's clock. */
const cureProof = (place: Place, tried: Attempt, { error }: ClientError, cures: Cures): boolean => {
  if (place.settings.dpop === null) return false
  if (error === 'use_dpop_nonce' && cures.nonces < noncesMax) {
    cures.nonces += 1
    return true
  }
  if (error !== 'invalid_dpop_proof' || cures.clock) return false
  cures.clock = true
  return correctClock(place, tried)
}

/** A certificate or an authority that was renewed: TLS says no before the server can. */
const cureTls = async (place: Place, used: Memory['held'], cures: Cures): Promise<boolean> => {
  if (cures.reread) return false
  cures.reread = true
  return rereadCredentials(place, await (used ?? heldOf(place)))
}

const asFailure = (error: unknown): ClientError => {
  if (error instanceof ClientError) return error
  throw error
}

/** How long to wait for another try; null: there is none. */
const delayMsOf = (place: Place, failure: ClientError, failures: number): number | null => {
  if (!failure.retryable || failures >= attemptsMax) return null
  const own = backOffMs(failures, place.world.random())
  return Math.max(own, (failure.retryAfterSeconds ?? 0) * 1000)
}

const obtain = async (place: Place, target: TokenTarget): Promise<ObtainedToken> => {
  const { settings, world, memory, signal } = place
  const startedMs = world.monotonicMs()
  const cures: Cures = { nonces: 0, reread: false, clock: false }
  for (let failures = 1, attempts = 1; ; attempts += 1) {
    const used = memory.held
    const tried = await attempt(place, target).catch(asFailure)
    const outcome = tried instanceof ClientError ? tried : tried.outcome
    if (!(outcome instanceof ClientError)) {
      const { audience, issuer } = target
      const { lifetimeSeconds } = outcome
      const durationMs = world.monotonicMs() - startedMs
      const where = issuer ?? settings.domainUrl ?? settings.tokenEndpoint ?? ''
      const event = { issuer: where, audience, durationMs, lifetimeSeconds, attempts }
      settings.emit({ type: 'token_received', ...event })
      return outcome
    }
    if (!(tried instanceof ClientError) && cureProof(place, tried, outcome, cures)) continue
    const isRefused = outcome.reason === 'client_refused' && !(tried instanceof ClientError)
    if (isRefused && (await cure(place, tried, cures))) continue
    if (outcome.reason === 'tls_refused' && (await cureTls(place, used, cures))) continue
    const delayMs = delayMsOf(place, outcome, failures)
    const waitedMs = world.monotonicMs() - startedMs
    if (delayMs === null || waitedMs + delayMs > settings.maxWaitMs) throw outcome
    settings.emit({ type: 'token_retried', reason: outcome.reason, delayMs })
    await world.sleep(delayMs, signal)
    failures += 1
  }
}

/**
 * Asking for a token again is safe: the server issues another one, and an assertion has a new `jti`
 * each time. So broken connections, 429 and 5xx are tried again, with back-off, within the bounds
 * of the settings; what the server has understood and refused is not.
 */
export const makeTokenSource = (settings: ClientSettings, world: World): TokenSource => {
  const memory: Memory = { held: null, issuers: new Map(), clockOffsetMs: 0 }
  const placeOf = (signal: AbortSignal): Place => ({ settings, world, memory, signal })
  return {
    obtain: (target, signal) => obtain(placeOf(signal), target),
    held: () => heldOf(placeOf(new AbortController().signal)),
    close: () => {
      memory.held?.then(({ connections }) => connections.close()).catch(() => {})
    },
  }
}
