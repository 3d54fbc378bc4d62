import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Server as TlsServer } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import type { ClientAuthorities } from '../certificates/client-authorities.ts'
import { retireServer } from '../http/retire-server.ts'
import { endSilentConnections } from '../http/silent-connections.ts'
import { buildMetricsDoor, buildSurface, serversOf } from '../http/surface.ts'
import { buildTlsOptions, reloadTls, type TlsMaterial, watchTlsFiles } from '../http/tls-door.ts'
import type { Services } from '../services.ts'
import type { ListeningDoor } from '../writer/messages.ts'
import type { ServerLog } from './observability.ts'
import type { ListenAddress, ServerOptions, TlsDoor } from './server-options.ts'

/** The open doors of one process. */
export interface OpenDoors {
  readonly doors: readonly ListeningDoor[]
  /** Reads certificates and client authorities again; unusable ones are logged, the old stay. */
  reload(): void
  /** Accepts no more connections, and fulfils when all have ended, or after `timeoutMs`. */
  retire(timeoutMs: number): Promise<void>
  /** Accepts nothing more, lets what is under way finish, at most `timeoutMs`. */
  close(timeoutMs: number): Promise<void>
}

/** Opens the plain door and, where they are configured, the TLS door and the one for metrics. */
export const openDoors = async (
  services: Services,
  options: ServerOptions,
  log: ServerLog,
): Promise<OpenDoors> => {
  const apps: FastifyInstance[] = []
  try {
    return await openEach(apps, services, options, log)
  } catch (fault) {
    // A door that stays open would keep a process alive that says it cannot start.
    await closeAll(apps, 0)
    throw fault
  }
}

const openEach = async (
  apps: FastifyInstance[],
  services: Services,
  options: ServerOptions,
  log: ServerLog,
): Promise<OpenDoors> => {
  const { clientAuthorities } = services
  const metricsHere = options.metricsListen === null
  const plain = buildSurface(services, options.limits, { tls: null, metricsHere })
  apps.push(plain)
  const doors: ListeningDoor[] = [await listen(plain, options.listen, 'plain')]
  const { tls } = options
  const secure =
    tls === null
      ? null
      : buildSurface(services, options.limits, {
          tls: buildTlsOptions(readTlsFiles(tls, clientAuthorities)),
          metricsHere,
        })
  if (secure !== null && tls !== null) {
    apps.push(secure)
    doors.push(await listen(secure, tls.listen, 'tls'))
  }
  if (options.metricsListen !== null) {
    const metrics = buildMetricsDoor(services)
    apps.push(metrics)
    doors.push(await listen(metrics, options.metricsListen, 'metrics'))
  }
  const renew = (): void => {
    clientAuthorities.reload()
    if (secure === null || tls === null) return
    reloadTls(secure.server as unknown as TlsServer, readTlsFiles(tls, clientAuthorities))
    log.info({}, 'certificates and client authorities read again')
  }
  const complain = (fault: unknown): void => {
    const error = (fault as Error).message
    log.error({ error }, 'certificates not read again: the old ones stay')
  }
  const files = [
    ...(tls === null ? [] : [tls.certFile, tls.keyFile]),
    ...options.clientAuthorityFiles,
  ]
  const unwatch = files.length === 0 ? () => {} : watchTlsFiles(files, renew, complain)
  return {
    doors,
    reload: () => {
      try {
        renew()
      } catch (fault) {
        complain(fault)
      }
    },
    retire: async (timeoutMs) => {
      services.revocationFeed.endStreams()
      services.liveRequests.endStreams()
      const ended = Promise.all(apps.flatMap(serversOf).map(retireServer))
      const enough = new AbortController()
      const waited = sleep(timeoutMs, null, { signal: enough.signal }).catch(() => null)
      await Promise.race([ended, waited])
      enough.abort()
    },
    close: (timeoutMs) => {
      unwatch()
      services.revocationFeed.close()
      services.liveRequests.close()
      return closeAll(apps, timeoutMs)
    },
  }
}

/** Authorities are judged by us, so the handshake need not name them and no client is put off. */
const readTlsFiles = (door: TlsDoor, authorities: ClientAuthorities): TlsMaterial => ({
  certPem: readFileSync(door.certFile, 'utf8'),
  keyPem: readFileSync(door.keyFile, 'utf8'),
  clientCaPem: authorities.pems(),
  announceClientAuthorities: false,
})

const listen = async (
  app: FastifyInstance,
  address: ListenAddress,
  name: ListeningDoor['name'],
): Promise<ListeningDoor> => {
  await app.listen({ host: address.host, port: address.port })
  const { port } = app.server.address() as AddressInfo
  return { name, url: `${name === 'tls' ? 'https' : 'http'}://${urlHost(address.host)}:${port}` }
}

/** Loopback is called by the name that certificates and people use. */
const urlHost = (host: string): string => {
  if (['127.0.0.1', '::1', '0.0.0.0', '::', 'localhost'].includes(host)) return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

const idleSweepMs = 50
/** A request that is on its way when the close begins has this long to show its head. */
const silenceMs = 1000

const closeAll = async (apps: readonly FastifyInstance[], timeoutMs: number): Promise<void> => {
  const servers = apps.flatMap(serversOf)
  const timer = setTimeout(() => {
    for (const server of servers) server.closeAllConnections()
  }, timeoutMs)
  // A connection whose request ends after the close began would stay for more that never comes.
  const sweep = setInterval(() => {
    for (const server of servers) server.closeIdleConnections()
  }, idleSweepMs)
  const silence = setTimeout(() => {
    for (const server of servers) endSilentConnections(server)
  }, silenceMs)
  await Promise.all(apps.map((app) => app.close()))
  clearTimeout(silence)
  clearInterval(sweep)
  clearTimeout(timer)
}
