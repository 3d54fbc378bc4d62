/**
 * Servers under load on one PostgreSQL that is disturbed again and again: what was acknowledged
 * must still be so, and they must go on by themselves.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  administrate,
  askToken,
  type ClusterProcess,
  declare,
  declareKey,
  isActive,
  postAs,
  presentAssertion,
  testCluster,
} from './test-cluster.ts'

export interface DatabaseRounds {
  readonly url: string
  readonly servers: number
  readonly rounds: number
  /** Takes the database away and gives it back. @returns `performance.now()` when it was back */
  readonly disturb: (round: number) => Promise<number>
  /** Those that the servers hold now. */
  readonly countConnections: () => Promise<number>
  readonly onRound?: (round: number) => Promise<void> | void
}

export interface DatabaseReport {
  readonly acknowledged: number
  /** Each a sentence; empty: all is well. */
  readonly faults: readonly string[]
  /** From the moment that the database was back until the last server gave a token again. */
  readonly backMs: readonly number[]
  /** From that moment until the last request failed; 0: none did. */
  readonly errorMs: readonly number[]
  /** Connections that the servers held after the first and after the last round. */
  readonly connections: readonly [number, number]
}

type Declared = Awaited<ReturnType<typeof declare>>

interface Stand extends Declared {
  readonly servers: readonly ClusterProcess[]
  readonly assertion: () => string
}

/** What the servers have acknowledged, and so may not forget. */
interface Acknowledged {
  readonly revoked: string[]
  readonly used: string[]
  /** Sent, and no answer came: may count, or not. */
  readonly unknown: string[]
  /** When a request failed. */
  failedAtMs: number
}

const callersOfEach = 4

const openStand = async (cluster: ReturnType<typeof testCluster>, count: number) => {
  const first = await cluster.spawn()
  const more = await Promise.all(Array.from({ length: count - 1 }, cluster.spawn))
  const admin = await administrate(first)
  const declared = await declare(admin)
  const assertion = await declareKey(admin, declared.client)
  return { ...declared, servers: [first, ...more], assertion }
}

/** Every caller gets a token by an assertion, and ends it; what fails is unknown, not wrong. */
const load = (stand: Stand, done: Acknowledged) => {
  let running = true
  const turn = async (server: ClusterProcess, next: ClusterProcess): Promise<void> => {
    const assertion = stand.assertion()
    done.unknown.push(assertion)
    const { status, body } = await presentAssertion(server, assertion, stand.scope)
    if (status !== 200) throw new Error(`${status}`)
    done.unknown.splice(done.unknown.indexOf(assertion), 1)
    done.used.push(assertion)
    const token = String(body['access_token'])
    const ended = await postAs(next, stand.client, '/oauth2/v1/revoke', { token })
    if (ended.status !== 200) throw new Error(`${ended.status}`)
    done.revoked.push(token)
  }
  const call = async (at: number): Promise<void> => {
    const { servers } = stand
    const [server, next] = [servers[at % servers.length], servers[(at + 1) % servers.length]]
    while (running && server !== undefined && next !== undefined) {
      await turn(server, next).catch(async () => {
        done.failedAtMs = performance.now()
        await sleep(20)
      })
    }
  }
  const ended = Promise.all(
    Array.from({ length: stand.servers.length * callersOfEach }, (_, at) => call(at)),
  )
  return async (): Promise<void> => {
    running = false
    await ended
  }
}

const untilAllGive = async (stand: Stand, fromMs: number): Promise<number> => {
  const untilGives = async (server: ClusterProcess): Promise<void> => {
    while ((await askToken(server, stand.client, stand.scope)).status !== 200) {
      if (performance.now() - fromMs > 15_000) throw new Error('a server does not come back')
      await sleep(10)
    }
  }
  await Promise.all(stand.servers.map(untilGives))
  return performance.now() - fromMs
}

const samplesMax = 24

/** The newest, and of the older ones a few. */
const sample = (all: readonly string[]): readonly string[] => {
  const older = all.slice(0, -samplesMax)
  const step = Math.max(1, Math.floor(older.length / 10))
  return [...older.filter((_, at) => at % step === 0), ...all.slice(-samplesMax)]
}

const findFaults = async (stand: Stand, done: Acknowledged): Promise<readonly string[]> => {
  const faults: string[] = []
  const serverOf = (at: number) => stand.servers[at % stand.servers.length] as ClusterProcess
  for (const [at, token] of sample(done.revoked).entries()) {
    if (await isActive(serverOf(at), stand.api, token)) faults.push('a revoked token is good again')
  }
  for (const [at, assertion] of sample(done.used).entries()) {
    const { status } = await presentAssertion(serverOf(at), assertion, stand.scope)
    if (status !== 401) faults.push(`a used assertion: ${status}`)
  }
  for (const assertion of done.unknown.splice(0)) {
    // it may have been the database that went first; but then once, and not twice
    await presentAssertion(serverOf(0), assertion, stand.scope)
    const { status } = await presentAssertion(serverOf(1), assertion, stand.scope)
    if (status !== 401) faults.push(`an assertion for the second time: ${status}`)
  }
  return faults
}

export const runDatabaseRounds = async (options: DatabaseRounds): Promise<DatabaseReport> => {
  const exempt = { MINTMARK_RATE_LIMIT_EXEMPT: '127.0.0.0/8' }
  const cluster = testCluster(options.url, exempt)
  const done: Acknowledged = { revoked: [], used: [], unknown: [], failedAtMs: 0 }
  const faults: string[] = []
  const backMs: number[] = []
  const errorMs: number[] = []
  const connections: number[] = []
  try {
    const stand = await openStand(cluster, options.servers)
    for (let round = 1; round <= options.rounds; round += 1) {
      const stop = load(stand, done)
      await sleep(300 + Math.random() * 300)
      const backAt = await options.disturb(round)
      backMs.push(await untilAllGive(stand, backAt))
      await sleep(600)
      await stop()
      errorMs.push(Math.max(0, done.failedAtMs - backAt))
      const found = await findFaults(stand, done)
      faults.push(...found.map((fault) => `round ${round}: ${fault}`))
      connections.push(await options.countConnections())
      await options.onRound?.(round)
    }
  } finally {
    await cluster.stop()
  }
  const acknowledged = done.revoked.length + done.used.length
  const [first = 0] = connections
  return { acknowledged, faults, backMs, errorMs, connections: [first, connections.at(-1) ?? 0] }
}
