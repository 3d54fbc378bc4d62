import { generateKeyPairSync } from 'node:crypto'
import { measureCommitCosts } from './commit-cost.ts'
import { measureGrowth } from './database-growth.ts'
import {
  createApi,
  createProvenClient,
  createSecretClient,
  fetchToken,
  introspectionPath,
  tokenPath,
  tokenRequest,
} from './domain.ts'
import { measureGateway } from './gateway-proxying.ts'
import { measureGuard } from './guard-validation.ts'
import { measureAtHalfLoad } from './half-load.ts'
import { opensslSpeed } from './machine.ts'
import { manyApplications } from './many-applications.ts'
import { measureMutualTls, measureNewConnections } from './new-connections.ts'
import { assertionRequests, formRequest } from './prepared-requests.ts'
import { type BenchOptions, figure, type Scenario, type ScenarioResult } from './result.ts'
import { alternate, type Comparison, type Contender, compare, type Ratio } from './rounds.ts'
import { measureSigningBursts } from './signing-bursts.ts'
import {
  collectTokens,
  openStage,
  oursIsMissing,
  peerTokenRequest,
  type Stage,
  startOurs,
  startPeer,
} from './stage.ts'
import { measureStart } from './start-and-idle.ts'
import { spreadOf } from './statistics.ts'
import { fieldComparisons, startField, tellSizes } from './token-contenders.ts'

type Outcome = Omit<ScenarioResult, 'name' | 'about'>
type Algorithm = 'RS256' | 'ES256'

/** Length of `header.payload` where our own token cannot be asked for it. */
const signingInputBytesAssumed = { RS256: 1_000, ES256: 500 } as const

const empty: Outcome = { measurements: [], ratios: [], figures: [], skipped: [] }

async function runComparisons(
  stage: Stage,
  contenders: readonly Contender[],
  comparisons: readonly Comparison[],
): Promise<Outcome> {
  const measurements = await alternate(stage.load, contenders, stage.plan)
  const ratios = comparisons
    .map((comparison) => compare(measurements, comparison))
    .filter((ratio): ratio is Ratio => ratio !== undefined)
  return { ...empty, measurements, ratios }
}

/** Our token endpoint, as a contender, with the length of the signing input of its tokens. */
async function ourTokens(stage: Stage, algorithm: Algorithm) {
  const domain = await startOurs(stage)
  if (domain === undefined) return undefined
  const api = await createApi(domain, algorithm)
  const client = await createSecretClient(domain, api)
  await stage.load.prepare('mintmark', [tokenRequest(client, api.scope)])
  const token = await fetchToken(domain.url, tokenPath, client, { scope: api.scope })
  const contender: Contender = { ...domain.server, list: 'mintmark' }
  return { contender, signingInputBytes: token.lastIndexOf('.') }
}

/** Ours, everybody else's and the two floors, by the same algorithm. */
async function compareTokens(
  options: BenchOptions,
  algorithm: Algorithm,
  processes: number,
  comparisons: readonly Comparison[],
): Promise<Outcome> {
  await using ended = new AsyncDisposableStack()
  const stage = openStage(options, processes, ended)
  const ours = await ourTokens(stage, algorithm)
  const signingInputBytes = ours?.signingInputBytes ?? signingInputBytesAssumed[algorithm]
  const field = await startField(stage, algorithm, signingInputBytes)
  const contenders = [...(ours === undefined ? [] : [ours.contender]), ...field.contenders]
  const outcome = await runComparisons(stage, contenders, [...comparisons, ...fieldComparisons])
  const sizes = await tellSizes(stage, contenders)
  // A load that shares the cores of the servers would measure its own lateness.
  const waits = stage.plan.poll
    ? await measureAtHalfLoad(stage, contenders, outcome.measurements)
    : []
  const skipped = [
    ...(ours === undefined ? [oursIsMissing] : []),
    ...field.skipped,
    ...(stage.plan.poll ? [] : ['waits at half load: no core is left for the load']),
  ]
  return { ...outcome, figures: [...sizes, ...waits], skipped }
}

function tokenRs256(options: BenchOptions): Promise<Outcome> {
  return compareTokens(options, 'RS256', 2, [
    { of: 'mintmark', over: 'echo-and-sign', requestsTarget: 0.9 },
    // Its floor is 1.3 to 1.5 times this one: no server that signs could promise much more.
    { of: 'mintmark', over: 'node-oidc-provider' },
  ])
}

function tokenEs256(options: BenchOptions): Promise<Outcome> {
  return compareTokens(options, 'ES256', 1, [
    { of: 'mintmark', over: 'echo-and-sign', requestsTarget: 0.5 },
    { of: 'mintmark', over: 'node-oidc-provider', requestsTarget: 3.5, cpuTarget: 3.5 },
  ])
}

