import type { TokenPlan } from '@mintmark/decisions/token/token-plan'
import type { Catalog, Snapshot } from '@mintmark/registry/snapshot'
import { LRUCache } from 'lru-cache'

/** A token that was issued and may be given again. */
export interface CurrentToken {
  readonly text: string
  readonly jti: string
  readonly plan: TokenPlan
  readonly issuedAtMs: number
  readonly expiresAtMs: number
}

/** The last token for each thing that is asked for, in the memory of this process. */
export interface CurrentTokens {
  /** @returns null also when the client or the catalog have changed since it was issued */
  find(key: string, snapshot: Snapshot, nowMs: number): CurrentToken | null
  keep(key: string, snapshot: Snapshot, token: CurrentToken): void
}

interface Kept {
  readonly token: CurrentToken
  /** Of the client when it was issued. */
  readonly state: string
}

/**
 * Whatever a token says follows from its plan, the state of the client and the catalog, which is
 * another object once it changes: so a kept token is never given where a new one would say
 * something else.
 *
 * @param limits how many tokens are kept, and how many characters of them; the one longest unused
 * goes first
 */
export const createCurrentTokens = (limits: {
  readonly tokensMax: number
  readonly charsMax: number
}): CurrentTokens => {
  const kept = new LRUCache<string, Kept>({ max: limits.tokensMax, maxSize: limits.charsMax })
  let issuedOn: Catalog | null = null
  /** A new catalog has other keys, APIs, roles or claims: nothing from before is given again. */
  const turnTo = (catalog: Catalog): void => {
    if (issuedOn === catalog) return
    kept.clear()
    issuedOn = catalog
  }
  return {
    find: (key, { catalog, client }, nowMs) => {
      turnTo(catalog)
      const found = kept.get(key)
      if (found === undefined || found.token.expiresAtMs - nowMs < 1000) return null
      return found.state === client.state ? found.token : null
    },
    keep: (key, { catalog, client }, token) => {
      turnTo(catalog)
      const { state } = client
      if (state === undefined) return
      kept.set(key, { token, state }, { size: token.text.length + key.length + state.length })
    },
  }
}

/** All that makes a request the same as another: who asks by what, and all that was decided. */
export const currentTokenKey = (
  applicationId: string,
  credential: string,
  { target, scopes, roles, lifetimeSeconds, binding }: TokenPlan,
): string =>
  JSON.stringify([
    applicationId,
    credential,
    target.audience,
    target.profile,
    target.algorithm,
    scopes,
    roles,
    lifetimeSeconds,
    binding.certificateThumbprint,
    binding.keyThumbprint,
  ])
