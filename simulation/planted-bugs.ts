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
  /** The promise that is broken by it; others may show it sooner. */
  readonly breaks: InvariantName
  readonly mutations: readonly Mutation[]
}

const server = 'service/server/src'
const storage = 'service/storage/src'

const bug = (
  name: string,
  breaks: InvariantName,
  mistake: string,
  ...mutations: readonly (readonly [file: string, find: string, replace: string])[]
): PlantedBug => ({
  name,
  mistake,
  breaks,
  mutations: mutations.map(([file, find, replace]) => ({ file, find, replace })),
})

const cluster: readonly PlantedBug[] = [
  bug('local-revocation', 'INV-2', 'a change is answered before the other servers know of it', [
    `${server}/cluster/cluster-member.ts`,
    'known: (number) => waitForOthers(parts, number),',
    'known: async () => {},',
  ]),
  bug('no-fence', 'INV-2', 'a server that lost touch goes on acting on what it remembers', [
    `${server}/cluster/cluster-member.ts`,
    'if (performance.now() < leaseUntil) return null',
    'return null',
  ]),
  bug('impatient', 'INV-2', 'a silent server is given up before its lease has ended', [
    `${server}/cluster/cluster-member.ts`,
    'const deadline = performance.now() + leaseMs + marginMs',
    'const deadline = performance.now() + 100',
  ]),
  bug(
    'newest-only',
    'INV-2',
    'of several changes only the newest is heard, and nobody notices the gap',
    [
      `${server}/cluster/cluster-member.ts`,
      'for (const entry of entries) {',
      'for (const entry of entries.slice(-1)) {',
    ],
    [
      `${server}/cluster/cluster-member.ts`,
      'if (entry.number > heard + 1) hearer?.hearEverything(entry.number)',
      '',
    ],
  ),
  bug('no-look-before', 'INV-2', 'a transaction begins without hearing what came before it', [
    `${server}/cluster/cluster-member.ts`,
    'attach: (): void => database.beforeTransactions(catchUp),',
    'attach: (): void => {},',
  ]),
  bug('never-back', 'INV-13', 'a server that was given up does not join again', [
    `${server}/cluster/cluster-member.ts`,
    'if (heard === null) await enter(null)',
    'if (heard === null) return',
  ]),
]

const ledger: readonly PlantedBug[] = [
  bug(
    'proofs-in-memory',
    'INV-3',
    'assertions that were used are remembered by each server alone',
    [
      `${storage}/shared-proofs.ts`,
      'for (const digest of found) taken.add(keyOf(digest))',
      'void found',
    ],
    [
      `${storage}/tables/used-proof.ts`,
      'INSERT INTO used_proof (domain_id, digest, expires_at_ms) VALUES',
      'INSERT OR IGNORE INTO used_proof (domain_id, digest, expires_at_ms) VALUES',
    ],
  ),
  bug('answer-on-failure', 'INV-5', 'what could not be recorded is answered as if it were', [
    `${storage}/ledger-queue.ts`,
    "const answered = options.mode === 'available' && !durable",
    'const answered = !durable',
  ]),
  bug('answer-early', 'INV-5', 'a token is answered before its record is durable', [
    `${storage}/ledger-queue.ts`,
    'waiting.push({ entry, line, answer })',
    "waiting.push({ entry, line, answer }); answer('recorded')",
  ]),
  bug('revoked-early', 'INV-2', 'a revocation is answered as soon as it is stored', [
    `${storage}/ledger-queue.ts`,
    "if (entry.revocation === undefined || outcome !== 'recorded') answer(outcome)",
    'if (outcome !== undefined) answer(outcome)',
  ]),
  bug('never-stale', 'INV-2', 'a decision is recorded although its client has changed since', [
    `${storage}/ledger-batch.ts`,
    'const isOvertaken = clientId !== null && rules.marks.overtaken(clientId, entry.sequence)',
    'const isOvertaken = false',
  ]),
  bug('unchained', 'INV-5', 'the hash of a pack does not cover the pack before it', [
    `${storage}/tables/audit-pack.ts`,
    'link(previous, packed.body),',
    'link(genesis, packed.body),',
  ]),
  bug('guesses-apart', 'INV-11', 'each server counts wrong guesses for itself', [
    `${server}/composition/open-writer.ts`,
    'ledger.absorbAttempts(attempts)',
    'void attempts',
  ]),
]

