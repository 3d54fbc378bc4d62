import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { LedgerEntry, OnceClaim, RecordOutcome } from '@mintmark/registry/ledger'
import { coverRecorded, type Revocation } from '@mintmark/registry/revocation'
import { gatherAlikeEvents } from './alike-events.ts'
import type { AttemptChanges } from './attempt-counters.ts'
import type { ChangeMarks } from './change-marks.ts'
import { type Budgets, chargedEvent, openBudgets } from './charge-budgets.ts'
import type { Statements } from './database.ts'
import type { SecretUses } from './secret-uses.ts'
import { appendPack, packLines } from './tables/audit-pack.ts'
import { deleteAttempt, putAttempt } from './tables/failed-attempt.ts'
import { putRevocations } from './tables/revocation.ts'
import { putSecretUse } from './tables/secret-use.ts'
import type { ProofClaims } from './used-proofs.ts'

/** An entry that waits for its commit. */
export interface Waiting {
  readonly entry: LedgerEntry
  /**
   * The event as JSON, made on arrival so that one that cannot be written harms no other; empty
   * where it is counted with others like it.
   */
  readonly line: string
  readonly answer: (outcome: RecordOutcome) => void
}

/** What one commit stores. */
export interface Batch {
  readonly waiting: readonly Waiting[]
  readonly refusals: readonly AuditEvent[]
  readonly attempts: AttemptChanges
}

/** What the commit has found, in the order of `Batch.waiting`, and what it stored. */
export interface BatchResult {
  readonly outcomes: readonly RecordOutcome[]
  readonly events: readonly AuditEvent[]
  readonly revocations: readonly Revocation[]
}

export interface BatchRules {
  readonly domainId: string
  readonly marks: ChangeMarks
  readonly claims: ProofClaims
  readonly secretUses: SecretUses
  readonly nowMs: number
  /** `available`: tokens are issued that are not on record. */
  readonly mode: 'strict' | 'available'
  /** Proofs that expired up to this instant may have been forgotten. */
  readonly forgottenUntilMs: number
  /** Proofs from before may have been used, and the restored data may not know; absent: never. */
  readonly restoredAtMs?: number
  /** Whether a client has been locked out since it was let in. */
  readonly isLocked: (event: AuditEvent) => boolean
}

/** Whether what goes to the database can be bound; an entry of ours that cannot is a bug. */
export const isWritable = ({ event, once }: LedgerEntry): boolean =>
  Number.isFinite(event.at) &&
  once.every(
    (claim) =>
      Number.isSafeInteger(Math.ceil(claim.expiresAtSeconds * 1000)) &&
      typeof claim.owner === 'string' &&
      typeof claim.proof === 'string',
  )

/** The longest that a proof without an instant of its own can have lived. */
const proofLifeMsMax = 3_700_000

const isFromBefore = (claim: OnceClaim, restoredAtMs: number): boolean =>
  claim.issuedAtSeconds === undefined
    ? claim.expiresAtSeconds * 1000 <= restoredAtMs + (restoredAtMs === 0 ? 0 : proofLifeMsMax)
    : claim.issuedAtSeconds * 1000 < restoredAtMs

/** Claims in order. @returns the one that somebody else has; null: all of them are taken now */
const claimAll = async (
  statements: Statements,
  { claims, forgottenUntilMs, restoredAtMs = 0 }: BatchRules,
  { once }: LedgerEntry,
): Promise<OnceClaim | null> => {
  for (const claim of once) {
    // a proof as old as those forgotten cannot be told from one that was used
    if (claim.expiresAtSeconds * 1000 <= forgottenUntilMs) return claim
    if (isFromBefore(claim, restoredAtMs)) return claim
    if (!(await claims.claim(statements, claim))) return claim
  }
  return null
}

const replayed = (event: AuditEvent, claim: OnceClaim): AuditEvent => ({
  ...event,
  result: 'refused',
  reason: claim.kind === 'dpop' ? 'DPOP_REPLAYED' : 'ASSERTION_REPLAYED',
})

