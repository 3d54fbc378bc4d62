/**
 * `npm run unit-costs`: how much the data of a server grows by one token, introspection,
 * revocation or application, counted in bytes of its file; and what a token takes of the processors
 * of server and database where the data is in PostgreSQL. Writes both into
 * `benchmarks/results/unit-costs.json`, from which, and from the whole runs of the benchmarks,
 * `node benchmarks/sizing.ts` computes the pages of sizing. A busy machine changes the bytes not at
 * all and processor time little.
 */
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
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
import { describeCommit } from './machine.ts'
import { assertionRequests, formRequest, type SecretClient } from './prepared-requests.ts'
import { cpuSeconds } from './process-cost.ts'
import { unitCostFile } from './sizing.ts'
import { makeHome, removeHome, startMintmark } from './subjects/mintmark.ts'

const requests = 20_000
const connections = 128
const applications = 5000
/** Requests one after the other. */
const alone = 2000
/** Requests before the processor time counts: the program is compiled by then. */
const warmUp = 5000

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
  atOnce = connections,
): Promise<Sent> => {
  await load.prepare('list', list, 'once')
  const { completed, kept, errorSamples } = await load.run({
    list: 'list',
    port: domain.server.port,
    connections: atOnce,
    expectedStatus: 200,
    warmupSeconds: 0,
    seconds: 300,
    ...(member !== '' && { keepMembers: [member] }),
  })
  // a machine that others keep busy sheds some
  if (completed < list.length / 2) throw new Error(`${completed}: ${errorSamples.join()}`)
  return { completed, values: kept.flatMap((each) => each[member] ?? []) }
}

type Requests = readonly Uint8Array[]

const repeated = (request: Uint8Array): Requests => Array.from({ length: requests }, () => request)

const issuerOf = async (url: string): Promise<string> => {
  const answer = await fetch(`${url}/.well-known/oauth-authorization-server`)
  return ((await answer.json()) as { readonly issuer: string }).issuer
}

/** Requests of which each is done once. */
const lists: Readonly<Record<'token' | 'assertion', (filled: Filled) => Promise<Requests>>> = {
  token: async ({ client, api }) => repeated(tokenRequest(client, api.scope)),
  assertion: async ({ domain, api }) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256', use: 'sig' }
    const setting = {
      clientId: await createProvenClient(domain, api, { jwks: { keys: [jwk] } }),
      keyId: 'k',
      key: privateKey,
      audience: await issuerOf(domain.url),
      lifetimeSeconds: 290,
    }
    return assertionRequests(tokenPath, setting, api.scope, requests)
  },
}

const askTokens = async (filled: Filled): Promise<Sent> =>
  sendAll(filled, await lists.token(filled), 'access_token')

/** Each gives how often it was done. */
const kinds: Readonly<Record<string, (filled: Filled) => Promise<number>>> = {
  nothing: async () => 1,
  token: async (filled) => (await askTokens(filled)).completed,
  // each in a commit of its own
  tokenAlone: async (filled) => {
    const list = (await lists.token(filled)).slice(0, alone)
    return (await sendAll(filled, list, '', 1)).completed
  },
  assertion: async (filled) => (await sendAll(filled, await lists.assertion(filled))).completed,
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

/** Does something with a server of its own. @returns also the size of its file afterwards */
const withServer = async <T>(
  load: LoadProcess,
  work: (filled: Filled) => Promise<T>,
  environment: Record<string, string> = {},
): Promise<{ readonly value: T; readonly bytes: number }> => {
  const home = makeHome()
  try {
    let value: T
    const server = await startMintmark(home, 1, { node: { options: '', environment } })
    try {
      const domain = await enterDomain(server)
      const api = await createApi(domain, 'ES256')
      value = await work({ domain, api, client: await createSecretClient(domain, api), load })
    } finally {
      await server.stop()
    }
    const file = join(home.dataDirectory, 'mintmark.db')
    return { value, bytes: existsSync(file) ? statSync(file).size : 0 }
  } finally {
    removeHome(home)
  }
}

/** Bytes of a file that each kind of work adds. */
const countBytes = async (load: LoadProcess): Promise<Readonly<Record<string, number>>> => {
  let empty = 0
  const added: Record<string, number> = {}
  for (const [name, work] of Object.entries(kinds)) {
    const { value: count, bytes } = await withServer(load, work)
    if (name === 'nothing') empty = bytes
    else added[name] = Math.round((bytes - empty) / count)
    console.log(name, bytes, count)
  }
  // the tokens that were revoked are in it too
  added['revocation'] = (added['revocation'] ?? 0) - (added['token'] ?? 0)
  return added
}

/** Gives empty databases of one PostgreSQL, which is reached through a socket in its folder. */
const databases = process.env['MINTMARK_CONFORMANCE_DATABASES']

const openDatabase = async (at: string) => {
  const url = await (await fetch(at)).text()
  const folder = decodeURIComponent(/@([^/]+)\//.exec(url)?.[1] ?? '')
  const pid = Number.parseInt(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8'), 10)
  return { url, pid }
}

/** Microseconds of the processor that a token takes of the server, and of PostgreSQL. */
const timeWithPostgres = async (
  load: LoadProcess,
  kind: keyof typeof lists,
  at: string,
): Promise<readonly number[]> => {
  const { url, pid } = await openDatabase(at)
  const { value } = await withServer(
    load,
    async (filled) => {
      const list = await lists[kind](filled)
      await sendAll(filled, list.slice(0, warmUp))
      const spent = (): readonly number[] => [filled.domain.server.pid, pid].map(cpuSeconds)
      const before = spent()
      const { completed } = await sendAll(filled, list.slice(warmUp))
      if (completed < (list.length - warmUp) * 0.97) return null
      return spent().map((after, who) => Math.round(((after - before[who]!) * 1e6) / completed))
    },
    { MINTMARK_DATABASE_URL: url },
  )
  console.log(kind, 'with PostgreSQL', value)
  // what is shed costs time too
  return value ?? timeWithPostgres(load, kind, at)
}

if (databases === undefined) throw new Error('npm run unit-costs starts a PostgreSQL for it')
const load = startLoad()
try {
  const diskBytes = await countBytes(load)
  const [serverToken, databaseToken] = await timeWithPostgres(load, 'token', databases)
  const [serverAssertion, databaseAssertion] = await timeWithPostgres(load, 'assertion', databases)
  const postgresMicros = { serverToken, databaseToken, serverAssertion, databaseAssertion }
  const costs = { commit: describeCommit(), diskBytes, postgresMicros }
  writeFileSync(unitCostFile, `${JSON.stringify(costs, null, 2)}\n`)
  console.log(costs)
} finally {
  load.stop()
}
