import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import type { Server as TlsServer } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import { buildSurface } from '../http/surface.ts'
import { buildTlsOptions, reloadTls, type TlsMaterial } from '../http/tls-door.ts'
import type { Services } from '../services.ts'
import type { ListeningDoor } from '../writer/messages.ts'
import type { ListenAddress, ServerOptions, TlsDoor } from './server-options.ts'

/** The open doors of one process. */
export interface OpenDoors {
  readonly doors: readonly ListeningDoor[]
  /** Reads certificates and client authorities again; @throws when the new ones are unusable. */
  reload(): void
  /** Accepts nothing more, lets what is under way finish, at most `timeoutMs`. */
  close(timeoutMs: number): Promise<void>
}

/** Opens the plain door and, where one is configured, the TLS door over the same services. */
export const openDoors = async (services: Services, options: ServerOptions): Promise<OpenDoors> => {
  const plain = buildSurface(services, options.limits, null)
  const apps: FastifyInstance[] = [plain]
  const doors: ListeningDoor[] = [await listen(plain, options.listen, 'plain')]
  let secure: FastifyInstance | null = null
  if (options.tls !== null) {
    secure = buildSurface(services, options.limits, buildTlsOptions(readTlsFiles(options.tls)))
    apps.push(secure)
    doors.push(await listen(secure, options.tls.listen, 'tls'))
  }
  return {
    doors,
    reload: () => {
      if (secure === null || options.tls === null) return
      reloadTls(secure.server as unknown as TlsServer, readTlsFiles(options.tls))
    },
    close: (timeoutMs) => closeAll(apps, timeoutMs),
  }
}

const readTlsFiles = (door: TlsDoor): TlsMaterial => ({
  certPem: readFileSync(door.certFile, 'utf8'),
  keyPem: readFileSync(door.keyFile, 'utf8'),
  clientCaPem: door.clientAuthorityFiles.map((file) => readFileSync(file, 'utf8')),
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

const closeAll = async (apps: readonly FastifyInstance[], timeoutMs: number): Promise<void> => {
  const timer = setTimeout(() => {
    for (const app of apps) app.server.closeAllConnections()
  }, timeoutMs)
  await Promise.all(apps.map((app) => app.close()))
  clearTimeout(timer)
}
