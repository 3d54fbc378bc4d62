import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import { builtInApplicationId } from '@mintmark/registry/snapshot'
import type { Administrator } from './administrator.ts'
import { type Change, type ChangeStep, sameValue } from './change.ts'

/** For how long a session counts as proven after it was, in milliseconds. */
export const proofMs = 5 * 60 * 1000

/** Whoever has these opens doors, or shuts them for others. */
const opensDoors = (step: ChangeStep): boolean => {
  switch (step.step) {
    case 'put-secret':
    case 'delete-secret':
    case 'put-certificate':
    case 'delete-certificate':
    case 'attach-certificates':
    case 'put-partner-certificate':
    case 'delete-partner-certificate':
    case 'delete-application':
    case 'put-user':
    case 'delete-user':
    case 'put-members':
    case 'delete-group':
      return true
    case 'put-grant':
    case 'delete-grant':
      return step.grant.applicationId === builtInApplicationId
    default:
      return false
  }
}

const keyMembers = ['jwks', 'jwksUri', 'certificateSubject', 'certificateAnchors'] as const

/** Whether an application shall be known by other keys than before. */
const changesKeys = ({ before, after }: Change): boolean => {
  if (before === null || after === null) return false
  const [left, right] = [before['client'], after['client']] as readonly (
    | Readonly<Record<string, unknown>>
    | null
    | undefined
  )[]
  return keyMembers.some((name) => !sameValue(left?.[name] ?? null, right?.[name] ?? null))
}

/** Whether a session that was proven then needs no new proof now; a token never does. */
export const isProofFresh = ({ provedAtMs }: Administrator, nowMs: number): boolean =>
  provedAtMs === undefined || nowMs - provedAtMs < proofMs

/** What to say where it does. */
export const staleProofWords = {
  what: 'This session has proven itself more than 5 minutes ago.',
  why: 'Keys, secrets and administrators are for whoever sits there now.',
  fix: 'POST /console/session/proof, as the console asks for, then repeat it.',
} as const

/**
 * Judges whether a change of keys, secrets, certificates, administrators, or the end of an
 * application, comes from a session that has proven itself lately: an unattended browser must not
 * be enough.
 */
export const decideFreshProof = (
  administrator: Administrator,
  change: Change,
  nowMs: number,
): Result<null, AdministrationRefusal> => {
  if (isProofFresh(administrator, nowMs)) return ok(null)
  if (!change.steps.some(opensDoors) && !changesKeys(change)) return ok(null)
  const { what, ...more } = staleProofWords
  return refuseChange('PROOF_TOO_OLD', what, more)
}
