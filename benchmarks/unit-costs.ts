/**
 * `node benchmarks/unit-costs.ts`: how much the data of a server grows by one token, introspection,
 * revocation or application, in bytes on the disk: counted, so that a busy machine does not change
 * it. Writes the bytes into `benchmarks/results/unit-costs.json`, from which the pages of sizing
 * are computed; times of the processor there are those of a whole run of the benchmarks.
 */
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BenchApi,
  createApi,
  createManyClients,
  createProvenClient,
  createSecretClient,
  type Domain,
  enterDomain,
  introspectionPath,
  tokenPath,
  tokenRequest,
} from './domain.ts'
import { type LoadProcess, startLoad } from './load-process.ts'
import { assertionRequests, formRequest, type SecretClient } from './prepared-requests.ts'
import { makeHome, removeHome, startMintmark } from './subjects/mintmark.ts'

const requests = 20_000
const connections = 128
const applications = 5000
const file = join(import.meta.dirname, 'results', 'unit-costs.json')

/** What a kind of work is done to. */
interface Filled {
  readonly domain: Domain
  readonly api: BenchApi
  readonly client: SecretClient
  readonly load: LoadProcess
}

interface Sent {
  readonly completed: number
  readonly values: readonly string[]
}

/** Sends a list to its end. @returns how many were answered, and one member of each answer */
const sendAll = async (
  { domain, load }: Filled,
  list: readonly Uint8Array[],
  member = '',
): Promise<Sent> => {
  await load.prepare('list', list, 'once')
  const { completed, kept, errorSamples } = await load.run({
    list: 'list',
    port: domain.server.port,
    connections,
    expectedStatus: 200,
    warmupSeconds: 0,
    seconds: 300,
    ...(member !== '' && { keepMembers: [member] }),
  })
  // a machine that others keep busy sheds some
  if (completed < list.length * 0.9) throw new Error(`${completed}: ${errorSamples.join()}`)
  return { completed, values: kept.flatMap((each) => each[member] ?? []) }
}

const repeated = (request: Uint8Array): readonly Uint8Array[] =>
  Array.from({ length: requests }, () => request)

const issuerOf = async (url: string): Promise<string> => {
  const answer = await fetch(`${url}/.well-known/oauth-authorization-server`)
  return ((await answer.json()) as { readonly issuer: string }).issuer
}

const askTokens = (filled: Filled): Promise<Sent> =>
  sendAll(filled, repeated(tokenRequest(filled.client, filled.api.scope)), 'access_token')

/** Each gives how often it was done. */
const kinds: Readonly<Record<string, (filled: Filled) => Promise<number>>> = {
  nothing: async () => 1,
  token: async (filled) => (await askTokens(filled)).completed,
  assertion: async (filled) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256', use: 'sig' }
    const setting = {
      clientId: await createProvenClient(filled.domain, filled.api, { jwks: { keys: [jwk] } }),
      keyId: 'k',
      key: privateKey,
      audience: await issuerOf(filled.domain.url),
      lifetimeSeconds: 290,
    }
    const list = assertionRequests(tokenPath, setting, filled.api.scope, requests)
    return (await sendAll(filled, list)).completed
  },
  introspection: async (filled) => {
    const asked = [tokenRequest(filled.client, filled.api.scope)]
    const [token = ''] = (await sendAll(filled, asked, 'access_token')).values
    const request = formRequest(introspectionPath, filled.api.introspector, { token })
    return (await sendAll(filled, repeated(request))).completed
  },
  revocation: async (filled) => {
    const { values } = await askTokens(filled)
    const revocations = values.map((token) =>
      formRequest('/oauth2/v1/revoke', filled.client, { token }),
    )
    return (await sendAll(filled, revocations)).completed
  },
  application: async ({ domain, api }) =>
    (await createManyClients(domain, api, applications, 0)).length,
}

/** Bytes of the data after one kind of work, and how often that was done. */
const measure = async (work: (filled: Filled) => Promise<number>, load: LoadProcess) => {
  const home = makeHome()
  try {
    let count = 0
    const server = await startMintmark(home, 1)
    try {
      const domain = await enterDomain(server)
      const api = await createApi(domain, 'ES256')
      const client = await createSecretClient(domain, api)
      count = await work({ domain, api, client, load })
    } finally {
      await server.stop()
    }
    return { size: statSync(join(home.dataDirectory, 'mintmark.db')).size, count }
  } finally {
    removeHome(home)
  }
}

const load = startLoad()
try {
  let empty = 0
  const diskBytes: Record<string, number> = {}
  for (const [name, work] of Object.entries(kinds)) {
    const { size, count } = await measure(work, load)
    if (name === 'nothing') empty = size
    else diskBytes[name] = Math.round((size - empty) / count)
    console.log(name, size, count)
  }
  // the tokens that were revoked are in it too
  diskBytes['revocation'] = (diskBytes['revocation'] ?? 0) - (diskBytes['token'] ?? 0)
  const costs = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  costs['diskBytes'] = diskBytes
  writeFileSync(file, `${JSON.stringify(costs, null, 2)}\n`)
  console.log(costs)
} finally {
  load.stop()
}
