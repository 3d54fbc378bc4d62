/** What a gateway is made of, once its file has been read. */
import type { GuardOptions } from '@mintmark/guard/guard-options'
import type { GatewayRoute } from './gateway-route.ts'
import type { IdentityFieldNames } from './identity-fields.ts'

export interface GatewayLimits {
  /** All fields of a request together. */
  readonly headerBytesMax: number
  /** One body; a larger one ends with 413. */
  readonly bodyBytesMax: number
  /** Connections of callers at one time. */
  readonly connectionsMax: number
  /** A request's head must be here within this time. */
  readonly headTimeoutMs: number
  /** The longest that one request may take to arrive. */
  readonly requestTimeoutMs: number
  /** How long either side may be silent in the middle of a message. */
  readonly silenceTimeoutMs: number
  /** How long a connection to the API may take. */
  readonly connectTimeoutMs: number
}

export const gatewayLimitsUsual: GatewayLimits = {
  headerBytesMax: 32_768,
  bodyBytesMax: 1_073_741_824,
  connectionsMax: 10_000,
  headTimeoutMs: 15_000,
  requestTimeoutMs: 3_600_000,
  silenceTimeoutMs: 60_000,
  connectTimeoutMs: 5000,
}

export interface GatewaySettings {
  readonly guard: GuardOptions
  readonly routes: readonly GatewayRoute[]
  /** `http://host:port` of the API; null where another proxy speaks with it. */
  readonly upstream: string | null
  /** Whether other proxies may ask for verdicts under `/.mintmark/`. */
  readonly forwardAuth: boolean
  /** Addresses of proxies in front, whose X-Forwarded fields and questions are believed. */
  readonly trustedProxies: readonly string[]
  readonly identity: IdentityFieldNames
  /** Whether the API gets the token too. */
  readonly passToken: boolean
  readonly limits: GatewayLimits
  /** PEM texts; null: plain HTTP. */
  readonly tls: { readonly certificate: string; readonly key: string } | null
}