/** The current token again, against a new one each time and against nothing at all. */
async function reuseWindow(options: BenchOptions): Promise<Outcome> {
  await using ended = new AsyncDisposableStack()
  const stage = openStage(options, 1, ended)
  const domain = await startOurs(stage)
  if (domain === undefined) return { ...empty, skipped: [oursIsMissing] }
  const api = await createApi(domain, 'ES256')
  const { pid, port } = domain.server
  const contenders: Contender[] = []
  for (const [name, own] of [
    ['re-use window', { tokenReusePercent: 50 }],
    ['budget of a day', { tokensPerDay: 1_000_000_000 }],
    ['new tokens', {}],
  ] as const) {
    const client = await createSecretClient(domain, api, own)
    await stage.load.prepare(name, [tokenRequest(client, api.scope)])
    contenders.push({ name, pid, port, list: name })
  }
  const echo = await startPeer(stage, 'echo', {
    algorithm: 'ES256',
    signingInputBytes: signingInputBytesAssumed.ES256,
  })
  await stage.load.prepare('echo', [peerTokenRequest(echo.client, 'jwt')])
  return await runComparisons(
    stage,
    [...contenders, { ...echo, list: 'echo' }],
    [
      { of: 're-use window', over: 'echo', requestsTarget: 0.7 },
      { of: 're-use window', over: 'new tokens' },
      { of: 'budget of a day', over: 'new tokens' },
    ],
  )
}

/** What the durable record costs, and what is left of the floor with and without waiting for it. */
async function auditModes(options: BenchOptions): Promise<Outcome> {
  await using ended = new AsyncDisposableStack()
  const stage = openStage(options, 1, ended)
  const contenders: Contender[] = []
  for (const mode of ['strict', 'available'] as const) {
    const domain = await startOurs(stage, undefined, mode)
    if (domain === undefined) return { ...empty, skipped: [oursIsMissing] }
    const api = await createApi(domain, 'ES256')
    const client = await createSecretClient(domain, api)
    await stage.load.prepare(mode, [tokenRequest(client, api.scope)])
    contenders.push({ ...domain.server, name: `${mode} audit`, list: mode })
  }
  const floor = await startPeer(stage, 'echo-and-sign', {
    algorithm: 'ES256',
    signingInputBytes: signingInputBytesAssumed.ES256,
  })
  await stage.load.prepare('floor', [peerTokenRequest(floor.client, 'jwt')])
  contenders.push({ ...floor, list: 'floor' })
  return await runComparisons(stage, contenders, [
    { of: 'strict audit', over: 'echo-and-sign', requestsTarget: 0.5, cpuTarget: 0.5 },
    { of: 'available audit', over: 'echo-and-sign', requestsTarget: 0.7, cpuTarget: 0.7 },
  ])
}

async function signingBursts(options: BenchOptions): Promise<Outcome> {
  const figures = await measureSigningBursts(options)
  return figures === undefined ? { ...empty, skipped: [oursIsMissing] } : { ...empty, figures }
}

async function issuerOf(url: string): Promise<string> {
  const response = await fetch(`${url}/.well-known/oauth-authorization-server`)
  return ((await response.json()) as { readonly issuer: string }).issuer
}

const assertionLifetimeSeconds = 240

async function assertionEs256(options: BenchOptions): Promise<Outcome> {
  await using ended = new AsyncDisposableStack()
  const stage = openStage(options, 1, ended)
  const domain = await startOurs(stage)
  if (domain === undefined) return { ...empty, skipped: [oursIsMissing] }
  const api = await createApi(domain, 'ES256')
  const client = await createSecretClient(domain, api)
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keyId = 'bench-key'
  const publicJwk = publicKey.export({ format: 'jwk' })
  const jwk = { ...publicJwk, kid: keyId, alg: 'ES256', use: 'sig' }
  const setting = {
    clientId: await createProvenClient(domain, api, { jwks: { keys: [jwk] } }),
    keyId,
    key: privateKey,
    audience: await issuerOf(domain.url),
    lifetimeSeconds: assertionLifetimeSeconds,
  }
  const refill = async (count: number): Promise<void> => {
    const requests = assertionRequests(tokenPath, setting, api.scope, count)
    await stage.load.prepare('assertion', requests, 'once')
  }
  await stage.load.prepare('secret', [tokenRequest(client, api.scope)])
  const { pid, port } = domain.server
  const contenders: readonly Contender[] = [
    { name: 'private_key_jwt', pid, port, list: 'assertion', refill },
    { name: 'client_secret_basic', pid, port, list: 'secret' },
  ]
  // Awaited here: on return the stage ends, and the load with it.
  return await runComparisons(stage, contenders, [
    { of: 'private_key_jwt', over: 'client_secret_basic', requestsTarget: 0.5 },
  ])
}

