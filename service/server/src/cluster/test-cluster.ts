import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createObservability } from '../composition/observability.ts'
import type { ServerOptions } from '../composition/server-options.ts'
import { type RunningServer, startServer } from '../composition/start-server.ts'
import { readConfiguration } from '../configuration/read-configuration.ts'
import { serverOptionsOf } from '../configuration/server-options-of.ts'

/** The administrator of a test's domain, made by whichever server is first. */
export const administrator = { clientId: 'administrator', secret: 'a secret for tests only' }

/** A server of a test, by the one URL it is asked at. */
export interface Asked {
  readonly url: string
}

/** One that runs in this process. */
export interface ClusterServer extends Asked {
  readonly running: RunningServer
  stop(): Promise<void>
}

/** One that runs in a process of its own, to be stopped and killed. */
export interface ClusterProcess extends Asked {
  readonly child: ChildProcess
}

/** Servers on one database, with one master key. */
export interface TestCluster {
  /** How its servers are started; their data folder is the same. */
  readonly options: ServerOptions
  start(more?: Partial<ServerOptions>): Promise<ClusterServer>
  spawn(): Promise<ClusterProcess>
  /** Ends all servers that still run. */
  stop(): Promise<void>
}

const issuer = 'https://domain.example'

const environmentOf = (directory: string, databaseUrl: string) => ({
  MINTMARK_DATA: directory,
  MINTMARK_LISTEN: '127.0.0.1:0',
  MINTMARK_DATABASE_URL: databaseUrl,
  MINTMARK_ISSUER: issuer,
  MINTMARK_RATE_LIMIT_FAILURES: '4',
  MINTMARK_BOOTSTRAP_CLIENT_ID: administrator.clientId,
  MINTMARK_BOOTSTRAP_CLIENT_SECRET: administrator.secret,
})

const optionsOf = (environment: Readonly<Record<string, string>>): ServerOptions => {
  const configured = readConfiguration({ environment, flags: {} })
  if (!configured.ok) throw new Error(configured.failure.map((fault) => fault.what).join('; '))
  return serverOptionsOf(configured.value)
}

/** @param more settings of its servers besides those of every test */
export const testCluster = (
  databaseUrl: string,
  more: Readonly<Record<string, string>> = {},
): TestCluster => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-cluster-'))
  const environment = { ...environmentOf(directory, databaseUrl), ...more }
  const servers = new Set<ClusterServer>()
  const children = new Set<ChildProcess>()
  const common = optionsOf(environment)
  return {
    options: common,
    start: async (more = {}) => {
      const options = { ...common, ...more }
      const running = await startServer(
        options,
        createObservability({ level: 'fatal', format: 'json' }),
      )
      const server: ClusterServer = {
        url: running.doors[0]?.url ?? '',
        running,
        stop: async () => {
          if (servers.delete(server)) await running.stop(1000)
        },
      }
      servers.add(server)
      return server
    },
    spawn: async () => {
      const file = join(import.meta.dirname, 'cluster-process.ts')
      const child = spawn(process.execPath, ['--conditions=mintmark-source', file], {
        env: {
          PATH: process.env['PATH'] ?? '',
          NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
          ...environment,
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      children.add(child)
      const [said] = (await once(child.stdout, 'data')) as [Buffer]
      return { url: said.toString().trim(), child }
    },
    stop: async () => {
      for (const child of children) child.kill('SIGKILL')
      await Promise.all([...servers].map((server) => server.stop()))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

interface Credentials {
  readonly clientId: string
  readonly secret: string
}

/** An answer as tests look at it. */
export interface ClusterAnswer {
  readonly status: number
  readonly retryAfter: string | null
  readonly body: Readonly<Record<string, unknown>>
}

const answerOf = async (response: Response): Promise<ClusterAnswer> => {
  const text = await response.text()
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: text === '' ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>),
  }
}

/** Posts a form as a client that proves itself by Basic. */
export const postAs = async (
  server: Asked,
  { clientId, secret }: Credentials,
  path: string,
  fields: Readonly<Record<string, string>>,
): Promise<ClusterAnswer> => {
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`
  const body = new URLSearchParams(fields)
  const headers = { authorization, connection: 'close' }
  return answerOf(await fetch(server.url + path, { method: 'POST', headers, body }))
}

export const askToken = (
  server: Asked,
  credentials: Credentials,
  scope?: string,
): Promise<ClusterAnswer> =>
  postAs(server, credentials, '/oauth2/v1/token', {
    grant_type: 'client_credentials',
    ...(scope !== undefined && { scope }),
  })

/** The administrator at one server. */
export const administrate = async (server: Asked) => {
  const { body } = await askToken(server, administrator, 'urn:opc:idm:__myscopes__')
  const token = String(body['access_token'])
  return async (method: string, path: string, content?: object): Promise<ClusterAnswer> =>
    answerOf(
      await fetch(`${server.url}/admin/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/scim+json',
          connection: 'close',
        },
        ...(content !== undefined && { body: JSON.stringify(content) }),
      }),
    )
}

