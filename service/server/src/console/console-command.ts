import type { ConsolePasskey } from '@mintmark/storage/tables/console-account'
import type { ConsoleChallenge, ConsoleSession } from '@mintmark/storage/tables/console-session'
import type { Evidence } from './second-factor.ts'

/** From whom and under which id: what every line of the record has. */
export interface ConsoleCaller {
  readonly ecid: string
  readonly source: string
}

/** A change of how a user signs in. */
export type AccountChange =
  | { readonly kind: 'password'; readonly digest: string }
  | { readonly kind: 'authenticator'; readonly sealed: string; readonly step: number }
  | { readonly kind: 'no-authenticator' }
  | { readonly kind: 'passkey'; readonly passkey: ConsolePasskey; readonly challenge: string }
  | { readonly kind: 'no-passkey'; readonly id: string }
  | { readonly kind: 'recovery-codes' }

/** What shall become of sessions and codes; plain data, it may come from another process. */
export type ConsoleCommand =
  /** Keeps a pairing code. */
  | (ConsoleCaller & {
      readonly kind: 'pair'
      readonly digest: string
      /** Whom it signs in. */
      readonly userName: string
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
  /** Keeps what a browser shall answer. */
  | {
      readonly kind: 'challenge'
      readonly challenge: ConsoleChallenge
      /** Not while this is locked out; null: whatever is. */
      readonly attempt: { readonly clientId: string; readonly source: string } | null
    }
  /** Signs a user in whose password was right, by a second factor. */
  | (ConsoleCaller & {
      readonly kind: 'sign-in-by-factor'
      readonly userId: string
      readonly challenge: string
      /** null: what came is nothing that counts. */
      readonly evidence: Evidence | null
      readonly digest: string
      readonly isExempt: boolean
    })
  /** Lets a session go on under another digest, proven anew. */
  | (ConsoleCaller & {
      readonly kind: 'prove'
      readonly session: ConsoleSession
      readonly digest: string
      readonly evidence:
        | Evidence
        | { readonly by: 'pairing-code'; readonly digest: string }
        | { readonly by: 'client-secret' }
        | null
      /** That a passkey has answered. */
      readonly challenge: string | null
      readonly actor: string
      readonly isExempt: boolean
    })
  /** Changes how the user of a session signs in; the session goes on under another digest. */
  | (ConsoleCaller & {
      readonly kind: 'change-account'
      readonly session: ConsoleSession
      readonly digest: string
      readonly change: AccountChange
      /** For whoever has none, or asks for others. */
      readonly recoveryDigests: readonly string[]
      readonly actor: string
    })
  | (ConsoleCaller & {
      readonly kind: 'sign-out'
      readonly digest: string
      readonly actor: string
      /** Whose session it is, where somebody else ends it. */
      readonly object?: string
    })
  | ({ readonly kind: 'touch' } & Pick<ConsoleSession, 'digest' | 'seenAtMs' | 'expiresAtMs'>)

export type ConsoleOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'paired'; readonly expiresAtMs: number }
  | { readonly kind: 'signed-in' }
  /** The codes that came along are the account's now. */
  | { readonly kind: 'changed'; readonly hasNewCodes: boolean }
  /** The session, the challenge, or what shall be changed is not there any more. */
  | { readonly kind: 'gone' }
  /** No such code, or it was used, or it has expired. */
  | { readonly kind: 'code-wrong'; readonly lockedForSeconds: number }
  | { readonly kind: 'locked'; readonly lockedForSeconds: number }
  /** The account that the code is for is inactive, or administers nothing. */
  | { readonly kind: 'account-powerless' }