async function introspection(options: BenchOptions): Promise<Outcome> {
  await using ended = new AsyncDisposableStack()
  const stage = openStage(options, 1, ended)
  const contenders: Contender[] = []
  const domain = await startOurs(stage)
  if (domain !== undefined) {
    for (const algorithm of ['RS256', 'ES256'] as const) {
      const name = `mintmark ${algorithm}`
      const api = await createApi(domain, algorithm)
      const client = await createSecretClient(domain, api)
      const request = tokenRequest(client, api.scope)
      const tokens = await collectTokens(stage, domain.server, request, options.tokens)
      const requests = tokens.map((token) =>
        formRequest(introspectionPath, api.introspector, { token }),
      )
      await stage.load.prepare(name, requests)
      contenders.push({ ...domain.server, name, list: name })
    }
  }
  // One process: its in-memory adapter knows only the tokens that the same process made.
  const answer = { algorithm: 'RS256', signingInputBytes: 0 } as const
  const peer = await startPeer(stage, 'node-oidc-provider', answer)
  const request = peerTokenRequest(peer.client, 'opaque')
  const tokens = await collectTokens(stage, peer, request, options.tokens)
  const requests = tokens.map((token) =>
    formRequest('/token/introspection', peer.client, { token }),
  )
  await stage.load.prepare('peer', requests)
  contenders.push({ ...peer, list: 'peer' })
  const outcome = await runComparisons(stage, contenders, [
    { of: 'mintmark RS256', over: 'node-oidc-provider', requestsTarget: 3 },
    { of: 'mintmark ES256', over: 'node-oidc-provider' },
  ])
  return { ...outcome, skipped: domain === undefined ? [oursIsMissing] : [] }
}

async function startAndIdle(options: BenchOptions): Promise<Outcome> {
  const figures = await measureStart(options.rounds)
  return figures === undefined ? { ...empty, skipped: [oursIsMissing] } : { ...empty, figures }
}

async function guardValidation(options: BenchOptions): Promise<Outcome> {
  return { ...empty, figures: await measureGuard(options.rounds, options.tokens) }
}

async function information(): Promise<Outcome> {
  const speed = opensslSpeed()
  const commits = measureCommitCosts().flatMap((cost) => [
    figure(`SQLite commit, ${cost.name}: p50`, 'µs', spreadOf([cost.p50Micros])),
    figure(`SQLite commit, ${cost.name}: p99`, 'µs', spreadOf([cost.p99Micros])),
    figure(`SQLite commit, ${cost.name}: CPU`, 'µs', spreadOf([cost.cpuMicros])),
  ])
  if (speed === undefined) return { ...empty, figures: commits, skipped: ['openssl: not found'] }
  const signatures = [
    figure('openssl speed rsa2048', 'signatures/s a core', spreadOf([speed.rsa2048])),
    figure('openssl speed ecdsap256', 'signatures/s a core', spreadOf([speed.ecdsap256])),
  ]
  return { ...empty, figures: [...signatures, ...commits] }
}

/** Every benchmark, in the order in which they run. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'information',
    about: 'what the machine can do: signatures by openssl speed, durable commits by node:sqlite',
    run: information,
  },
  {
    name: 'token-rs256-2workers',
    about: 'client_secret_basic, RS256 access token, two processes each; ours with strict audit',
    run: tokenRs256,
  },
  {
    name: 'token-es256-1process',
    about:
      'client_secret_basic, ES256 access token, one process on one core; ours with strict audit',
    run: tokenEs256,
  },
  {
    name: 'reuse-window',
    about:
      'ES256, one process, strict audit: the current token again, a new one, one charged to a ' +
      'budget, and an echo',
    run: reuseWindow,
  },
  {
    name: 'audit-modes',
    about: 'ES256, one process: strict and available audit against a floor that signs the same',
    run: auditModes,
  },
  {
    name: 'signing-bursts',
    about:
      'server metadata, one process, read quietly and beside bursts of RS256 tokens: what it waits',
    run: signingBursts,
  },
  {
    name: 'new-connections',
    about: 'client_secret_basic, ES256, one process: a TCP connection for each request',
    run: measureNewConnections,
  },
  {
    name: 'mutual-tls',
    about: 'a client certificate, ES256, one process: a whole TLS handshake for each request',
    run: measureMutualTls,
  },
  {
    name: 'assertion-es256',
    about: 'unique ES256 client assertions, each claimed durably, against our own secret path',
    run: assertionEs256,
  },
  {
    name: 'introspection',
    about: 'introspection of many distinct tokens, one process; the peer looks up opaque ones',
    run: introspection,
  },
  {
    name: 'database-growth',
    about: 'what ES256 tokens leave in the database, strict audit: many callers, and one alone',
    run: measureGrowth,
  },
  {
    name: 'many-applications',
    about: 'requests spread evenly over many applications against ten of them, ES256, one process',
    run: manyApplications,
  },
  {
    name: 'start-and-idle',
    about: 'from starting the process to /readyz 200, and resident memory at rest',
    run: startAndIdle,
  },
  {
    name: 'guard-validation',
    about: 'checking distinct ES256 tokens one after the other, in one process, without HTTP',
    run: guardValidation,
  },
  {
    name: 'gateway-proxying',
    about: 'a guarded GET through the gateway, and through nginx that asks the same gateway',
    run: measureGateway,
  },
]
