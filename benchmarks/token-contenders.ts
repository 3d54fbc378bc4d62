/** Everybody beside us who hands out tokens on this machine, and the floors below them. */
import { randomBytes } from 'node:crypto'
import { formRequest } from './prepared-requests.ts'
import { residentMemory } from './process-cost.ts'
import { type Figure, figure } from './result.ts'
import type { Comparison, Contender } from './rounds.ts'
import { type PeerName, peerTokenRequest, type Stage, startPeer } from './stage.ts'
import { spreadOf } from './statistics.ts'
import { glewlwydTokenPath, hasGlewlwyd, startGlewlwyd } from './subjects/glewlwyd.ts'

type Algorithm = 'RS256' | 'ES256'

/** Each of its tokens takes tens of milliseconds: more callers would only wait longer. */
const glewlwydConnections = 4
const member = 'access_token'

const peers: readonly PeerName[] = [
  'node-oidc-provider',
  'node-oauth2-server',
  'oauth2-mock-server',
  'echo-and-sign',
  'echo',
]

/** What every comparison of tokens tells beside its own promises. */
export const fieldComparisons: readonly Comparison[] = [
  { of: 'mintmark', over: 'oauth2-mock-server' },
  { of: 'mintmark', over: 'node-oauth2-server' },
  { of: 'mintmark', over: 'glewlwyd', requestsTarget: 20 },
  // What an authorization server could reach if it did nothing but sign.
  { of: 'echo-and-sign', over: 'node-oidc-provider' },
]

async function startDebianPeer(stage: Stage, algorithm: Algorithm): Promise<Contender | undefined> {
  if (!hasGlewlwyd()) return undefined
  const clientSecret = randomBytes(32).toString('base64url')
  const client = { clientId: 'bench-client', clientSecret }
  const server = await startGlewlwyd(algorithm, client, stage.placement.server)
  stage.ended.defer(server.stop)
  const asked = { grant_type: 'client_credentials', scope: 'read' }
  await stage.load.prepare(server.name, [formRequest(glewlwydTokenPath, client, asked)])
  return { ...server, list: server.name, connectionsMax: glewlwydConnections }
}

/**
 * Starts them all, each with its token request prepared.
 *
 * @param signingInputBytes length of `header.payload` of our token, which the floors imitate
 */
export async function startField(
  stage: Stage,
  algorithm: Algorithm,
  signingInputBytes: number,
): Promise<{ readonly contenders: readonly Contender[]; readonly skipped: readonly string[] }> {
  const contenders: Contender[] = []
  for (const name of peers) {
    const peer = await startPeer(stage, name, { algorithm, signingInputBytes })
    await stage.load.prepare(name, [peerTokenRequest(peer.client, 'jwt')])
    contenders.push({ ...peer, list: name })
  }
  const glewlwyd = await startDebianPeer(stage, algorithm)
  if (glewlwyd !== undefined) contenders.push(glewlwyd)
  const skipped = glewlwyd === undefined ? ['glewlwyd: not installed as Debian does'] : []
  return { contenders, skipped }
}

/** Length of a contender's token, and memory of its processes, what they share counted once. */
export async function tellSizes(
  { load }: Stage,
  contenders: readonly Contender[],
): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const { name, list, pid, port } of contenders) {
    const once = { connections: 1, expectedStatus: 200, warmupSeconds: 0, seconds: 10 }
    const report = await load.run({ ...once, list, port, requestsMax: 1, keepMembers: [member] })
    const token = report.kept[0]?.[member]
    const memory = residentMemory(pid).proportionalBytes / 2 ** 20
    if (token !== undefined) {
      figures.push(figure(`token, ${name}`, 'bytes', spreadOf([token.length])))
    }
    figures.push(figure(`PSS after the rounds, ${name}`, 'MB', spreadOf([memory])))
  }
  return figures
}
