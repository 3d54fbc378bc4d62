/** The running gateway: one listener that judges every request before anything is passed on. */
import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Guard } from '@mintmark/guard/guard'
import { fail, ok, type Result } from '@mintmark/protocol/result'
import { createListener, renewCertificate } from './gateway-listener.ts'
import { createGatewayMetrics } from './gateway-metrics.ts'
import type { GatewaySettings } from './gateway-settings.ts'
import { createGeneration, type Generation } from './generation.ts'
import { type MetricsDoor, openMetricsDoor } from './metrics-door.ts'
import { createTokenWatch } from './token-watch.ts'

export interface ListenAt {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
}

export interface GatewayDoors extends ListenAt {
  /** Where `/metrics`, `/healthz` and `/readyz` are; nowhere unless stated. */
  readonly metrics?: ListenAt | null
}

export interface RunningGateway {
  readonly url: string
  /** null: there is no such door. */
  readonly metricsUrl: string | null
  /** As of the last reading of the file. */
  readonly guard: Guard
  /**
   * Puts other settings in the place of those that are, from the next request on; what is under way
   * goes on by the old ones.
   * @param keepsGuard its options are the same: what it remembers of proofs and tokens stays
   * @returns why all stays as it was
   */
  reload(settings: GatewaySettings, keepsGuard: boolean): Promise<Result<true, string>>
  /** Takes no more connections, lets what is under way finish, and ends the rest. */
  stop(drainMs: number): Promise<void>
}

const drainStepMs = 50

const listen = (server: Server, { host, port }: ListenAt): Promise<void> =>
  new Promise((fulfil, reject) => {
    server.once('error', reject)
    server.listen(port, host, fulfil)
  })

const trackSockets = (server: Server): ReadonlySet<Socket> => {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

/** What the listener is made of, which stays as it is for as long as it listens. */
const listenerKey = ({ limits, tls, guard }: GatewaySettings): string => {
  const { bodyBytesMax: _, connectTimeoutMs: __, ...fixed } = limits
  return JSON.stringify([fixed, tls === null, guard.certificates?.from === 'handshake'])
}

/** The next reading, ready to answer. */
const prepare = async (
  current: Generation,
  settings: GatewaySettings,
  keepsGuard: boolean,
): Promise<Result<Generation, string>> => {
  if (listenerKey(settings) !== listenerKey(current.settings)) {
    return fail(
      'tls, certificates.from and limits, but for bodyBytes and connectTimeout, need a restart.',
    )
  }
  let next: Generation | null = null
  try {
    next = createGeneration(settings, current, keepsGuard ? current.guard : undefined)
    if (!keepsGuard) await next.guard.ready()
    return ok(next)
  } catch (error) {
    next?.close()
    return fail((error as Error).message)
  }
}

const urlOf = (scheme: string, host: string, { port }: AddressInfo): string =>
  `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`

/**
 * Starts a gateway.
 * @param report told of trouble, never a token
 * @throws TypeError for options of the guard that cannot be; Error when the port is taken
 */
export const startGateway = async (
  settings: GatewaySettings,
  doors: GatewayDoors,
  report: (message: string) => void,
): Promise<RunningGateway> => {
  const watch = createTokenWatch(report)
  const metrics = createGatewayMetrics()
  let current = createGeneration(settings, { report, watch, metrics })
  let isStopping = false
  const server = createListener(() => current)
  const sockets = trackSockets(server)
  const render = () => {
    const reading = { connections: sockets.size, watched: watch.size }
    return metrics.render({ ...reading, guard: current.guard.status() })
  }
  const told = { render, guard: () => current.guard, isStopping: () => isStopping }
  let door: MetricsDoor | null = null
  try {
    await listen(server, doors)
    if (doors.metrics) door = await openMetricsDoor(doors.metrics, told)
  } catch (error) {
    server.close()
    watch.close()
    current.close()
    throw error
  }
  let reloading: Promise<unknown> = Promise.resolve()

  const take = (next: Generation): Result<true, string> => {
    try {
      renewCertificate(server, next.settings)
    } catch (error) {
      // one of the two files is still the old one
      next.close()
      return fail(`tls: ${(error as Error).message}`)
    }
    const old = current
    current = next
    old.retire()
    return ok(true)
  }

  const reloadNow = async (
    wished: GatewaySettings,
    keepsGuard: boolean,
  ): Promise<Result<true, string>> => {
    const next = await prepare(current, wished, keepsGuard)
    const done = next.ok ? take(next.value) : next
    metrics.reloaded(done.ok)
    return done
  }

  return {
    url: urlOf(
      settings.tls === null ? 'http' : 'https',
      doors.host,
      server.address() as AddressInfo,
    ),
    metricsUrl: door?.url ?? null,
    get guard() {
      return current.guard
    },
    reload: (wished, keepsGuard) => {
      const done = reloading.then(() => reloadNow(wished, keepsGuard))
      reloading = done.catch(() => {})
      return done
    },
    stop: async (drainMs) => {
      isStopping = true
      const closed = new Promise((fulfil) => server.close(fulfil))
      const idle = setInterval(() => server.closeIdleConnections(), drainStepMs)
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy()
      }, drainMs)
      await closed
      clearTimeout(timer)
      clearInterval(idle)
      watch.close()
      current.close()
      await door?.close()
    },
  }
}
