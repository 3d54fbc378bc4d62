/** Sessions of callers: one a token, over when the token is. */
import { randomUUID } from 'node:crypto'
import { createBoundedMemory } from './bounded-memory.ts'

export interface LocalSession {
  readonly id: string
  readonly openedAtSeconds: number
  /** The token's end, or the session's own limit if that is earlier; seconds since 1970. */
  readonly endsAtSeconds: number
  /** What the handler keeps for as long as the session lives. */
  readonly state: Map<string, unknown>
}

export interface SessionKey {
  /** Digest of the token. */
  readonly digest: string
  readonly account: string
  readonly tokenEndsAtSeconds: number
}

/**
 * Finds the session of a token and an account, or opens one; a session is never older than
 * `secondsMax`, and then another one is opened while the token lives.
 */
export type OpenSession = (key: SessionKey, nowSeconds: number) => LocalSession

/** @param sessionsMax the session used longest ago makes room */
export const createSessions = (secondsMax: number, sessionsMax: number): OpenSession => {
  const sessions = createBoundedMemory<LocalSession>(sessionsMax)
  return ({ digest, account, tokenEndsAtSeconds }, nowSeconds) => {
    const name = `${digest} ${account}`
    const known = sessions.get(name)
    // A token may be accepted for the seconds that clocks may differ: its session goes on so long.
    const isOpen = known !== undefined && nowSeconds < known.endsAtSeconds
    if (isOpen || known?.endsAtSeconds === tokenEndsAtSeconds) return known
    const session: LocalSession = {
      id: randomUUID(),
      openedAtSeconds: nowSeconds,
      endsAtSeconds: Math.min(tokenEndsAtSeconds, nowSeconds + secondsMax),
      state: new Map(),
    }
    sessions.set(name, session)
    return session
  }
}
