import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { ClientProof } from '@mintmark/registry/client-proof'
import type { Charge, LedgerEntry } from '@mintmark/registry/ledger'
import type { OAuthCall, OAuthOutcome, OutcomeCharge } from './oauth-call.ts'

const chargeOf = ({ budgets, instead }: OutcomeCharge, event: AuditEvent): Charge =>
  instead === undefined ? { budgets } : { budgets, instead: { ...event, ...instead } }

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

/**
 * What goes on record of a call by a proven client. Members are set one by one: this is written for
 * every request, and spreading costs more.
 * @param sequence at which the snapshot that was decided on was true
 */
export const entryOf = (
  { endpoint, ecid, source, nowMs }: OAuthCall,
  { clientId, once }: ClientProof,
  outcome: OAuthOutcome,
  sequence: number,
): LedgerEntry => {
  const result = outcome.ok ? 'ok' : 'refused'
  const event: Mutable<AuditEvent> = {
    at: nowMs,
    ecid,
    action: endpoint,
    result,
    actor: clientId,
    source,
  }
  const entry: Mutable<LedgerEntry> = { event, once, clientId, sequence }
  if (outcome.detail !== undefined) event.detail = outcome.detail
  if (!outcome.ok) event.reason = outcome.refusal.reason
  else {
    if (outcome.object !== undefined) event.object = outcome.object
    if (outcome.once !== undefined) entry.once = [...once, ...outcome.once]
    if (outcome.revocation !== undefined) entry.revocation = outcome.revocation
    if (outcome.tokensUntilMs !== undefined) entry.tokensUntilMs = outcome.tokensUntilMs
    if (outcome.alike !== undefined) entry.alike = outcome.alike
    if (outcome.charge !== undefined) entry.charge = chargeOf(outcome.charge, event)
  }
  return entry
}
