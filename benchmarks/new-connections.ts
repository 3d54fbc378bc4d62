/** Callers that connect anew for each request, over TCP and over TLS with a client certificate. */
import { rmSync } from 'node:fs'
import { certifiedName, hasOpenssl, makeCertificates } from './certificates.ts'
import {
  createApi,
  createProvenClient,
  createSecretClient,
  fetchToken,
  tokenPath,
  tokenRequest,
} from './domain.ts'
import { formType, requestBytes } from './prepared-requests.ts'
import type { BenchOptions, ScenarioResult } from './result.ts'
import { alternate, type Comparison, type Contender, compare } from './rounds.ts'
import {
  openStage,
  oursIsMissing,
  peerTokenRequest,
  type Stage,
  startOurs,
  startPeer,
} from './stage.ts'
import { makeDataDirectory } from './subjects/mintmark.ts'

type Outcome = Omit<ScenarioResult, 'name' | 'about'>

const nothing: Outcome = { measurements: [], ratios: [], figures: [], skipped: [] }
const algorithm = 'ES256'
/** Handshakes that run at once: with more of them they only wait for each other. */
const handshakesMax = 32

async function measure(
  { load, plan }: Stage,
  contenders: readonly Contender[],
  comparisons: readonly Comparison[],
): Promise<Outcome> {
  const measurements = await alternate(load, contenders, plan)
  const ratios = comparisons.flatMap((each) => compare(measurements, each) ?? [])
  return { ...nothing, measurements, ratios }
}

/** A token for a secret, each over a TCP connection of its own. */
export async function measureNewConnections(options: BenchOptions): Promise<Outcome> {
  await using ended = new AsyncDisposableStack()
  const stage = openStage(options, 1, ended)
  const domain = await startOurs(stage)
  if (domain === undefined) return { ...nothing, skipped: [oursIsMissing] }
  const api = await createApi(domain, algorithm)
  const client = await createSecretClient(domain, api)
  await stage.load.prepare('mintmark', [tokenRequest(client, api.scope)])
  const token = await fetchToken(domain.url, tokenPath, client, { scope: api.scope })
  const signingInputBytes = token.lastIndexOf('.')
  const contenders: Contender[] = [{ ...domain.server, list: 'mintmark', fresh: {} }]
  for (const name of ['node-oidc-provider', 'echo-and-sign', 'echo'] as const) {
    const peer = await startPeer(stage, name, { algorithm, signingInputBytes })
    await stage.load.prepare(name, [peerTokenRequest(peer.client, 'jwt')])
    contenders.push({ ...peer, list: name, fresh: {} })
  }
  return await measure(stage, contenders, [
    { of: 'mintmark', over: 'echo-and-sign' },
    { of: 'mintmark', over: 'node-oidc-provider' },
  ])
}

/** A token for a client certificate, each in a TLS connection of its own, never a resumed one. */
export async function measureMutualTls(options: BenchOptions): Promise<Outcome> {
  if (!hasOpenssl()) return { ...nothing, skipped: ['openssl: not found'] }
  await using ended = new AsyncDisposableStack()
  const stage = openStage(options, 1, ended)
  const folder = makeDataDirectory()
  ended.defer(() => rmSync(folder, { recursive: true, force: true }))
  const { server, client } = makeCertificates(folder)
  const domain = await startOurs(stage, server)
  if (domain === undefined) return { ...nothing, skipped: [oursIsMissing] }
  const api = await createApi(domain, algorithm)
  const clientId = await createProvenClient(domain, api, {
    authenticationMethods: ['tls_client_auth'],
    certificateSubject: { kind: 'subject_dn', value: `CN=${certifiedName}` },
  })
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    scope: api.scope,
  })
  const request = requestBytes(tokenPath, { 'Content-Type': formType }, body.toString())
  await stage.load.prepare('certified', [request])
  const way = { list: 'certified', fresh: { tls: client }, connectionsMax: handshakesMax }
  const { securePort = 0 } = domain.server
  const contenders: Contender[] = [{ ...domain.server, port: securePort, ...way }]
  for (const name of ['echo-and-sign', 'echo'] as const) {
    const settings = { algorithm, signingInputBytes: 600, tls: server } as const
    const floor = await startPeer(stage, name, settings)
    contenders.push({ ...floor, name: `${name} over TLS`, ...way })
  }
  return await measure(stage, contenders, [
    { of: 'mintmark', over: 'echo over TLS', requestsTarget: 0.7, cpuTarget: 0.7 },
    { of: 'mintmark', over: 'echo-and-sign over TLS' },
  ])
}
