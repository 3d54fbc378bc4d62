/** The few names of oidc-provider that are used here; the package brings no types. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http'

  interface ResourceServerInfo {
    readonly scope: string
    readonly audience: string
    readonly accessTokenTTL: number
    readonly accessTokenFormat: 'jwt'
    readonly jwt: { readonly sign: { readonly alg: string } }
  }

  interface ProviderClient {
    readonly clientId: string
  }

  interface Enabled {
    readonly enabled: boolean
  }

  interface Configuration {
    readonly adapter: unknown
    readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] }
    readonly scopes: readonly string[]
    readonly clientAuthMethods: readonly string[]
    readonly routes: Readonly<Record<string, string>>
    readonly features: {
      readonly devInteractions: Enabled
      readonly clientCredentials: Enabled
      readonly introspection: Enabled
      readonly revocation: Enabled
      readonly resourceIndicators: {
        readonly enabled: boolean
        readonly defaultResource: (context: unknown, client: ProviderClient) => string
        readonly getResourceServerInfo: (
          context: unknown,
          resource: string,
          client: ProviderClient,
        ) => ResourceServerInfo
      }
    }
  }

  export default class Provider {
    constructor(issuer: string, configuration: Configuration)
    callback(): RequestListener
  }

  export const errors: { readonly InvalidTarget: new () => Error }
}
