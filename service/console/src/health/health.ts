import { send } from '../server/request.ts'

export interface Health {
  readonly ready: boolean
  readonly notReady: readonly string[]
  readonly now: string
  readonly build: { readonly version: string; readonly node: string; readonly platform: string }
  readonly database: {
    readonly kind: 'sqlite' | 'postgresql'
    readonly schema: number
    readonly milliseconds: number
    readonly servers: readonly { readonly joined: string; readonly behind: number }[]
  }
  readonly cache: { readonly sequence: number; readonly outOfTouch: string | null }
  readonly processes: {
    readonly count: number
    readonly started: string
    readonly cpuSeconds: number
    readonly residentBytes: number
    readonly openFiles: number | null
    readonly eventLoop: {
      readonly lagSeconds: number
      readonly lagP99Seconds: number
      readonly lagMaxSeconds: number
      readonly utilization: number
    }
  }
}

export interface HealthNow {
  readonly health: Health
  /** Of the server's clock, beyond what the way there and back can explain; milliseconds. */
  readonly clockOffsetMs: number
}

export interface ShippedPackage {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly optional?: boolean
}

/** How far a clock is off, where an answer of that clock came between two moments of ours. */
export const clockOffset = (theirMs: number, askedMs: number, heardMs: number): number => {
  if (theirMs < askedMs) return theirMs - askedMs
  return theirMs > heardMs ? theirMs - heardMs : 0
}

export const readHealth = async (): Promise<HealthNow> => {
  const askedMs = Date.now()
  const health = (await send<Health>('GET', '/api/v1/health')).body
  return { health, clockOffsetMs: clockOffset(Date.parse(health.now), askedMs, Date.now()) }
}

/** As they were locked when the console was built. */
export const readPackages = async (): Promise<readonly ShippedPackage[]> =>
  (await send<readonly ShippedPackage[]>('GET', '/console/packages.json')).body
