/** The few names of oidc-provider that the benchmark uses; the package brings no types. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http'

  export type AdapterPayload = Readonly<Record<string, unknown>>

  interface ResourceServerInfo {
    readonly scope: string
    readonly audience: string
    readonly accessTokenTTL: number
    readonly accessTokenFormat: 'jwt' | 'opaque'
    readonly jwt?: { readonly sign: { readonly alg: string } }
  }

  interface Configuration {
    readonly adapter: unknown
    readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] }
    readonly clients: readonly Readonly<Record<string, unknown>>[]
    readonly scopes: readonly string[]
    readonly ttl: Readonly<Record<string, number>>
    readonly features: {
      readonly devInteractions: { readonly enabled: boolean }
      readonly clientCredentials: { readonly enabled: boolean }
      readonly introspection: { readonly enabled: boolean }
      readonly resourceIndicators: {
        readonly enabled: boolean
        readonly getResourceServerInfo: (context: unknown, resource: string) => ResourceServerInfo
      }
    }
  }

  export default class Provider {
    constructor(issuer: string, configuration: Configuration)
    callback(): RequestListener
  }
}
