import { join, relative, resolve } from 'node:path'
import { ensureDevelopmentAuthority } from '@mintmark/server/certificates/make-development-authority'
import { createObservability, type Observability } from '@mintmark/server/composition/observability'
import type { ServerOptions } from '@mintmark/server/composition/server-options'
import { type RunningServer, startServer } from '@mintmark/server/composition/start-server'
import { bannerText } from '../dev/banner.ts'
import { demoAudience } from '../dev/demo-domain.ts'
import { findFreePort } from '../dev/free-port.ts'
import { startOrdersApi } from '../dev/orders-api.ts'
import { seedDemo } from '../dev/seed-demo.ts'
import { type DevState, newDevState, openDevDirectory, writeDevState } from '../dev/state.ts'
import { domainFiles } from '../domain-file/domain-files.ts'
import { judgeCall } from '../imagined-call/judge-call.ts'
import { keepDevProfile } from '../session/profile.ts'
import { startExitCode, startFault } from '../start-fault.ts'
import { newPairing } from './admin-pair.ts'
import { connectServer } from './connect-server.ts'

export interface DevFlags {
  readonly directory: string
  readonly port: string
  readonly tlsPort: string
}

const drainMs = 10_000

/** `mintmark dev`: a domain on loopback with demo data, ready to be asked for a token. */
export const dev = async (flags: DevFlags): Promise<number> => {
  try {
    return await play(flags)
  } catch (error) {
    process.stderr.write(startFault(error))
    // part of it may be running
    return process.exit(startExitCode(error))
  }
}

const play = async (flags: DevFlags): Promise<number> => {
  const directory = resolve(flags.directory)
  const before = openDevDirectory(directory)
  const plain = await findFreePort(Number(flags.port))
  const secure = await findFreePort(Number(flags.tlsPort), plain.port)
  const certificates = await ensureDevelopmentAuthority(directory, Date.now())
  const state = before ?? newDevState()
  if (before === null) writeDevState(directory, state)
  const options = devOptions(directory, plain.port, secure.port, state)
  const { observability, open } = quietUntilOpened(
    createObservability({ level: 'debug', format: 'pretty' }),
  )
  const server = await startServer(options, observability)
  const orders = await startOrdersApi(options.url ?? '', demoAudience, plain.port + 1)
  const seeded = await seedDemo(options.url ?? '', directory, state)
  if (seeded.demoSecret !== state.demoSecret) writeDevState(directory, seeded)
  const { clientId, secret: clientSecret } = state.administrator
  keepDevProfile(directory, { url: options.url ?? '', clientId, clientSecret })
  const notes = [plain, secure].flatMap((found, at) => {
    const wanted = at === 0 ? flags.port : flags.tlsPort
    return found.takenBy === null
      ? []
      : [`${wanted} is used by ${found.takenBy}; using ${found.port}`]
  })
  const { paths } = certificates
  const shown = (path: string): string => relative(process.cwd(), path)
  process.stdout.write(
    bannerText({
      notes,
      database: { path: shown(join(directory, 'mintmark.db')), created: server.writer.isNewDomain },
      signingKeys: await signingKeys(server),
      audience: demoAudience,
      ordersUrl: orders.url,
      url: options.url ?? '',
      secureUrl: options.secureUrl ?? '',
      demoSecret: seeded.demoSecret ?? '',
      clientCertificate: shown(paths.clientCert),
      clientKey: shown(paths.clientKey),
      authority: shown(paths.authority),
      console: await consoleUrl(options.url ?? '', state),
    }),
  )
  open()
  await untilStopped()
  orders.close()
  await server.stop(drainMs)
  return 0
}

/** The console with a code that signs in once. */
const consoleUrl = async (url: string, { administrator }: DevState): Promise<string> => {
  const { clientId, secret: clientSecret } = administrator
  const server = await connectServer(url, { clientId, clientSecret })
  return (await newPairing(server.console)).url
}

/** What the playground does to itself before it is shown is nobody's first page. */
const quietUntilOpened = (observability: Observability) => {
  let isOpen = false
  const { log } = observability
  const gated: Observability = {
    ...observability,
    log: { ...log, info: (fields, message) => isOpen && log.info(fields, message) },
    observe: (observation) => isOpen && observability.observe(observation),
  }
  const open = () => {
    isOpen = true
  }
  return { observability: gated, open }
}

const devOptions = (
  directory: string,
  port: number,
  tlsPort: number,
  state: DevState,
): ServerOptions => ({
  dataDirectory: directory,
  databaseUrl: null,
  masterKeyFile: join(directory, 'master.key'),
  url: `http://localhost:${port}`,
  secureUrl: `https://localhost:${tlsPort}`,
  issuer: null,
  listen: { host: '127.0.0.1', port },
  tls: {
    listen: { host: '127.0.0.1', port: tlsPort },
    certFile: join(directory, 'server.crt'),
    keyFile: join(directory, 'server.key'),
  },
  clientAuthorityFiles: [join(directory, 'ca.crt')],
  metricsListen: null,
  trustedProxies: [],
  exemptSources: [],
  audit: 'strict',
  auditRetentionMs: 400 * 86_400_000,
  expiryWebhookUrl: null,
  requestsPerMinute: 60_000,
  failuresMax: 10,
  limits: {
    bodyBytesMax: 65_536,
    administrationBodyBytesMax: 1_048_576,
    headersTimeoutMs: 10_000,
    requestTimeoutMs: 15_000,
    idleTimeoutMs: 60_000,
    connectionsMax: 1000,
  },
  clientsMax: 20_000,
  keyRotationMs: 90 * 86_400_000,
  privateKeySets: true,
  dpopNonces: false,
  workers: 1,
  bootstrap: state.administrator,
  domainFiles,
  judgeCall,
})

const signingKeys = async (server: RunningServer): Promise<readonly string[]> => {
  const catalog = await server.services?.registry.catalog()
  return (catalog?.signingKeys ?? [])
    .filter((key) => key.state === 'active')
    .map((key) => `${key.algorithm} ${key.kid}`)
    .toSorted()
}

const untilStopped = (): Promise<void> =>
  new Promise((fulfil) => {
    process.once('SIGINT', () => fulfil())
    process.once('SIGTERM', () => fulfil())
  })