type Administrate = Awaited<ReturnType<typeof administrate>>

const app = {
  schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:App'],
  basedOnTemplate: { value: 'CustomWebAppTemplateId' },
  active: true,
}

/** An API that may introspect, and a client that gets tokens for it. */
export const declare = async (admin: Administrate) => {
  const name = createHash('sha256').update(randomUUID()).digest('hex').slice(0, 8)
  const audience = `https://${name}.example/`
  const api = await admin('POST', '/Apps', {
    ...app,
    displayName: `API ${name}`,
    isOAuthResource: true,
    audience,
    scopes: [{ value: 'read' }],
    isOAuthClient: true,
    clientType: 'confidential',
    allowedGrants: ['client_credentials'],
    allowedOperations: ['introspect'],
  })
  const client = await admin('POST', '/Apps', {
    ...app,
    displayName: `Client ${name}`,
    isOAuthClient: true,
    clientType: 'confidential',
    allowedGrants: ['client_credentials'],
    allowedScopes: [{ fqs: `${audience}read` }],
  })
  const credentialsOf = ({ body }: ClusterAnswer) => ({
    id: String(body['id']),
    clientId: String(body['name']),
    secret: String(body['clientSecret']),
  })
  return { api: credentialsOf(api), client: credentialsOf(client), scope: `${audience}read` }
}

/** Gives a client a key. @returns what makes an assertion that is signed with it */
export const declareKey = async (
  admin: Administrate,
  client: Credentials & { readonly id: string },
): Promise<() => string> => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256', use: 'sig' }
  const extension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'
  const patched = await admin('PATCH', `/Apps/${client.id}`, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [
      {
        op: 'replace',
        path: `${extension}:authenticationMethods`,
        value: ['client_secret_basic', 'private_key_jwt'],
      },
      { op: 'replace', path: `${extension}:jwks`, value: { keys: [jwk] } },
    ],
  })
  if (patched.status !== 200) throw new Error(JSON.stringify(patched.body))
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return () => {
    const iat = Math.floor(Date.now() / 1000)
    const { clientId } = client
    const claims = { iss: clientId, sub: clientId, aud: issuer, iat, exp: iat + 280 }
    const signed = `${part({ alg: 'ES256', kid: 'k' })}.${part({ ...claims, jti: randomUUID() })}`
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
  }
}

/** Asks for a token by an assertion. */
export const presentAssertion = async (
  server: Asked,
  assertion: string,
  scope: string,
): Promise<ClusterAnswer> => {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    scope,
  })
  const headers = { connection: 'close' }
  return answerOf(await fetch(`${server.url}/oauth2/v1/token`, { method: 'POST', headers, body }))
}

export const isActive = async (
  server: Asked,
  api: Credentials,
  token: string,
): Promise<boolean> => {
  const answer = await postAs(server, api, '/oauth2/v1/introspect', { token })
  if (answer.status !== 200) throw new Error(`introspection: ${answer.status}`)
  return answer.body['active'] === true
}
