/** The same assertion and the same DPoP proof, shown to all servers of a cluster at once. */
import { setTimeout as sleep } from 'node:timers/promises'
import { askWithAssertion } from './ask.ts'
import type { Cluster, Node } from './cluster.ts'
import { askBound, makeProof } from './dpop.ts'
import { makeClient, makeKeyClient } from './fixtures.ts'
import type { Answer } from './http.ts'
import { makeAssertion, makePair } from './jwt.ts'
import { tokenPath } from './test-domain.ts'

export interface ReplayReport {
  /** Each shown to every server at once. */
  readonly assertions: number
  readonly proofs: number
  /** Of them, not taken exactly once. */
  readonly wrong: number
  /** Answers that did not come, or said that the server could not know. */
  readonly unknown: number
  readonly restarts: number
}

/** What is shown once to a server. */
type Show = (node: Node) => Promise<Answer>

const askersAtOnce = 8
const servesMs = 1000
const refusals: ReadonlySet<number> = new Set([400, 401])

/** @returns whether it was taken once, and how many answers left that open at first */
const showToAll = async (cluster: Cluster, show: Show) => {
  const answers = await Promise.all(
    cluster.nodes().map((node) =>
      show(node).then(
        ({ status }) => status,
        () => 0,
      ),
    ),
  )
  let taken = answers.filter((status) => status === 200).length
  const known = taken + answers.filter((status) => refusals.has(status)).length
  const unknown = answers.length - known
  if (taken === 0 && unknown > 0) {
    // whoever took it was killed before it said so; or nobody did, and then it is good once
    const again = (await show(cluster.node(0))).status
    if (again === 200) taken = 1
    else return { isRight: refusals.has(again), unknown }
  }
  // whatever happened, it is not taken a second time
  const { status } = await show(cluster.node(0))
  return { isRight: taken === 1 && refusals.has(status), unknown }
}

const makers = async (cluster: Cluster): Promise<readonly (() => Show)[]> => {
  const domain = cluster.node(0)
  const signer = await makeKeyClient(domain, [makePair('ES256')])
  const client = await makeClient(domain)
  const pair = makePair('ES256')
  const target = { url: cluster.proxy.url + tokenPath, method: 'POST' }
  const byAssertion = (): Show => {
    const assertion = makeAssertion(signer, domain.issuer, signer.pair)
    return (node) => askWithAssertion(node, assertion)
  }
  const byProof = (): Show => {
    const proof = makeProof(pair, target)
    return (node) => askBound(node, client, proof)
  }
  return [byAssertion, byProof]
}

/** The last server is killed and another takes its place, until told to end. */
const restartAgain = (cluster: Cluster, isRunning: () => boolean) => {
  const repeat = async (): Promise<number> => {
    let restarts = 0
    while (isRunning()) {
      // it takes part before it goes
      await sleep(servesMs)
      const at = cluster.nodes().length - 1
      const ended = cluster.node(at).process()
      ended.child.kill('SIGKILL')
      await ended.stop()
      await cluster.replace(at)
      restarts += 1
    }
    return restarts
  }
  return repeat()
}

/** @param wish how many of each kind; `restarts`: one server is killed again and again meanwhile */
export const tryReplays = async (
  cluster: Cluster,
  wish: { readonly rounds: number; readonly restarts: boolean },
): Promise<ReplayReport> => {
  const [byAssertion, byProof] = await makers(cluster)
  let left = 2 * wish.rounds
  let wrong = 0
  let unknown = 0
  const repeat = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      const make = left % 2 === 0 ? byAssertion : byProof
      if (make === undefined) continue
      const seen = await showToAll(cluster, make())
      if (!seen.isRight) wrong += 1
      unknown += seen.unknown
    }
  }
  const restarting = wish.restarts ? restartAgain(cluster, () => left > 0) : Promise.resolve(0)
  await Promise.all(Array.from({ length: askersAtOnce }, repeat))
  const restarts = await restarting
  return { assertions: wish.rounds, proofs: wish.rounds, wrong, unknown, restarts }
}
