/**
 * The issuer's keys as one process holds them: fetched when first needed, served while they are
 * renewed, asked for again for an unknown key, but seldom, so that strangers cannot make us ask.
 */
import type { Result } from '@mintmark/protocol/result'
import type { VerifyingKey } from './verifying-key.ts'

export interface LoadedKeys {
  readonly keys: readonly VerifyingKey[]
  /** How long the issuer lets them be kept; null: not stated. */
  readonly maxAgeSeconds: number | null
}

export interface KeySourceOptions {
  load(): Promise<Result<LoadedKeys, string>>
  /** Milliseconds since any moment, never set back. */
  readonly steadyMs: () => number
  /** Least time between two requests that answered, milliseconds. */
  readonly cooldownMs: number
  /** Keys older than this are not believed, milliseconds. */
  readonly staleMsMax: number
  /** Told what an operator should know; never throws into a request. */
  readonly report: (message: string) => void
}

export interface KeySource {
  /** The keys now, without waiting; null: none, or too old to be believed. */
  current(): readonly VerifyingKey[] | null
  /**
   * Asks the issuer, unless it was asked just now. Callers at one time share one request.
   * @returns the keys afterwards, as `current`
   */
  renew(): Promise<readonly VerifyingKey[] | null>
}

const freshMsDefault = 600_000
const freshMsMin = 60_000
const freshMsMax = 3_600_000
const retryMsMin = 1000

interface Held {
  readonly keys: readonly VerifyingKey[]
  readonly loadedAtMs: number
  readonly freshUntilMs: number
}

const freshMsOf = (maxAgeSeconds: number | null): number =>
  maxAgeSeconds === null
    ? freshMsDefault
    : Math.min(freshMsMax, Math.max(freshMsMin, maxAgeSeconds * 1000))

/** A key that stays in the set stays the same object: what it has verified need not be again. */
const keepKnown = (known: readonly VerifyingKey[], fresh: readonly VerifyingKey[]) =>
  fresh.map(
    (key) =>
      known.find(
        (old) =>
          old.kid === key.kid &&
          old.thumbprint === key.thumbprint &&
          old.algorithms.join() === key.algorithms.join() &&
          old.key.equals(key.key),
      ) ?? key,
  )

/** @param options bounds and the request itself */
export const createKeySource = (options: KeySourceOptions): KeySource => {
  const { steadyMs, cooldownMs, staleMsMax } = options
  let held: Held | null = null
  let flight: Promise<void> | null = null
  let askableAtMs = Number.NEGATIVE_INFINITY
  let failures = 0

  const load = async (): Promise<void> => {
    let loaded: Awaited<ReturnType<KeySourceOptions['load']>>
    try {
      loaded = await options.load()
    } catch (error) {
      loaded = { ok: false, failure: error instanceof Error ? error.message : String(error) }
    }
    const now = steadyMs()
    if (loaded.ok) {
      const { maxAgeSeconds } = loaded.value
      const keys = keepKnown(held?.keys ?? [], loaded.value.keys)
      held = { keys, loadedAtMs: now, freshUntilMs: now + freshMsOf(maxAgeSeconds) }
      failures = 0
      askableAtMs = now + cooldownMs
    } else {
      askableAtMs = now + Math.min(cooldownMs, retryMsMin * 2 ** failures)
      failures = Math.min(failures + 1, 10)
      options.report(`No keys from the issuer: ${loaded.failure}`)
    }
  }

  const start = (): Promise<void> => {
    flight ??= load().finally(() => {
      flight = null
    })
    return flight
  }

  const believed = (): readonly VerifyingKey[] | null =>
    held !== null && steadyMs() - held.loadedAtMs <= staleMsMax ? held.keys : null

  return {
    current: () => {
      const isDue = held !== null && steadyMs() >= held.freshUntilMs && steadyMs() >= askableAtMs
      if (isDue) void start()
      return believed()
    },
    renew: async () => {
      if (flight !== null || steadyMs() >= askableAtMs) await start()
      return believed()
    },
  }
}
