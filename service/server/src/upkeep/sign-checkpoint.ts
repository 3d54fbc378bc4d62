import { type AuditCheckpoint, auditCheckpointType } from '@mintmark/protocol/audit-checkpoint'
import type { NewestPack } from '@mintmark/storage/audit-reader'
import { signJws } from '../signing/sign-jws.ts'
import type { LoadedKey } from '../signing/signing-keys.ts'

/** Signs what the newest pack is now. */
export const signCheckpoint = (
  key: LoadedKey,
  domainId: string,
  { sequence, hash }: NewestPack,
  nowMs: number,
): string => {
  const claims: AuditCheckpoint = {
    sub: domainId,
    iat: Math.floor(nowMs / 1000),
    sequence,
    hash: Buffer.from(hash).toString('hex'),
  }
  return signJws(key, auditCheckpointType, JSON.stringify(claims))
}