const administration: readonly PlantedBug[] = [
  bug('no-if-match', 'INV-12', 'a change is made over a version that its author has not seen', [
    `${server}/administration/exchange.ts`,
    "if (tags.includes('*') || tags.includes(version)) return ok(null)",
    'if (tags.length > 0) return ok(null)',
  ]),
  bug('not-once', 'INV-8', 'a request that is repeated is done again', [
    `${server}/administration/answer-once.ts`,
    'if (before !== null && before.expiresAtMs > command.nowMs) {',
    'if (before !== null && before.expiresAtMs < 0) {',
  ]),
  bug('unaudited', 'INV-5', 'a change is stored without its record', [
    `${storage}/stored-registry.ts`,
    'await appendPack(statements, domainId, packLines(lines, at))',
    'packLines(lines, at)',
  ]),
  bug(
    'commit-failed',
    'INV-1',
    'a commit that failed is answered as done',
    [
      `${server}/writer/change-registry.ts`,
      'const done = await work(noting, statements)',
      'const done = await work(noting, statements); last = { done }',
    ],
    [
      `${server}/writer/change-registry.ts`,
      'let number: number | null = null\n    const value = await database.transaction(',
      'let number: number | null = null\n    let last: any = null\n' +
        '    const value = await database.transaction(',
    ],
    [
      `${server}/writer/change-registry.ts`,
      'publish = announce({ changes, revocations, latestMs }, number)\n' +
        '      },\n      wait,\n    )',
      'publish = announce({ changes, revocations, latestMs }, number)\n' +
        '      },\n      wait,\n    )' +
        '.catch((error) => { if (last === null) throw error; return last.done })',
    ],
  ),
  bug('repeat-early', 'INV-2', 'what is so already is answered before all servers know of it', [
    `${server}/writer/change-registry.ts`,
    'if (!isNews(changes, revocations)) await publisher.shared?.allKnown()',
    '',
  ]),
  bug('everywhere', 'INV-9', 'values of an application are removed from all domains', [
    `${storage}/tables/application.ts`,
    'DELETE FROM application_value WHERE domain_id = $1 AND application_id = $2',
    'DELETE FROM application_value WHERE $1 <> application_id AND application_id = $2',
  ]),
  bug('next-door', 'INV-9', 'a record is looked for in all domains', [
    `${storage}/tables/table.ts`,
    'WHERE domain_id = $1 AND ',
    "WHERE $1 <> '' AND ",
  ]),
  bug(
    'unsealed',
    'INV-10',
    'answers that may be asked for again are stored as they are',
    [
      `${server}/administration/context.ts`,
      'sealAnswer: (text, key) => masterKey.seal(',
      'sealAnswer: (text, key) => ((kept: string, _for: string) => kept)(',
    ],
    [
      `${server}/administration/context.ts`,
      'openAnswer: (sealed, key) => masterKey.unseal(',
      'openAnswer: (sealed, key) => ((kept: string, _for: string) => kept)(',
    ],
  ),
  bug('grants-kept', 'INV-6', 'caches are not told which client a change was about', [
    `${server}/composition/open-writer.ts`,
    'publisher.hear({ clientIds, catalog, revocations, latestMs, sequence: number })',
    'publisher.hear({ clientIds: [], catalog, revocations, latestMs, sequence: number })',
  ]),
]

const guard: readonly PlantedBug[] = [
  bug('guard-unheard', 'INV-2', 'a guard does not hold what it was told', [
    'edge/guard/src/revocation-knowledge.ts',
    'if (message.after === place.cursor) {\n      hold(message)',
    'if (message.after === place.cursor) {',
  ]),
]

const clocks: readonly PlantedBug[] = [
  bug('by-own-clock', 'INV-2', 'tokens end up to an instant of the clock of one server', [
    'core/registry/src/revocation.ts',
    'const covering = { ...revocation, issuedBeforeMs: notBefore(storedMs, end.latestMs) }',
    'const covering = revocation',
  ]),
  bug('late-clock', 'INV-2', 'what a faster clock has ended goes on until this one gets there', [
    `${server}/composition/serve-here.ts`,
    'invalidation.revocations ?? [], invalidation.latestMs)',
    'invalidation.revocations ?? [])',
  ]),
  bug('born-dead', 'INV-4', 'a token is issued at an instant that a faster clock has ended', [
    `${server}/composition/build-services.ts`,
    'nowMs: () => parts.revocations.afterMarks(Date.now()),',
    'nowMs: () => Date.now(),',
  ]),
]

const reading: readonly PlantedBug[] = [
  bug('remembered', 'INV-2', 'a client that has changed stays in memory as it was', [
    `${storage}/cached-registry.ts`,
    'known.forget(clientId)\n        unknown',
    'unknown',
  ]),
  bug('forgetful', 'INV-2', 'revocations that others have stored are not remembered', [
    `${server}/composition/serve-here.ts`,
    'revocations.note(invalidation.revocations ?? [], invalidation.latestMs)',
    'void revocations',
  ]),
  bug('hasty-key', 'INV-4', 'a key signs as soon as it is published', [
    'core/decisions/src/upkeep/decide-key-rotation.ts',
    'nowMs - published.stateSinceMs >= policy.publishLeadMs',
    'nowMs - published.stateSinceMs >= 0',
  ]),
  bug('retired-signs', 'INV-4', 'servers do not hear that the signing keys have changed', [
    `${storage}/stored-registry.ts`,
    'await signingKeyTable.put(statements, domainId, key)\n      changes.catalog = true',
    'await signingKeyTable.put(statements, domainId, key)',
  ]),
  bug('two-clocks', 'INV-7', 'the end of a token is counted from another reading of the clock', [
    `${server}/endpoints/issue-token.ts`,
    'issuedAtSeconds: Math.floor(',
    'get issuedAtSeconds() { return Math.floor((Date.now() + Math.random() * 50) / 1000) },' +
      ' x: Math.floor(',
  ]),
]

export const plantedBugs: readonly PlantedBug[] = [
  ...cluster,
  ...ledger,
  ...administration,
  ...clocks,
  ...reading,
  ...guard,
]
