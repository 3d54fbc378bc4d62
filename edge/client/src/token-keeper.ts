import type { AccessToken } from './access-token.ts'
import { ClientError, repeatFailure } from './client-error.ts'
import type { ObtainedToken, TokenSource } from './obtain-token.ts'
import type { ClientSettings, TokenTarget } from './read-settings.ts'
import type { World } from './world.ts'

/** A client asks for a handful of targets; who asks for more has made them up. */
const entriesMax = 1000
/** Part of its life after which a token is renewed; jitter spreads clients that began together. */
const renewalPart = 0.75
const renewalJitter = 0.1
/** A token is not handed out in its last moments: it must survive the way to the API. */
const lastMomentsPart = 0.1
const lastMomentsMsMax = 10_000
const holdMsMin = 1_000
const holdMsMax = 30_000

/** Tokens in memory, each fetched once however many wait for it. */
export interface TokenKeeper {
  /** @throws ClientError; the signal's reason when the caller gives up, which stops nobody else */
  get(target: TokenTarget, signal?: AbortSignal): Promise<AccessToken>
  /** Forgets a token that an API refused, unless it was replaced already. */
  drop(target: TokenTarget, value: string): void
  close(): void
}

interface Kept {
  readonly token: AccessToken
  /** Both clocks: one never goes back, the other goes on while the machine sleeps. */
  readonly renewAtMonotonicMs: number
  readonly endMonotonicMs: number
  readonly endMs: number
}

interface Entry {
  readonly target: TokenTarget
  kept: Kept | null
  flight: Promise<AccessToken> | null
  /** After a failure nothing is asked before this moment. */
  heldUntilMonotonicMs: number
  failure: ClientError | null
  failures: number
}

/** What makes a token another one; the client and its binding are those of the keeper. */
const keyOf = ({ issuer, audience, scopes, resource }: TokenTarget): string =>
  JSON.stringify([issuer, audience, scopes, resource])

const keep = (obtained: ObtainedToken, asked: readonly string[], random: number): Kept => {
  const { value, type, lifetimeSeconds, askedAtMs, askedAtMonotonicMs } = obtained
  // RFC 6749 §5.1: a server that says nothing has granted what was asked for.
  const scope = obtained.scope ?? (asked.length > 0 ? asked.join(' ') : null)
  const lifeMs = lifetimeSeconds * 1000
  const usableMs = lifeMs - Math.min(lifeMs * lastMomentsPart, lastMomentsMsMax)
  const renewMs = lifeMs * (renewalPart + renewalJitter * random)
  return {
    token: { value, type, scope, expiresAtMs: askedAtMs + lifeMs },
    renewAtMonotonicMs: askedAtMonotonicMs + Math.min(renewMs, usableMs),
    endMonotonicMs: askedAtMonotonicMs + usableMs,
    endMs: askedAtMs + usableMs,
  }
}

const isUsable = (kept: Kept, world: World): boolean =>
  world.monotonicMs() < kept.endMonotonicMs && world.nowMs() < kept.endMs

/** After a failure everybody gets that failure for a while, so that no crowd asks in vain. */
const holdOff = (entry: Entry, failure: ClientError, world: World): void => {
  entry.failures += 1
  entry.failure = failure
  const growing = Math.min(holdMsMax, holdMsMin * 2 ** (entry.failures - 1))
  const askedMs = (failure.retryAfterSeconds ?? 0) * 1000
  entry.heldUntilMonotonicMs = world.monotonicMs() + Math.max(growing, askedMs)
}

const whenAborted = <T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
  if (signal === undefined) return promise
  return new Promise((fulfil, reject) => {
    const give = (): void => reject(signal.reason)
    if (signal.aborted) give()
    signal.addEventListener('abort', give, { once: true })
    promise.then(fulfil, reject).finally(() => signal.removeEventListener('abort', give))
  })
}

interface House {
  readonly source: TokenSource
  readonly settings: ClientSettings
  readonly world: World
  readonly entries: Map<string, Entry>
  readonly closing: AbortController
}

const entryOf = ({ entries }: House, target: TokenTarget): Entry => {
  const key = keyOf(target)
  const known = entries.get(key)
  if (known !== undefined) return known
  const oldest = entries.keys().next()
  if (entries.size >= entriesMax && oldest.done !== true) entries.delete(oldest.value)
  const idle = { kept: null, flight: null, failure: null }
  const entry: Entry = { target, ...idle, heldUntilMonotonicMs: 0, failures: 0 }
  entries.set(key, entry)
  return entry
}

const fetchToken = async (house: House, entry: Entry): Promise<AccessToken> => {
  const { source, settings, world, closing } = house
  try {
    const obtained = await source.obtain(entry.target, closing.signal)
    const kept = keep(obtained, entry.target.scopes, world.random())
    entry.kept = kept
    entry.failure = null
    entry.failures = 0
    return kept.token
  } catch (error) {
    if (error instanceof ClientError && error.reason !== 'closed') {
      holdOff(entry, error, world)
      const { reason, retryable, ecid } = error
      settings.emit({ type: 'token_failed', reason, retryable, ecid })
    }
    throw error
  }
}

/** One request, whoever else wants the same meanwhile. */
const fly = (house: House, entry: Entry): Promise<AccessToken> => {
  if (entry.flight === null) {
    const flight = fetchToken(house, entry).finally(() => {
      entry.flight = null
    })
    entry.flight = flight
    // Behind a token that still works nobody waits for this one.
    flight.catch(() => {})
  }
  return entry.flight
}

const heldFailure = (entry: Entry, world: World): ClientError | null => {
  const leftMs = entry.heldUntilMonotonicMs - world.monotonicMs()
  if (entry.failure === null || leftMs <= 0) return null
  return repeatFailure(entry.failure, Math.ceil(leftMs / 1000))
}

const get = async (house: House, target: TokenTarget, signal?: AbortSignal) => {
  const { world, settings, closing } = house
  closing.signal.throwIfAborted()
  signal?.throwIfAborted()
  const entry = entryOf(house, target)
  const { kept } = entry
  const isHeld = heldFailure(entry, world)
  if (kept !== null && isUsable(kept, world)) {
    const renewing = world.monotonicMs() >= kept.renewAtMonotonicMs
    if (renewing && isHeld === null) void fly(house, entry).catch(() => {})
    settings.emit({ type: 'token_served', renewing })
    return kept.token
  }
  if (entry.flight === null && isHeld !== null) throw isHeld
  return whenAborted(fly(house, entry), signal)
}

/**
 * Renewal happens on demand: the first call after about 80 % of a token's life starts it and goes
 * on with the old token. There are no timers, so an unused client costs nothing and keeps no
 * process alive.
 */
export const makeTokenKeeper = (
  source: TokenSource,
  settings: ClientSettings,
  world: World,
): TokenKeeper => {
  const house: House = {
    source,
    settings,
    world,
    entries: new Map(),
    closing: new AbortController(),
  }
  return {
    get: (target, signal) => get(house, target, signal),
    drop: (target, value) => {
      const entry = house.entries.get(keyOf(target))
      if (entry?.kept?.token.value === value) entry.kept = null
    },
    close: () => {
      house.closing.abort(new ClientError('closed', 'This client was closed.'))
      house.entries.clear()
      source.close()
    },
  }
}