const tokensUntil = ({ waiting }: Batch): number => {
  let untilMs = 0
  for (const { entry } of waiting) untilMs = Math.max(untilMs, entry.tokensUntilMs ?? 0)
  return untilMs
}

/** What goes on record: events with their lines of JSON. */
interface Records {
  readonly outcomes: RecordOutcome[]
  readonly events: AuditEvent[]
  readonly lines: string[]
  readonly revocations: Revocation[]
}

const put = ({ events, lines }: Records, event: AuditEvent, line = JSON.stringify(event)): void => {
  events.push(event)
  lines.push(line)
}

/** Judges what waits, in the order of arrival. */
const judgeWaiting = async (
  statements: Statements,
  { waiting }: Batch,
  rules: BatchRules,
  budgets: Budgets | null,
): Promise<Records> => {
  const records: Records = { outcomes: [], events: [], lines: [], revocations: [] }
  const { outcomes, revocations } = records
  const alike = gatherAlikeEvents()
  for (const { entry, line } of waiting) {
    const { event, clientId } = entry
    const isOvertaken = clientId !== null && rules.marks.overtaken(clientId, entry.sequence)
    if (isOvertaken || rules.isLocked(event)) {
      outcomes.push('stale')
      continue
    }
    const taken = entry.once.length === 0 ? null : await claimAll(statements, rules, entry)
    if (taken === null && budgets !== null && entry.charge !== undefined) {
      const charged = budgets.charge(entry.charge)
      const told = chargedEvent(event, entry.charge, charged)
      outcomes.push(charged)
      put(records, told, told === event ? line : undefined)
    } else if (taken === null && entry.alike !== undefined) {
      outcomes.push('recorded')
      alike.add(event, entry.alike)
    } else if (taken === null) {
      outcomes.push('recorded')
      put(records, event, line)
      if (entry.revocation !== undefined) revocations.push(entry.revocation)
    } else {
      outcomes.push(taken.kind === 'dpop' ? 'dpop-replayed' : 'replayed')
      put(records, replayed(event, taken))
    }
  }
  for (const event of alike.events()) put(records, event)
  return records
}

/** Appends the records, and makes revocations among them cover all that is on record by then. */
const appendRecords = async (
  statements: Statements,
  batch: Batch,
  rules: BatchRules,
  { events, lines, revocations }: Records,
): Promise<readonly Revocation[]> => {
  if (lines.length === 0) return []
  const times = events.map((event) => event.at)
  // the record that a revocation covers ends at its commit, however long its event has waited
  if (revocations.length > 0) times.push(rules.nowMs)
  const untilMs = rules.mode === 'strict' ? tokensUntil(batch) : null
  const end = await appendPack(statements, rules.domainId, packLines(lines, times), untilMs)
  return revocations.map((each) => coverRecorded(each, end, rules.nowMs))
}

/**
 * Writes a batch inside one transaction: claims on proofs in the order of arrival, so that of two
 * equal ones the first wins; then all events as one pack of the chain; then the failure counts.
 */
export const writeBatch = async (
  statements: Statements,
  batch: Batch,
  rules: BatchRules,
): Promise<BatchResult> => {
  const { domainId, claims, secretUses, nowMs } = rules
  if (claims.prepare !== undefined) {
    const onces = batch.waiting.flatMap(({ entry }) => entry.once)
    await claims.prepare(statements, onces)
  }
  const budgets = await openBudgets(statements, domainId, batch.waiting, nowMs)
  const records = await judgeWaiting(statements, batch, rules, budgets)
  await claims.store(statements)
  await budgets?.store()
  secretUses.note(records.events)
  for (const [id, atMs] of secretUses.due(nowMs)) {
    await putSecretUse(statements, domainId, id, atMs)
  }
  for (const refusal of batch.refusals) put(records, refusal)
  const revocations = await appendRecords(statements, batch, rules, records)
  await putRevocations(statements, domainId, revocations)
  for (const count of batch.attempts.put) await putAttempt(statements, domainId, count)
  for (const key of batch.attempts.removed) await deleteAttempt(statements, domainId, key)
  return { outcomes: records.outcomes, events: records.events, revocations }
}
