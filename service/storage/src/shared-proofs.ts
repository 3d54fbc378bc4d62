import type { OnceClaim } from '@mintmark/registry/ledger'
import type { PackedProof } from './tables/proof-pack.ts'
import { claimDigests, digestOf, findDigests } from './tables/used-proof.ts'
import type { ProofClaims, UsedProofs } from './used-proofs.ts'

const keyOf = (digest: Uint8Array): string => Buffer.from(digest).toString('latin1')

/**
 * The proofs of a domain where several servers claim them: all in the table, none in memory. The
 * claims of one transaction are looked up together and stored together; transactions follow one
 * another, so nobody claims in between.
 */
export const openSharedProofs = (domainId: string): UsedProofs => {
  const begin = (): ProofClaims => {
    const taken = new Set<string>()
    const claimed = new Map<string, PackedProof>()
    return {
      prepare: async (statements, onces: readonly OnceClaim[]) => {
        const found = await findDigests(statements, domainId, onces.map(digestOf))
        for (const digest of found) taken.add(keyOf(digest))
      },
      claim: async (_statements, once) => {
        const digest = digestOf(once)
        const key = keyOf(digest)
        if (taken.has(key)) return false
        taken.add(key)
        claimed.set(key, { digest, expiresAtSeconds: once.expiresAtSeconds })
        return true
      },
      store: (statements) => claimDigests(statements, domainId, [...claimed.values()]),
      committed: () => {},
    }
  }
  return {
    begin,
    // every sweep looks through the table
    hasExpired: () => false,
    forget: () => 0,
    noteEmptyTree: () => {},
  }
}
