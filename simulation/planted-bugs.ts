import type { Mutation } from './prepare.ts'
import type { InvariantName } from './violation.ts'

/**
 * Mistakes that somebody could make, each in one place of the product. The simulator is worth
 * something as long as it notices every one of them.
 */
export interface PlantedBug {
  readonly name: string
  /** What was forgotten or thought wrongly. */
  readonly mistake: string
  /** The promise that shows it, mostly. */
  readonly breaks: InvariantName
  readonly mutations: readonly Mutation[]
}

const member = 'service/server/src/cluster/cluster-member.ts'

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'local-revocation',
    mistake: 'a change is answered before the other servers have heard of it',
    breaks: 'INV-2',
    mutations: [
      {
        file: member,
        find: 'known: (number) => waitForOthers(parts, number),',
        replace: 'known: async () => {},',
      },
    ],
  },
  {
    name: 'no-fence',
    mistake: 'a server that has lost touch goes on acting on what it remembers',
    breaks: 'INV-2',
    mutations: [
      {
        file: member,
        find: 'if (performance.now() < leaseUntil) return null',
        replace: 'return null',
      },
    ],
  },
]
