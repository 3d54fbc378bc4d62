import type { Statements } from '../database.ts'
import { digestBytes } from './used-proof.ts'

/** A proof as it is packed: its digest, then the second it expires in, 4 bytes, high byte first. */
export interface PackedProof {
  readonly digest: Uint8Array
  readonly expiresAtSeconds: number
}

const proofBytes = digestBytes + 4
const secondsMax = 0xffff_ffff

/** Appends the proofs of one commit, one at least. `sequence` tells packs of one expiry apart. */
export const appendProofPack = async (
  statements: Statements,
  domainId: string,
  sequence: number,
  proofs: readonly PackedProof[],
): Promise<void> => {
  const body = Buffer.allocUnsafe(proofs.length * proofBytes)
  let expiresAtSeconds = 0
  for (const [index, proof] of proofs.entries()) {
    const at = index * proofBytes
    body.set(proof.digest, at)
    body.writeUInt32BE(Math.min(proof.expiresAtSeconds, secondsMax), at + digestBytes)
    expiresAtSeconds = Math.max(expiresAtSeconds, proof.expiresAtSeconds)
  }
  await statements.run(
    'INSERT INTO proof_pack (domain_id, expires_at_ms, sequence, body) VALUES ($1, $2, $3, $4)',
    [domainId, expiresAtSeconds * 1000, sequence, body],
  )
}

const packsAtOnce = 512

/** Gives every stored proof that expires at or after an instant. @returns the last sequence used */
export const readProofPacks = async (
  statements: Statements,
  domainId: string,
  fromMs: number,
  take: (proof: PackedProof) => void,
): Promise<number> => {
  let last = 0
  let after: readonly [number, number] = [fromMs, -1]
  for (;;) {
    const rows = await statements.all(
      `SELECT expires_at_ms, sequence, body FROM proof_pack
       WHERE domain_id = $1 AND (expires_at_ms, sequence) > ($2, $3)
       ORDER BY expires_at_ms, sequence LIMIT $4`,
      [domainId, ...after, packsAtOnce],
    )
    for (const row of rows) {
      const body = Buffer.from(row['body'] as Uint8Array)
      for (let at = 0; at + proofBytes <= body.length; at += proofBytes) {
        const expiresAtSeconds = body.readUInt32BE(at + digestBytes)
        if (expiresAtSeconds * 1000 < fromMs) continue
        take({ digest: body.subarray(at, at + digestBytes), expiresAtSeconds })
      }
      after = [Number(row['expires_at_ms']), Number(row['sequence'])]
      last = Math.max(last, after[1])
    }
    if (rows.length < packsAtOnce) return last
  }
}

/** Removes at most `rowsMax` packs of which every proof expired before an instant. */
export const sweepProofPacks = async (
  statements: Statements,
  domainId: string,
  expiredBeforeMs: number,
  rowsMax: number,
): Promise<number> => {
  const { changes } = await statements.run(
    `DELETE FROM proof_pack WHERE domain_id = $1 AND (expires_at_ms, sequence) IN (
       SELECT expires_at_ms, sequence FROM proof_pack
       WHERE domain_id = $1 AND expires_at_ms < $2
       ORDER BY expires_at_ms, sequence LIMIT $3)`,
    [domainId, expiredBeforeMs, rowsMax],
  )
  return changes
}
