/** Several servers on one PostgreSQL, asked as one domain. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@mintmark/client/create-client'
import { introspect, revoke } from './afterlife.ts'
import { askWithAssertion } from './ask.ts'
import { makeKeyClient } from './fixtures.ts'
import { type FollowedApi, makeFollowedApi, serveFollowed, tokenFor } from './followed-api.ts'
import { makeAssertion, makePair } from './jwt.ts'
import { type MintmarkDomain, startMintmark } from './mintmark-domain.ts'
import type { ServerProcess } from './server-process.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

/** One server, with all that is asked of the domain asked of it. */
export type Node = MintmarkDomain

export interface Cluster {
  readonly nodes: readonly Node[]
  readonly proxy: TcpProxy
  stop(): Promise<void>
}

/** As many servers on one new database, and a proxy before them whose URL is the issuer. */
export const startCluster = async (count: number): Promise<Cluster> => {
  const proxy = await startTcpProxy()
  const first = await startMintmark({
    environment: { MINTMARK_ISSUER: proxy.url, MINTMARK_URL: proxy.url },
  })
  const processes = await Promise.all(Array.from({ length: count - 1 }, first.startNode))
  const nodes = [first, ...processes.map((each) => nodeOf(first, each))]
  proxy.lead(nodes.map(({ url }) => url))
  return {
    nodes,
    proxy,
    stop: async () => {
      proxy.stop()
      await Promise.all(processes.map((each) => each.stop()))
      await first.stop()
    },
  }
}

const nodeOf = (domain: MintmarkDomain, process: ServerProcess): Node => ({
  ...domain,
  url: process.door('plain') as string,
  process: () => process,
})

const nodeAt = ({ nodes }: Cluster, at: number): Node => nodes[at % nodes.length] as Node

export interface RevocationReport {
  /** Times that a server called a token good after its end was answered. */
  readonly accepted: number
  /** Milliseconds until the end of a token was answered. */
  readonly callMs: readonly number[]
  /** Milliseconds from that answer until the last guard refused. */
  readonly guardMs: readonly number[]
  /** Milliseconds until the answer while a server was stopped; of the first call only. */
  readonly pausedMs: readonly number[]
}

const probesAfter = 3

/** Ends tokens at one server after the other while all servers and some guards are asked. */
export const tryRevocations = async (
  cluster: Cluster,
  wish: { readonly trials: number; readonly guards: number; readonly pauses: number },
): Promise<RevocationReport> => {
  const domain = nodeAt(cluster, 0)
  const api = await makeFollowedApi(domain)
  const guards = await Promise.all(
    Array.from({ length: wish.guards }, (_, at) =>
      serveFollowed(domain, api, { feed: nodeAt(cluster, at).url }),
    ),
  )
  await Promise.all(guards.map(({ core }) => core.ready()))
  const report = { accepted: 0, callMs: [] as number[], guardMs: [] as number[] }
  const pausedMs: number[] = []
  const isGood = async (node: Node, token: string): Promise<boolean> =>
    (await introspect(node, api.client, token)).json?.['active'] === true
  const trial = async (at: number): Promise<void> => {
    const token = await tokenFor(nodeAt(cluster, at), api)
    const known = await Promise.all(cluster.nodes.map((node) => isGood(node, token)))
    if (known.includes(false)) throw new Error('a good token is not known to be one')
    const sentMs = performance.now()
    const { status } = await revoke(nodeAt(cluster, at + 1), api.caller, token)
    const answeredMs = performance.now()
    if (status !== 200) throw new Error(`revocation: ${status}`)
    report.callMs.push(answeredMs - sentMs)
    const askNode = async (node: Node): Promise<void> => {
      for (let probe = 0; probe < probesAfter; probe += 1) {
        if (await isGood(node, token)) report.accepted += 1
      }
    }
    const askGuard = async ({ ask }: (typeof guards)[number]): Promise<void> => {
      while ((await ask(token)).status === 200) await sleep(1)
    }
    const guarded = Promise.all(guards.map(askGuard)).then(() => performance.now() - answeredMs)
    await Promise.all(cluster.nodes.map(askNode))
    report.guardMs.push(await guarded)
  }
  for (let at = 0; at < wish.trials; at += 1) await trial(at)
  for (let at = 0; at < wish.pauses; at += 1) {
    const paused = await tryPaused(cluster, api)
    pausedMs.push(paused.ms)
    if (paused.accepted) report.accepted += 1
  }
  await Promise.all(guards.map((each) => each.stop()))
  return { ...report, pausedMs }
}

/** The last server is stopped, a token ended, and the stopped one asked while it goes on. */
const tryPaused = async (cluster: Cluster, api: FollowedApi) => {
  const stopped = nodeAt(cluster, cluster.nodes.length - 1)
  const token = await tokenFor(nodeAt(cluster, 0), api)
  await introspect(stopped, api.client, token)
  stopped.process().child.kill('SIGSTOP')
  const sentMs = performance.now()
  await revoke(nodeAt(cluster, 0), api.caller, token)
  const ms = performance.now() - sentMs
  const asked = introspect(stopped, api.client, token)
  await sleep(50)
  stopped.process().child.kill('SIGCONT')
  const accepted = (await asked).json?.['active'] === true
  while ((await introspect(stopped, api.client, token)).status !== 200) await sleep(20)
  return { ms, accepted }
}

/** Shows each assertion to all servers at once. @returns rounds in which not exactly one took it */
export const tryReplays = async (cluster: Cluster, rounds: number): Promise<number> => {
  const domain = nodeAt(cluster, 0)
  const signer = await makeKeyClient(domain, [makePair('ES256')])
  let wrong = 0
  let left = rounds
  const repeat = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      const assertion = makeAssertion(signer, domain.issuer, signer.pair)
      const answers = await Promise.all(
        cluster.nodes.map((node) => askWithAssertion(node, assertion)),
      )
      const taken = answers.filter(({ status }) => status === 200).length
      const refused = answers.filter(({ status }) => status === 401).length
      if (taken !== 1 || refused !== answers.length - 1) wrong += 1
    }
  }
  await Promise.all(Array.from({ length: 8 }, repeat))
  return wrong
}

/** Servers are ended and replaced, one after the other, while our client gets tokens. */
export const tryRollingRestart = async (cluster: Cluster) => {
  const domain = nodeAt(cluster, 0)
  const { audience, caller } = await makeFollowedApi(domain)
  let running = true
  let tokens = 0
  const faults: string[] = []
  const repeat = async (): Promise<void> => {
    while (running) {
      // each time a new one, because a client keeps its token
      const client = createClient({
        issuer: cluster.proxy.url,
        clientId: caller.clientId,
        clientSecret: caller.secret,
        scope: `${audience}read`,
        allowInsecureHttp: true,
      })
      await client.token().then(
        () => (tokens += 1),
        (error: Error) => faults.push(error.message),
      )
      client.close()
    }
  }
  const callers = Promise.all(Array.from({ length: 4 }, repeat))
  const urls = cluster.nodes.map(({ url }) => url)
  const made: ServerProcess[] = []
  await sleep(500)
  for (const [at, node] of cluster.nodes.entries()) {
    const replacement = await domain.startNode()
    made.push(replacement)
    urls[at] = replacement.door('plain') as string
    cluster.proxy.lead(urls)
    await node.process().stop()
  }
  await sleep(500)
  running = false
  await callers
  await Promise.all(made.map((each) => each.stop()))
  return { tokens, faults }
}
