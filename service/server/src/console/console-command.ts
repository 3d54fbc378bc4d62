import type { ConsoleSession } from '@mintmark/storage/tables/console-session'

/** From whom and under which id: what every line of the record has. */
export interface ConsoleCaller {
  readonly ecid: string
  readonly source: string
}

/** What shall become of sessions and codes; plain data, it may come from another process. */
export type ConsoleCommand =
  /** Keeps a pairing code. */
  | (ConsoleCaller & {
      readonly kind: 'pair'
      readonly digest: string
      readonly actor: string
    })
  /** Signs in whoever has a pairing code, and uses it up. */
  | (ConsoleCaller & {
      readonly kind: 'sign-in-by-code'
      readonly codeDigest: string | null
      readonly digest: string
      /** Neither counted nor locked out. */
      readonly isExempt: boolean
    })
  /** Signs an application in that has proven itself. */
  | (ConsoleCaller & {
      readonly kind: 'sign-in'
      readonly digest: string
      readonly applicationId: string
      readonly clientId: string
      readonly secretId: string
      readonly isExempt: boolean
    })
  | (ConsoleCaller & { readonly kind: 'sign-out'; readonly digest: string; readonly actor: string })
  | ({ readonly kind: 'touch' } & Pick<ConsoleSession, 'digest' | 'seenAtMs' | 'expiresAtMs'>)

export type ConsoleOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'paired'; readonly expiresAtMs: number }
  | { readonly kind: 'signed-in' }
  /** No such code, or it was used, or it has expired. */
  | { readonly kind: 'code-wrong'; readonly lockedForSeconds: number }
  | { readonly kind: 'locked'; readonly lockedForSeconds: number }
  /** The account that the code is for is inactive, or administers nothing. */
  | { readonly kind: 'account-powerless' }
