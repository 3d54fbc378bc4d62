import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { TlsFiles } from './certificates.ts'
import { type Domain, enterDomain } from './domain.ts'
import { type LoadProcess, startLoad } from './load-process.ts'
import { type Placement, placeProcesses } from './pinning.ts'
import { formRequest, type SecretClient } from './prepared-requests.ts'
import type { BenchOptions } from './result.ts'
import type { RoundPlan } from './rounds.ts'
import { type Subject, startSubject } from './subject-process.ts'
import {
  type AuditMode,
  isBuilt,
  makeHome,
  removeHome,
  startMintmark,
} from './subjects/mintmark.ts'
import type { PeerSettings } from './subjects/serve.ts'

/** Load and placement of one scenario; everything that was started ends with the stack. */
export interface Stage {
  readonly load: LoadProcess
  readonly placement: Placement
  readonly plan: RoundPlan
  readonly processes: number
  readonly ended: AsyncDisposableStack
}

/** Starts the load for servers of so many processes. */
export function openStage(
  options: BenchOptions,
  processes: number,
  ended: AsyncDisposableStack,
): Stage {
  const placement = placeProcesses(processes)
  const load = startLoad(placement.load)
  ended.defer(load.stop)
  const { rounds, seconds, connections, warmupSeconds } = options
  const plan = { rounds, seconds, connections, warmupSeconds, poll: placement.poll }
  return { load, placement, plan, processes, ended }
}

export const oursIsMissing = 'mintmark: not built (npm run build)'

/** Starts our server and gets an administrator's token; undefined if it is not built. */
export async function startOurs(
  stage: Stage,
  tls?: TlsFiles,
  audit?: AuditMode,
): Promise<Domain | undefined> {
  if (!isBuilt()) return undefined
  const home = makeHome()
  stage.ended.defer(() => removeHome(home))
  const own = { cores: stage.placement.server, tls, audit }
  const server = await startMintmark(home, stage.processes, own)
  stage.ended.defer(server.stop)
  return enterDomain(server)
}

export type PeerName =
  | 'echo'
  | 'echo-and-sign'
  | 'node-oidc-provider'
  | 'node-oauth2-server'
  | 'oauth2-mock-server'

/** A peer and the credentials of its one client; the floors ignore them. */
export interface Peer extends Subject {
  readonly client: SecretClient
}

/** Starts a peer on the stage, with as many processes as our server has workers. */
export async function startPeer(
  stage: Stage,
  name: PeerName,
  answer: Omit<PeerSettings, 'processes'>,
): Promise<Peer> {
  const client = {
    clientId: 'bench-client',
    clientSecret: randomBytes(32).toString('base64url'),
  }
  const settings: PeerSettings = { processes: stage.processes, ...answer }
  const script = fileURLToPath(new URL(`./subjects/${name}.ts`, import.meta.url))
  const peer = await startSubject({
    name,
    args: [script, JSON.stringify(settings)],
    environment: { BENCH_CLIENT_SECRET: client.clientSecret },
    cores: stage.placement.server,
    doors: [answer.tls === undefined ? 'http:' : 'https:'],
  })
  stage.ended.defer(peer.stop)
  return { ...peer, client }
}

/** A token request as node-oidc-provider's documentation has it, for JWTs or for opaque tokens. */
export function peerTokenRequest(client: SecretClient, format: 'jwt' | 'opaque'): Uint8Array {
  return formRequest('/token', client, {
    grant_type: 'client_credentials',
    scope: 'read',
    resource: `https://api.bench.example/${format}`,
  })
}

/** Nothing is measured while tokens are collected: few enough that nobody is refused. */
const collectorsMax = 16

const passesMax = 20
const breathMillis = 500

/**
 * Gets so many distinct tokens by sending one request again and again. Who is refused on a machine
 * with other work to do asks again.
 */
export async function collectTokens(
  stage: Stage,
  subject: Subject,
  request: Uint8Array,
  count: number,
): Promise<readonly string[]> {
  const tokens = new Set<string>()
  for (let pass = 1; tokens.size < count; pass += 1) {
    const missing = Array.from({ length: count - tokens.size }, () => request)
    await stage.load.prepare('collect', missing, 'once')
    const report = await stage.load.run({
      list: 'collect',
      port: subject.port,
      connections: Math.min(stage.plan.connections, collectorsMax),
      expectedStatus: 200,
      warmupSeconds: 0,
      seconds: 300,
      keepMembers: ['access_token'],
    })
    const before = tokens.size
    // an answer that was none left a gap in the list
    for (const answer of Object.values(report.kept)) tokens.add(answer['access_token']!)
    if (tokens.size - before < report.completed) throw new Error(`${subject.name} repeated a token`)
    if (report.errors > 0 && (pass === passesMax || tokens.size === before)) {
      throw new Error(`collecting tokens: ${report.errorSamples.join()}`)
    }
    if (tokens.size < count) await new Promise((resolve) => setTimeout(resolve, breathMillis))
  }
  return [...tokens]
}
