/** Tokens ended at one server while all are asked; while one is stopped; while one is cut off. */
import { setTimeout as sleep } from 'node:timers/promises'
import { revoke } from './afterlife.ts'
import type { Cluster, Node } from './cluster.ts'
import { beginProbe, type Probe, probe, probeAgain, untilSaid } from './cluster-probes.ts'
import {
  type FollowedApi,
  makeFollowedApi,
  type RunningApi,
  serveFollowed,
  tokenFor,
} from './followed-api.ts'
import { send } from './http.ts'
import type { Passing } from './stalling-proxy.ts'

export interface RevocationReport {
  /** Times that a server called a token good when it was asked after the end was answered. */
  accepted: number
  /** Questions that were asked after that answer. */
  asked: number
  /** Milliseconds until the end of a token was answered, all servers being well. */
  readonly callMs: number[]
  /** From that answer until the last guard refused. */
  readonly guardMs: number[]
  /** Until the answer while a server was stopped, or cut off from PostgreSQL. */
  readonly stoppedMs: number[]
  readonly cutMs: number[]
  /** From the cut until that server last called a token good, and until `/readyz` was 503. */
  readonly honouredMs: number[]
  readonly unreadyMs: number[]
  /** From when all got through again, or it went on, until it knew of the end. */
  readonly backMs: number[]
  /** Of the servers that were not cut off: how often they were asked, and did not know. */
  othersAsked: number
  othersFailed: number
}

export interface RevocationWish {
  readonly trials: number
  readonly guards: number
  readonly stops: number
  readonly cuts: number
}

interface Stand {
  readonly cluster: Cluster
  readonly api: FollowedApi
  readonly guards: readonly RunningApi[]
  readonly report: RevocationReport
}

const probesAfter = 3

const newReport = (): RevocationReport => ({
  accepted: 0,
  asked: 0,
  callMs: [],
  guardMs: [],
  stoppedMs: [],
  cutMs: [],
  honouredMs: [],
  unreadyMs: [],
  backMs: [],
  othersAsked: 0,
  othersFailed: 0,
})

/** Every server gets trials as the one that revokes; the last one is stopped and cut off. */
export const tryRevocations = async (
  cluster: Cluster,
  wish: RevocationWish,
): Promise<RevocationReport> => {
  const domain = cluster.node(0)
  const api = await makeFollowedApi(domain)
  const steady = cluster.nodes().length - 1
  const guards = await Promise.all(
    Array.from({ length: wish.guards }, (_, at) =>
      serveFollowed(domain, api, { feed: cluster.node(at % steady).url }),
    ),
  )
  await Promise.all(guards.map(({ core }) => core.ready()))
  const stand = { cluster, api, guards, report: newReport() }
  for (let at = 0; at < wish.trials; at += 1) await tryHealthy(stand, at)
  for (let at = 0; at < wish.stops; at += 1) await tryStopped(stand, at % steady)
  for (let at = 0; at < wish.cuts; at += 1) await tryCut(stand, at)
  await Promise.all(guards.map((each) => each.stop()))
  return stand.report
}

/** A new token that every server has called good. */
const knownToken = async ({ cluster, api }: Stand, at: number): Promise<string> => {
  const token = await tokenFor(cluster.node(at), api)
  const known = cluster.nodes().map((node) => untilSaid(node, api.client, token, 'good'))
  await Promise.all(known)
  return token
}

/** Ends it at a server. @returns when that was sent and answered */
const end = async ({ cluster, api }: Stand, at: number, token: string) => {
  const sentMs = performance.now()
  const { status } = await revoke(cluster.node(at), api.caller, token)
  if (status !== 200) throw new Error(`revocation: ${status}`)
  return { sentMs, answeredMs: performance.now() }
}

/** A question that was sent after the end was answered must not be answered with yes. */
const judge = (report: RevocationReport, probes: readonly Probe[], answeredMs: number): void => {
  const after = probes.filter(({ sentMs }) => sentMs > answeredMs)
  report.asked += after.length
  report.accepted += after.filter(({ said }) => said === 'good').length
}

const askThrice = async (node: Node, { api }: Stand, token: string): Promise<readonly Probe[]> => {
  const probes: Probe[] = []
  for (let at = 0; at < probesAfter; at += 1) probes.push(await probe(node, api.client, token))
  return probes
}

