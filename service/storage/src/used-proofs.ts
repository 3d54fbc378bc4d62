import type { OnceClaim } from '@mintmark/registry/ledger'
import type { Statements } from './database.ts'
import { createProofMemory } from './proof-memory.ts'
import { appendProofPack, type PackedProof, readProofPacks } from './tables/proof-pack.ts'
import { claimDigest, digestOf, hasDigest, hasProofs } from './tables/used-proof.ts'

/** Claims on proofs inside one transaction. */
export interface ProofClaims {
  /** Looks up what will be claimed; absent: nothing need be looked up together. */
  prepare?(statements: Statements, onces: readonly OnceClaim[]): Promise<void>
  /** Takes a proof for its first presenter. @returns false when it was taken before */
  claim(statements: Statements, once: OnceClaim): Promise<boolean>
  /** Writes what was claimed; before the commit. */
  store(statements: Statements): Promise<void>
  /** The transaction is on the disk; not called when it was rolled back. */
  committed(): void
}

/** The proofs of a domain that have been used, as the one writer knows them. */
export interface UsedProofs {
  /** For one transaction, of which there must not be two at a time. */
  begin(): ProofClaims
  /** Whether one may have expired before an instant. */
  hasExpired(beforeMs: number): boolean
  /** Forgets what expired before an instant. @returns how many went */
  forget(beforeMs: number): number
  /** The tree of single proofs is empty now: nothing need be looked up there. */
  noteEmptyTree(): void
}

export interface UsedProofsOptions {
  readonly read: Statements
  readonly domainId: string
  /** Proofs kept in memory; further ones are looked up in a tree on the disk. */
  readonly proofsMax: number
  /** Proofs that expire before this instant are refused by their age and need not be known. */
  readonly fromMs: number
}

/**
 * Reads the proofs that are still needed. The writer is the only one who claims, so its memory says
 * what was used; the packs it appends, at one page a commit, say so to the next start.
 */
export const openUsedProofs = async (options: UsedProofsOptions): Promise<UsedProofs> => {
  const { read, domainId, proofsMax } = options
  const memory = createProofMemory()
  const last = await readProofPacks(read, domainId, options.fromMs, (proof) => {
    if (!memory.has(proof.digest)) memory.add(proof.digest, proof.expiresAtSeconds)
  })
  let sequence = last
  let treeIsEmpty = !(await hasProofs(read, domainId))

  const begin = (): ProofClaims => {
    const claimed = new Map<string, PackedProof>()
    return {
      claim: async (statements, once) => {
        const digest = digestOf(once)
        const key = Buffer.from(digest).toString('latin1')
        if (memory.has(digest) || claimed.has(key)) return false
        if (memory.size() + claimed.size >= proofsMax) {
          treeIsEmpty = false
          return claimDigest(statements, domainId, digest, once.expiresAtSeconds)
        }
        if (!treeIsEmpty && (await hasDigest(statements, domainId, digest))) return false
        claimed.set(key, { digest, expiresAtSeconds: Math.ceil(once.expiresAtSeconds) })
        return true
      },
      store: async (statements) => {
        if (claimed.size === 0) return
        sequence += 1
        await appendProofPack(statements, domainId, sequence, [...claimed.values()])
      },
      committed: () => {
        for (const { digest, expiresAtSeconds } of claimed.values()) {
          memory.add(digest, expiresAtSeconds)
        }
      },
    }
  }

  return {
    begin,
    hasExpired: (beforeMs) => memory.earliestSeconds() < Math.floor(beforeMs / 1000),
    forget: (beforeMs) => memory.dropExpired(Math.floor(beforeMs / 1000)),
    noteEmptyTree: () => {
      treeIsEmpty = true
    },
  }
}
