import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { FailedAttempt, LedgerEntry, RecordOutcome } from '@mintmark/registry/ledger'
import type { LiveBatch } from '../live-requests/live-request.ts'
import type { Invalidation } from './change-publisher.ts'

/** Calls of a worker that the primary answers, by name. */
export type CallName =
  | 'recordFailure'
  | 'administer'
  | 'console'
  | 'changeKeys'
  | 'metrics'
  | 'recall'
  | 'failure'

/** What workers and primary say to each other; plain data, bounded by the doors' own bounds. */
export type ToPrimary =
  | { readonly kind: 'records'; readonly first: number; readonly entries: readonly LedgerEntry[] }
  | { readonly kind: 'refusal'; readonly event: AuditEvent }
  | {
      readonly kind: 'call'
      readonly id: number
      readonly name: CallName
      readonly argument: unknown
    }
  | { readonly kind: 'ack'; readonly sequence: number }
  | { readonly kind: 'counted'; readonly id: number; readonly snapshot: unknown }
  /** All that it has counted; it ends now. */
  | { readonly kind: 'retired'; readonly snapshot: unknown }
  /** Somebody is told of requests in this worker, or nobody is any more. */
  | { readonly kind: 'live-listening'; readonly isListening: boolean }
  | { readonly kind: 'live'; readonly batch: LiveBatch }
  | { readonly kind: 'listening'; readonly doors: readonly ListeningDoor[] }
  | { readonly kind: 'failed'; readonly fault: WorkerFault }

export type ToWorker =
  | {
      readonly kind: 'outcomes'
      readonly first: number
      readonly outcomes: readonly RecordOutcome[]
    }
  /** The data can be opened; `sequence`: the newest change that reading it will show. */
  | { readonly kind: 'open'; readonly sequence: number }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | {
      readonly kind: 'failure'
      readonly id: number
      readonly message: string
      /** Whether it was the store that could not do it now. */
      readonly isOfStore: boolean
    }
  | { readonly kind: 'invalidate'; readonly invalidation: Invalidation }
  | { readonly kind: 'locked'; readonly pairs: readonly LockedPair[] }
  | { readonly kind: 'count'; readonly id: number }
  /** Which requests it remembers; answered like `count`. */
  | { readonly kind: 'recall'; readonly id: number }
  | { readonly kind: 'live-wanted'; readonly isWanted: boolean }
  | { readonly kind: 'live'; readonly batch: LiveBatch }
  | { readonly kind: 'reload' }
  /** Another has taken its place: no new connections, and the end when its own have ended. */
  | { readonly kind: 'retire' }
  | { readonly kind: 'stop' }

/** Why a worker could not open its doors; the members by which a start's fault is explained. */
export interface WorkerFault {
  readonly message: string
  readonly code?: string
  readonly address?: string
  readonly port?: number
}

export interface LockedPair {
  readonly clientId: string
  readonly source: string
  readonly untilMs: number
}

/** One door that is open. */
export interface ListeningDoor {
  readonly name: 'plain' | 'tls' | 'metrics'
  readonly url: string
}

export type { FailedAttempt }
