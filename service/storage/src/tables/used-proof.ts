import { hash } from 'node:crypto'
import type { OnceClaim } from '@mintmark/registry/ledger'
import type { Statements } from '../database.ts'
import { inSteps } from './rows-in-steps.ts'

/**
 * For the proofs that there is no room for in memory. Each row lies at a random place of the key's
 * tree, and the page it lies on is what a claim costs: so rows are short, and there is no second
 * tree by expiry. A sweep in the order of the key takes many dead rows from a page at once.
 */
const claim = `INSERT INTO used_proof (domain_id, digest, expires_at_ms)
VALUES ($1, $2, $3) ON CONFLICT (domain_id, digest) DO NOTHING`

/** 128 bits of SHA-256: enough that no two claims of different proofs meet. */
export const digestBytes = 16

export const digestOf = (once: OnceClaim): Uint8Array =>
  // the length keeps an owner's end and a proof's beginning apart
  hash('sha256', `${once.owner.length} ${once.owner} ${once.proof}`, 'buffer').subarray(
    0,
    digestBytes,
  )

/**
 * Takes a proof for its first presenter. Must run inside a transaction.
 *
 * @returns false when it was taken before
 */
export const claimDigest = async (
  statements: Statements,
  domainId: string,
  digest: Uint8Array,
  expiresAtSeconds: number,
): Promise<boolean> => {
  const expiresAtMs = Math.ceil(expiresAtSeconds * 1000)
  const { changes } = await statements.run(claim, [domainId, digest, expiresAtMs])
  return changes > 0
}

/** Which of these were claimed before. */
export const findDigests = async (
  statements: Statements,
  domainId: string,
  digests: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> => {
  const found: Uint8Array[] = []
  for (const step of inSteps(digests)) {
    const places = step.map((_, index) => `$${index + 2}`).join(', ')
    const rows = await statements.all(
      `SELECT digest FROM used_proof WHERE domain_id = $1 AND digest IN (${places})`,
      [domainId, ...step],
    )
    for (const row of rows) found.push(row['digest'] as Uint8Array)
  }
  return found
}

/** Takes proofs that nobody has. Must run inside the transaction that looked them up. */
export const claimDigests = async (
  statements: Statements,
  domainId: string,
  proofs: readonly { readonly digest: Uint8Array; readonly expiresAtSeconds: number }[],
): Promise<void> => {
  for (const step of inSteps(proofs)) {
    const rows = step.map((_, index) => `($1, $${2 * index + 2}, $${2 * index + 3})`).join(', ')
    await statements.run(
      `INSERT INTO used_proof (domain_id, digest, expires_at_ms) VALUES ${rows}`,
      [
        domainId,
        ...step.flatMap(({ digest, expiresAtSeconds }) => [
          digest,
          Math.ceil(expiresAtSeconds * 1000),
        ]),
      ],
    )
  }
}

export const hasDigest = async (
  statements: Statements,
  domainId: string,
  digest: Uint8Array,
): Promise<boolean> => {
  const rows = await statements.all(
    'SELECT 1 AS used FROM used_proof WHERE domain_id = $1 AND digest = $2',
    [domainId, digest],
  )
  return rows.length > 0
}

/** Whether there is any. */
export const hasProofs = async (statements: Statements, domainId: string): Promise<boolean> => {
  const rows = await statements.all(
    'SELECT 1 AS used FROM used_proof WHERE domain_id = $1 LIMIT 1',
    [domainId],
  )
  return rows.length > 0
}

/** A place in the order of the key; the sweep goes on behind it. */
export type ProofCursor = Uint8Array

export const firstProof: ProofCursor = new Uint8Array(0)

export interface ProofSweep {
  readonly removed: number
  /** Where to go on; null: the end was reached. */
  readonly next: ProofCursor | null
}

/** Looks at `rowsMax` proofs behind `after` and removes those that expired before an instant. */
export const sweepProofs = async (
  statements: Statements,
  domainId: string,
  range: {
    readonly after: ProofCursor
    readonly rowsMax: number
    readonly expiredBeforeMs: number
  },
): Promise<ProofSweep> => {
  const { after, rowsMax, expiredBeforeMs } = range
  const rows = await statements.all(
    `SELECT digest FROM used_proof WHERE domain_id = $1 AND digest > $2
     ORDER BY digest LIMIT 1 OFFSET $3`,
    [domainId, after, rowsMax - 1],
  )
  if (rows[0] === undefined) {
    const { changes } = await statements.run(
      'DELETE FROM used_proof WHERE domain_id = $1 AND digest > $2 AND expires_at_ms < $3',
      [domainId, after, expiredBeforeMs],
    )
    return { removed: changes, next: null }
  }
  const next = rows[0]['digest'] as Uint8Array
  const { changes } = await statements.run(
    `DELETE FROM used_proof
     WHERE domain_id = $1 AND digest > $2 AND digest <= $3 AND expires_at_ms < $4`,
    [domainId, after, next, expiredBeforeMs],
  )
  return { removed: changes, next }
}

const markSubject = 'used_proof'

const restorationSubject = 'restoration'

/** What says that a proof is too old, whoever has it. */
export interface ProofMarks {
  /** Up to which expiry proofs may have been forgotten; 0: none was. */
  readonly forgottenUntilMs: number
  /** When the data was last restored, or said to have lost changes; 0: never. */
  readonly restoredAtMs: number
}

/** Both marks by one statement. */
export const findProofMarks = async (
  statements: Statements,
  domainId: string,
): Promise<ProofMarks> => {
  const rows = await statements.all(
    `SELECT subject, swept_until_ms FROM sweep_mark
     WHERE domain_id = $1 AND subject IN ($2, $3)`,
    [domainId, markSubject, restorationSubject],
  )
  const of = (subject: string): number =>
    Number(rows.find((row) => row['subject'] === subject)?.['swept_until_ms'] ?? 0)
  return { forgottenUntilMs: of(markSubject), restoredAtMs: of(restorationSubject) }
}

export const putRestorationMark = async (
  statements: Statements,
  domainId: string,
  restoredAtMs: number,
): Promise<void> => {
  await statements.run(
    `INSERT INTO sweep_mark (domain_id, subject, swept_until_ms) VALUES ($1, $2, $3)
     ON CONFLICT (domain_id, subject) DO UPDATE SET swept_until_ms = excluded.swept_until_ms`,
    [domainId, restorationSubject, restoredAtMs],
  )
}

/** Stored with the first removal, so that a clock set back cannot make a forgotten proof new. */
export const putSweepMark = async (
  statements: Statements,
  domainId: string,
  sweptUntilMs: number,
): Promise<void> => {
  await statements.run(
    `INSERT INTO sweep_mark (domain_id, subject, swept_until_ms) VALUES ($1, $2, $3)
     ON CONFLICT (domain_id, subject) DO UPDATE SET swept_until_ms =
       CASE WHEN excluded.swept_until_ms > sweep_mark.swept_until_ms
         THEN excluded.swept_until_ms ELSE sweep_mark.swept_until_ms END`,
    [domainId, markSubject, sweptUntilMs],
  )
}
