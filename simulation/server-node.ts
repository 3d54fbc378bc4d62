import { mkdtempSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OpenedWriter, openWriterOn } from '@mintmark/server/composition/open-writer'
import { openServices } from '@mintmark/server/composition/serve-here'
import type { ServerOptions } from '@mintmark/server/composition/server-options'
import { answerIntrospection } from '@mintmark/server/endpoints/introspect'
import { answerRevocation } from '@mintmark/server/endpoints/revoke'
import { answerTokenRequest } from '@mintmark/server/endpoints/token'
import { type OAuthDoor, oauthDoor } from '@mintmark/server/http/oauth-door'
import type { Services } from '@mintmark/server/services'
import type { Connected, ModelDatabase } from './model-database.ts'
import type { Link } from './wire.ts'
import { createActor, type World } from './world.ts'

/** Doors of a server by their address. */
export type DoorName = 'token' | 'introspect' | 'revoke'

/** A server as it runs between its start and its end. */
export interface ServerNode {
  readonly name: string
  readonly link: Link
  readonly connected: Connected
  /** null: it has not finished its start. */
  running: Running | null
}

export interface Running {
  readonly opened: OpenedWriter
  readonly services: Services
  readonly doors: Readonly<Record<DoorName, OAuthDoor>>
}

export const issuer = 'https://domain.example'
export const failuresMax = 4
/** Ages and intervals that let a key be replaced within a world. */
export const keyRotationMs = 5_400_000
const upkeepIntervalMs = 30_000
const bodyBytesMax = 65_536

const directory = mkdtempSync(join(tmpdir(), 'mintmark-simulation-'))
const masterKeyFile = join(directory, 'master.key')
writeFileSync(masterKeyFile, `${'5a'.repeat(32)}\n`, { mode: 0o600 })
export const serverDirectory = directory

const serverOptions: ServerOptions = {
  dataDirectory: directory,
  databaseUrl: 'postgres://model',
  masterKeyFile,
  url: issuer,
  secureUrl: null,
  issuer,
  listen: { host: '127.0.0.1', port: 0 },
  tls: null,
  clientAuthorityFiles: [],
  metricsListen: null,
  trustedProxies: [],
  exemptSources: [],
  audit: 'strict',
  auditRetentionMs: 400 * 86_400_000,
  expiryWebhookUrl: null,
  requestsPerMinute: 1_000_000,
  failuresMax,
  limits: { bodyBytesMax } as ServerOptions['limits'],
  clientsMax: 64,
  keyRotationMs,
  privateKeySets: false,
  dpopNonces: false,
  workers: 1,
  bootstrap: null,
}

const silent = (): void => {}
const address = () => ({ url: issuer, secureUrl: null })

type Say = (line: string) => void

const logOf = (said: Say) => {
  const write = (fields: object, message: string): void =>
    said(`${JSON.stringify(fields)} ${message}`)
  return { info: write, warn: write, error: write }
}

/** Faults of its own are what the history asks for. */
const observabilityOf = ({ fault, said }: NodeParts) => ({
  log: logOf(said),
  observe: silent,
  fault: (_ecid: string, reason: string, error: Error) => {
    if (reason === 'INTERNAL') fault(error.stack ?? error.message)
  },
  snapshot: () => null,
  countShed: silent,
  metrics: () => ({
    tokenSigned: silent,
    tokenReissued: silent,
    budgetSpent: silent,
    storeAsked: silent,
    readProcesses: async () => {
      throw new Error('nobody asks')
    },
    render: async () => '',
  }),
})

const writerLogOf = (said: Say) => ({
  ...logOf(said),
  auditGap: silent,
  expiring: silent,
  auditSink: silent,
})

export interface NodeParts {
  readonly world: World
  readonly database: ModelDatabase
  readonly link: Link
  /** A fault that is none of the database's. */
  readonly fault: (message: string) => void
  /** Hears what it writes into its log. */
  readonly said: Say
}

/** Everything as `startServer` puts it together, but for the doors' network. */
const run = async (node: NodeParts, connected: Connected): Promise<Running> => {
  const parts = { address, issuer }
  const opened = await openWriterOn(
    { database: connected, shared: connected, close: connected.close },
    serverOptions,
    parts,
    writerLogOf(node.said),
  )
  const observability = observabilityOf(node)
  const services = await openServices(serverOptions, opened, observability, address)
  setInterval(() => {
    opened.upkeep().catch(silent)
  }, upkeepIntervalMs)
  const door = (name: DoorName, answer: Parameters<typeof oauthDoor>[1]) =>
    oauthDoor(name, answer, services, bodyBytesMax)
  return {
    opened,
    services,
    doors: {
      token: door('token', answerTokenRequest),
      introspect: door('introspect', answerIntrospection),
      revoke: door('revoke', answerRevocation),
    },
  }
}

export const createLink = (name: string, delayMsMax: number): Link => ({
  actor: createActor(name),
  isCut: false,
  delayMsMax,
  unknownPart: 0,
  lostPart: 0,
  slowPart: 0,
  latePart: 0,
})

/** Starts a server; where the database cannot be reached it tries again, as whatever starts it. */
export const startNode = (parts: NodeParts): ServerNode => {
  const { world, database, link } = parts
  const connected = database.connect(link)
  const node: ServerNode = { name: link.actor.name, link, connected, running: null }
  const start = (): void => {
    run(parts, connected).then(
      (running) => {
        node.running = running
      },
      () => setTimeout(start, 500),
    )
  }
  world.after(link.actor, 0, start)
  return node
}

/** What an OAuth endpoint answered. */
export interface OAuthAnswer {
  readonly status: number
  readonly text: string
  readonly body: Readonly<Record<string, unknown>>
}

export interface OAuthRequest {
  readonly door: DoorName
  readonly source: string
  readonly authorization: string | null
  readonly form: string
}

const soon = Promise.resolve()

/** One request at an OAuth door of a running server, in the name of that server. */
export const knock = (
  { doors }: Running,
  { door, source, authorization, form }: OAuthRequest,
  answered: (answer: OAuthAnswer) => void,
): void => {
  const fields = { 'content-type': 'application/x-www-form-urlencoded' }
  const headers = authorization === null ? fields : { ...fields, authorization }
  const request = {
    method: 'POST',
    url: `/oauth2/v1/${door}`,
    headers,
    rawHeaders: Object.entries(headers).flat(),
    socket: { remoteAddress: source },
    resume: silent,
    on: (event: string, listener: (value?: unknown) => void) => {
      if (event === 'data') soon.then(() => listener(Buffer.from(form)))
      if (event === 'end') soon.then(() => {}).then(() => listener())
    },
  }
  let status = 0
  const response = {
    headersSent: false,
    destroyed: false,
    writeHead: (code: number) => {
      status = code
    },
    end: (text: string) => {
      answered({ status, text, body: text === '' ? {} : JSON.parse(text) })
    },
    destroy: silent,
  }
  doors[door](request as unknown as IncomingMessage, response as unknown as ServerResponse)
}
