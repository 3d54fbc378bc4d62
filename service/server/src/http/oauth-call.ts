import type { Refusal } from '@mintmark/protocol/refusal'
import type { Result } from '@mintmark/protocol/result'
import type { Form } from '@mintmark/protocol/rfc6749-form-encoding'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { ClientProof } from '@mintmark/registry/client-proof'
import type { Charge, OnceClaim } from '@mintmark/registry/ledger'
import type { Revocation } from '@mintmark/registry/revocation'
import type { Snapshot } from '@mintmark/registry/snapshot'
import type { Services } from '../services.ts'
import type { AnswerBody } from './answer.ts'

/** One call to an OAuth endpoint, as its steps see it. */
export interface OAuthCall {
  readonly endpoint: 'token' | 'introspect' | 'revoke'
  readonly ecid: string
  readonly source: string
  readonly form: Form
  /** The `DPoP` field (RFC 9449 §4.1); undefined: none was sent. */
  readonly dpop: string | undefined
  readonly accept: string | undefined
  readonly nowMs: number
  readonly services: Services
}

/** What a decision came to. Nothing of a positive one leaves before it is on record. */
export type OAuthOutcome =
  | {
      readonly ok: false
      readonly refusal: Refusal
      readonly detail?: Readonly<Record<string, unknown>>
    }
  | {
      readonly ok: true
      readonly object?: string
      readonly detail?: Readonly<Record<string, unknown>>
      /** What else must be new, besides what proved the client. */
      readonly once?: readonly OnceClaim[]
      /** Takes effect with the record of it. */
      readonly revocation?: Revocation
      /** When the last of the tokens expires that are issued; absent: none is. */
      readonly tokensUntilMs?: number
      /** Says all that goes on record of it but what `LedgerEntry.alike` leaves open. */
      readonly alike?: string
      /** Taken of budgets with the record; `instead` has what its event says in place of this. */
      readonly charge?: OutcomeCharge
      /** Of an answer that is no JSON. */
      readonly mediaType?: string | undefined
      /** Made after the record is durable. */
      readonly respond: () => Result<AnswerBody, Refusal>
      /** `respond` makes a signature: not all of a group commit in one turn of the event loop. */
      readonly signs?: boolean
      /** The same when `charge.instead` went on record. */
      readonly respondInstead?: () => Result<AnswerBody, Refusal>
    }

export interface OutcomeCharge {
  readonly budgets: Charge['budgets']
  readonly instead?: Pick<AuditEvent, 'object' | 'detail'>
}

/** Decides for a proven client; may read more before it does. */
export type OAuthEndpoint = (
  call: OAuthCall,
  proof: ClientProof,
  snapshot: Snapshot,
) => OAuthOutcome | Promise<OAuthOutcome>

/** What is known of a call before its body was read. */
export type CallStart = Omit<OAuthCall, 'form' | 'dpop'>
