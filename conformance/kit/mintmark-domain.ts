/** Our own server as a test domain: a real process, an empty data directory, both doors. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Administration, openAdministration } from './administration.ts'
import { type Certificate, makeAuthority, makeCertificate, nameOf } from './certificate.ts'
import { type Environment, type ServerProcess, startServer } from './server-process.ts'
import type { TestDomain } from './test-domain.ts'

/** Our server, with what only ours can be asked for. */
export interface MintmarkDomain extends TestDomain {
  readonly server: 'mintmark'
  readonly secureUrl: string
  readonly authority: string
  readonly admin: Administration
  readonly dataDirectory: string
  /** The first administrator. */
  readonly administrator: { readonly clientId: string; readonly secret: string }
  /** Signs certificates that the TLS door believes. */
  readonly clientAuthority: Certificate
  process(): ServerProcess
  /** Its URL, where it is in PostgreSQL; empty: it is in a file. */
  readonly databaseUrl: string
  /** Starts one more server of the same domain, where the data is in PostgreSQL. */
  startNode(more?: NodeOptions): Promise<ServerProcess>
  /** The administration with a token of now, at this server or another one. */
  administrate(at?: string): Promise<Administration>
  /** Ends the process and starts another on the same data. Ports change. */
  restart(more?: RestartOptions): Promise<MintmarkDomain>
}

export interface DomainOptions {
  /** Settings over those of the kit; an empty text takes one away. */
  readonly environment?: Environment
  /** False: rate limits and lock-outs hold for this machine too. */
  readonly exempt?: boolean
  readonly fileBlocksMax?: number
  /** Gives empty databases, as `startDatabases` does; the run's own unless stated. */
  readonly databases?: string
  /** The built command of another tree. */
  readonly main?: string
}

/** How one more server differs from the first. */
export interface NodeOptions {
  readonly environment?: Environment
  /** The built command of another tree. */
  readonly main?: string
}

export interface RestartOptions extends DomainOptions {
  /** How the first process ends. */
  readonly signal?: 'SIGTERM' | 'SIGKILL'
}

/** What outlives a process. */
interface Home {
  readonly directory: string
  readonly credentials: { readonly clientId: string; readonly secret: string }
  readonly serverAuthority: Certificate
  readonly clientAuthority: Certificate
  /** PostgreSQL instead of a file; empty: the file. */
  readonly databaseUrl: string
}

/** Set by `with-test-databases.ts`, which gives an empty database each time it is asked. */
const databases = process.env['MINTMARK_CONFORMANCE_DATABASES']

/** Why tests of the file that the data is in are left out; false: they are not. */
export const noDataFile = databases === undefined ? false : 'the data is in PostgreSQL'

const makeHome = async (options: DomainOptions): Promise<Home> => {
  const maker = options.databases ?? databases
  const databaseUrl = maker === undefined ? '' : await (await fetch(maker)).text()
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-conformance-'))
  const serverAuthority = makeAuthority('Conformance server authority')
  const clientAuthority = makeAuthority('Conformance client authority')
  const door = makeCertificate({
    subject: nameOf(['CN', 'localhost']),
    alternatives: [
      { kind: 'dns', value: 'localhost' },
      { kind: 'ip', value: '127.0.0.1' },
    ],
    purposes: ['serverAuth'],
    issuer: serverAuthority,
  })
  writeFileSync(join(directory, 'door.pem'), door.pem)
  writeFileSync(join(directory, 'door.key'), door.keyPem, { mode: 0o600 })
  writeFileSync(join(directory, 'clients.pem'), clientAuthority.pem)
  const secret = randomBytes(24).toString('base64url')
  const credentials = { clientId: 'conformance-administrator', secret }
  return { directory, credentials, serverAuthority, clientAuthority, databaseUrl }
}

const environmentOf = (home: Home, options: DomainOptions): Environment => {
  const { directory, credentials } = home
  const all: Environment = {
    MINTMARK_DATA: join(directory, 'data'),
    MINTMARK_LISTEN: '127.0.0.1:0',
    MINTMARK_TLS_LISTEN: '127.0.0.1:0',
    MINTMARK_TLS_CERT: join(directory, 'door.pem'),
    MINTMARK_TLS_KEY: join(directory, 'door.key'),
    MINTMARK_CLIENT_CA: join(directory, 'clients.pem'),
    MINTMARK_BOOTSTRAP_CLIENT_ID: credentials.clientId,
    MINTMARK_BOOTSTRAP_CLIENT_SECRET: credentials.secret,
    ...(options.exempt === false ? {} : { MINTMARK_RATE_LIMIT_EXEMPT: '127.0.0.0/8,::1/128' }),
    ...options.environment,
    MINTMARK_DATABASE_URL: home.databaseUrl,
    // there, more processes are more servers
    ...(home.databaseUrl === '' ? {} : { MINTMARK_WORKERS: '' }),
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
}

const open = async (home: Home, options: DomainOptions): Promise<MintmarkDomain> => {
  const environment = environmentOf(home, options)
  const { fileBlocksMax, main } = options
  const process = await startServer({
    environment,
    doors: ['plain', 'tls'],
    ...(fileBlocksMax === undefined ? {} : { fileBlocksMax }),
    ...(main === undefined ? {} : { main }),
  })
  const url = process.door('plain') as string
  const admin = await openAdministration(url, home.credentials)
  return {
    server: 'mintmark',
    issuer: environment['MINTMARK_ISSUER'] ?? url,
    url,
    secureUrl: process.door('tls') as string,
    authority: home.serverAuthority.pem,
    clientAuthority: home.clientAuthority,
    admin,
    dataDirectory: environment['MINTMARK_DATA'] as string,
    administrator: home.credentials,
    process: () => process,
    databaseUrl: home.databaseUrl,
    startNode: (more = {}) =>
      startServer({
        doors: ['plain'],
        ...more,
        environment: { ...environment, ...more.environment },
      }),
    administrate: (at = url) => openAdministration(at, home.credentials),
    createApi: admin.createApi,
    createClient: admin.createClient,
    setActive: (client, active) => admin.setActive(client.id, active),
    rotateSecret: admin.rotateSecret,
    log: process.output,
    restart: async (more = {}) => {
      if (more.signal === 'SIGKILL') process.child.kill('SIGKILL')
      await process.stop()
      return open(home, { ...options, ...more })
    },
    stop: async () => {
      await process.stop()
      rmSync(home.directory, { recursive: true, force: true })
    },
  }
}

/** Starts our server on an empty data directory. */
export const startMintmark = async (options: DomainOptions = {}): Promise<MintmarkDomain> => {
  const home = await makeHome(options)
  try {
    return await open(home, options)
  } catch (error) {
    rmSync(home.directory, { recursive: true, force: true })
    throw error
  }
}
