import type { SigningKey } from '@mintmark/registry/signing-key'
import type { AuditReader } from '@mintmark/storage/audit-reader'
import type { MasterKey } from '../signing/master-key.ts'
import { newEcid } from '../signing/random-ids.ts'
import { loadSigningKey } from '../signing/signing-keys.ts'
import type { ChangeRegistry } from '../writer/change-registry.ts'
import { signCheckpoint } from './sign-checkpoint.ts'

export interface CheckpointParts {
  readonly audit: AuditReader
  readonly change: ChangeRegistry
  readonly keys: () => Promise<readonly SigningKey[]>
  readonly masterKey: MasterKey
  readonly domainId: string
}

/** Puts a signed checkpoint on record, unless nothing has happened since the last one. */
export const keepCheckpoint = async (parts: CheckpointParts, nowMs: number): Promise<boolean> => {
  const newest = await parts.audit.newest()
  if (newest === null || newest.onlyAction === 'audit.checkpoint') return false
  const keys = await parts.keys()
  const key = keys.findLast((each) => each.algorithm === 'ES256' && each.state === 'active')
  if (key === undefined) return false
  const loaded = loadSigningKey(key, parts.masterKey)
  const checkpoint = signCheckpoint(loaded, parts.domainId, newest, nowMs)
  await parts.change((transaction) =>
    transaction.audit({
      at: nowMs,
      ecid: newEcid(),
      action: 'audit.checkpoint',
      result: 'ok',
      object: String(newest.sequence),
      detail: { checkpoint },
    }),
  )
  return true
}
