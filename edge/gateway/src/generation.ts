/** What one reading of the gateway's file has become, while requests are under way by it. */
import { createGuard, type Guard } from '@mintmark/guard/guard'
import type { GatewayMetrics } from './gateway-metrics.ts'
import { createRouteTable, type GatewayRoute } from './gateway-route.ts'
import type { GatewaySettings } from './gateway-settings.ts'
import { createJudge, type Judge } from './judge-request.ts'
import type { ProxyOptions } from './proxy-request.ts'
import type { TokenWatch } from './token-watch.ts'
import { createTrust } from './trusted-proxies.ts'
import { createUpstream, type Upstream } from './upstream.ts'

/** What outlives any reading of the file. */
export interface GatewayParts {
  readonly report: (message: string) => void
  readonly watch: TokenWatch
  readonly metrics: GatewayMetrics
}

export interface Generation extends GatewayParts {
  readonly settings: GatewaySettings
  readonly guard: Guard
  readonly judge: Judge
  readonly isTrusted: (address: string) => boolean
  /** The way to the API of a route; null: this gateway only answers proxies that ask. */
  proxyFor(route: GatewayRoute): ProxyOptions | null
  /** Something is under way by it until what is returned was called. */
  begin(): () => void
  /** Nothing more will begin: lets its connections go when all has ended. */
  retire(): void
  /** Ends all that is under way by it. */
  close(): void
}

const users = new WeakMap<Guard, number>()

/** One guard may serve several readings: it ends with the last of them. */
const useGuard = (guard: Guard): (() => void) => {
  users.set(guard, (users.get(guard) ?? 0) + 1)
  return () => {
    const left = (users.get(guard) ?? 1) - 1
    users.set(guard, left)
    if (left === 0) guard.close()
  }
}

const openUpstreams = (
  settings: GatewaySettings,
  isTrusted: (address: string) => boolean,
): ReadonlyMap<string, Upstream> => {
  const stated = [settings.upstream, ...settings.routes.map(({ upstream }) => upstream ?? null)]
  const origins = new Set(stated.filter((origin) => origin !== null))
  return new Map([...origins].map((each) => [each, createUpstream(each, { settings, isTrusted })]))
}

/**
 * @param guard one that has the same options already, whose memory of proofs and tokens is kept
 * @throws TypeError for options of the guard that cannot be
 */
export const createGeneration = (
  settings: GatewaySettings,
  parts: GatewayParts,
  guard: Guard = createGuard(settings.guard),
): Generation => {
  const leaveGuard = useGuard(guard)
  const isTrusted = createTrust(settings.trustedProxies)
  const upstreams = openUpstreams(settings, isTrusted)
  const { bodyBytesMax } = settings.limits
  let open = 0
  let isRetired = false
  let isClosed = false

  const close = (): void => {
    if (isClosed) return
    isClosed = true
    for (const upstream of upstreams.values()) upstream.close()
    leaveGuard()
  }

  return {
    ...parts,
    settings,
    guard,
    isTrusted,
    judge: createJudge(guard, createRouteTable(settings.routes)),
    proxyFor: (route) => {
      const upstream = upstreams.get(route.upstream ?? settings.upstream ?? '')
      return upstream === undefined ? null : { ...parts, upstream, bodyBytesMax }
    },
    begin: () => {
      let isUnderWay = true
      open += 1
      return () => {
        if (!isUnderWay) return
        isUnderWay = false
        open -= 1
        if (isRetired && open === 0) close()
      }
    },
    retire: () => {
      isRetired = true
      if (open === 0) close()
    },
    close,
  }
}