const tryHealthy = async (stand: Stand, at: number): Promise<void> => {
  const { cluster, guards, report } = stand
  const token = await knownToken(stand, at)
  const { sentMs, answeredMs } = await end(stand, at + 1, token)
  report.callMs.push(answeredMs - sentMs)
  const askGuard = async ({ ask }: RunningApi): Promise<void> => {
    while ((await ask(token)).status === 200) await sleep(1)
  }
  const guarded = Promise.all(guards.map(askGuard)).then(() => performance.now() - answeredMs)
  const probes = await Promise.all(cluster.nodes().map((node) => askThrice(node, stand, token)))
  judge(report, probes.flat(), answeredMs)
  report.guardMs.push(await guarded)
}

/** Questions that wait for a stopped server when it goes on. */
const waitingMax = 4

/** The last server is stopped, a token ended, and the stopped one asked while it goes on. */
const tryStopped = async (stand: Stand, at: number): Promise<void> => {
  const { cluster, api, report } = stand
  const token = await knownToken(stand, at)
  const stopped = cluster.node(cluster.nodes().length - 1)
  const { child } = stopped.process()
  const begun = beginProbe(stopped, api.client, token)
  await sleep(20)
  child.kill('SIGSTOP')
  const others = cluster.nodes().slice(0, -1)
  const watches = others.map((node) => probeAgain(node, api.client, token))
  const { sentMs, answeredMs } = await end(stand, at, token)
  report.stoppedMs.push(answeredMs - sentMs)
  const waiting = Promise.all([
    begun(),
    ...Array.from({ length: waitingMax }, () => probe(stopped, api.client, token)),
  ])
  await sleep(50)
  child.kill('SIGCONT')
  judge(report, await waiting, answeredMs)
  report.backMs.push(await untilSaid(stopped, api.client, token, 'ended'))
  await Promise.all(watches.map((each) => each.stop()))
  for (const { all } of watches) judge(report, all, answeredMs)
}

const kinds: readonly Passing[] = ['nothing', 'requests', 'answers']
const flappingMs = 200

/** Cuts the last server off, in one of the ways in turn; the fourth is to and fro. */
const cut = (cluster: Cluster, at: number): (() => void) => {
  const kind = kinds[at % (kinds.length + 1)]
  cluster.network.pass(kind ?? 'nothing')
  if (kind !== undefined) return () => {}
  let isCut = true
  const timer = setInterval(() => {
    isCut = !isCut
    cluster.network.pass(isCut ? 'nothing' : 'all')
  }, flappingMs)
  return () => clearInterval(timer)
}

const untilUnready = async (node: Node): Promise<number> => {
  const from = performance.now()
  const url = `${node.url}/readyz`
  while ((await send({ url, method: 'GET' })).status === 200) {
    if (performance.now() - from > 5000) return Number.POSITIVE_INFINITY
    await sleep(10)
  }
  return performance.now() - from
}

/** The last server does not reach PostgreSQL any more, and nobody tells it so. */
const tryCut = async (stand: Stand, at: number): Promise<void> => {
  const { cluster, api, report } = stand
  const last = cluster.nodes().length - 1
  const isFlapping = at % (kinds.length + 1) === kinds.length
  const token = await knownToken(stand, at % last)
  const watches = cluster.nodes().map((node) => probeAgain(node, api.client, token))
  await sleep(50)
  const cutMs = performance.now()
  const mend = cut(cluster, at)
  const unready = isFlapping ? null : untilUnready(cluster.node(last))
  // a token that it has to record, so that its own transactions are cut in the middle
  const asked = tokenFor(cluster.node(last), api).catch(() => null)
  const { sentMs, answeredMs } = await end(stand, at % last, token)
  report.cutMs.push(answeredMs - sentMs)
  await sleep(200)
  mend()
  cluster.network.pass('all')
  const mendedMs = performance.now()
  await untilSaid(cluster.node(last), api.client, token, 'ended')
  report.backMs.push(performance.now() - mendedMs)
  await asked
  await Promise.all(watches.map((each) => each.stop()))
  for (const [index, { all }] of watches.entries()) {
    judge(report, all, answeredMs)
    if (index === last) continue
    report.othersAsked += all.length
    report.othersFailed += all.filter(({ said }) => said === 'none').length
  }
  const good = watches[last]?.all.filter(({ said, sentMs }) => said === 'good' && sentMs > cutMs)
  if (!isFlapping) {
    report.honouredMs.push(Math.max(0, ...(good ?? []).map(({ sentMs }) => sentMs - cutMs)))
    report.unreadyMs.push((await unready) ?? 0)
  }
}
