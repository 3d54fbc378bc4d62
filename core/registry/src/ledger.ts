import type { AuditEvent } from './audit-event.ts'
import type { Revocation } from './revocation.ts'
import type { BudgetCharge, BudgetStanding } from './token-allowance.ts'

/** A claim that must be new: two presenters of the same proof cannot both win. */
export interface OnceClaim {
  /** Namespace and owner, e.g. the client's id. */
  readonly owner: string
  /** SHA-256 of what must not come twice, base64url. */
  readonly proof: string
  readonly expiresAtSeconds: number
  /** When its owner says that it was made; absent: it does not say. */
  readonly issuedAtSeconds?: number
  /** What is said of it when it came before: a client assertion unless stated. */
  readonly kind?: 'dpop'
}

/** What a decision asks the ledger to hold true before anything is signed. */
export interface LedgerEntry {
  readonly event: AuditEvent
  readonly once: readonly OnceClaim[]
  /** Client whose snapshot was decided on, and the sequence of that snapshot. */
  readonly clientId: string | null
  readonly sequence: number
  /** Stored with the event, whole or not at all; `recorded` means that every process knows it. */
  readonly revocation?: Revocation
  /** When the last of the tokens expires that it puts on record; absent: it puts none. */
  readonly tokensUntilMs?: number
  readonly charge?: Charge
  /**
   * Entries of one commit with the same text say the same but for ecid, instant, source and object:
   * those from one source go on record as one event that counts them and names each.
   */
  readonly alike?: string
}

/** What a request takes of budgets; all of it or nothing. */
export interface Charge {
  readonly budgets: readonly BudgetCharge[]
  /** Goes on record in place of the event when only budgets that allow it are spent. */
  readonly instead?: AuditEvent
}

/** A charged entry is on record: as asked, as refused, or with the event that stands for it. */
export interface ChargedRecord {
  readonly outcome: 'charged' | 'spent' | 'instead'
  /** In the order of the charge. */
  readonly standings: readonly BudgetStanding[]
}

/** `stale`: the client changed after the snapshot was read; load and decide again. */
export type RecordOutcome =
  | 'recorded'
  | 'replayed'
  | 'dpop-replayed'
  | 'stale'
  | 'unavailable'
  | 'overloaded'
  | ChargedRecord

/** A wrong guess, counted before the answer leaves. */
export interface FailedAttempt {
  readonly clientId: string
  readonly source: string
  readonly reason: string
  readonly kind: 'secret' | 'token'
}

export interface AttemptOutcome {
  /** 0: not locked; otherwise seconds until the pair of client and source may try again. */
  readonly lockedForSeconds: number
}

/** What has happened: append only, durable before it answers. */
export interface Ledger {
  record(entry: LedgerEntry): Promise<RecordOutcome>
  recordFailure(attempt: FailedAttempt): Promise<AttemptOutcome>
}
