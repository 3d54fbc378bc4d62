import type { TokenProfile } from '@mintmark/registry/application'

/** A request to an API, thought through and never sent. */
export interface ImaginedCall {
  readonly token: string
  readonly method: string
  /** Of the API, as the request would have it. */
  readonly url: string
  /** What the route demands, all of it. */
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  readonly api: {
    readonly issuer: string
    readonly audiences: readonly string[]
    readonly profile: TokenProfile
    /** RFC 7517: what its guard gets from this server. */
    readonly keySet: unknown
  }
  /** Ended before its time, as whoever follows revocations knows. */
  readonly isEnded: boolean
}

/** What the guard of the API says to it. */
export interface GuardVerdict {
  /** null: the request goes through, and what is answered is the API's own. */
  readonly refusal: {
    readonly reason: string
    readonly detail: string
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: unknown
  } | null
  /** Each demand by itself. */
  readonly demands: readonly {
    readonly kind: 'scope' | 'role'
    readonly name: string
    readonly held: boolean
  }[]
}

/** Given by whoever puts the program together: guards run elsewhere, not in a server. */
export type JudgeCall = (call: ImaginedCall) => Promise<GuardVerdict>
