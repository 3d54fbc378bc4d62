/** `node conformance/explain-rounds.ts 10000`: explain against the live answer, so many pairs. */
import { explainRounds } from './kit/explain-rounds.ts'
import { startMintmark } from './kit/mintmark-domain.ts'

const pairs = Number(process.argv[2] ?? 10_000)
const seed = Number(process.argv[3] ?? 20_261_121)
/** The decision phase; each is to be hit so often in 10,000 pairs. */
const hitsMin = 50
const reasons = [
  'GRANT_TYPE_MISSING',
  'GRANT_TYPE_UNSUPPORTED',
  'GRANT_TYPE_NOT_ALLOWED',
  'SCOPE_MALFORMED',
  'SCOPE_UNKNOWN',
  'SCOPE_NOT_GRANTED',
  'SCOPE_STANDS_ALONE',
  'SCOPES_OF_SEVERAL_APIS',
  'SCOPE_NONE_AVAILABLE',
  'EXPIRY_MALFORMED',
  'TARGET_MALFORMED',
  'TARGET_UNKNOWN',
  'TARGET_AMBIGUOUS',
  'TARGET_CONFLICT',
  'BINDING_REQUIRED',
  'DPOP_REQUIRED',
]

const domain = await startMintmark()
try {
  const rounds = await explainRounds(domain, { pairs, pairsPerClient: 20, seed })
  const hits = Map.groupBy(rounds, (round) => round.reason)
  const lines = [...hits].map(([reason, all]) => `${String(all.length).padStart(7)}  ${reason}`)
  console.log(
    `${lines.toSorted().toReversed().join('\n')}\n${rounds.length} pairs agree (seed ${seed})`,
  )
  const rare = reasons.filter((reason) => (hits.get(reason)?.length ?? 0) < hitsMin)
  if (pairs >= 10_000 && rare.length > 0) {
    console.error(`hit fewer than ${hitsMin} times: ${rare.join(', ')}`)
    process.exitCode = 1
  }
} finally {
  await domain.stop()
}
