import type { GatewayRoute } from '@mintmark/gateway/gateway-route'
import type { GatewayLimits } from '@mintmark/gateway/gateway-settings'
import type { IdentityFieldNames } from '@mintmark/gateway/identity-fields'
import type { CertificateForm } from '@mintmark/guard/sender-options'

/** Where accounts of the API are kept; paths are relative to the file. */
export type AccountsPart = { readonly claim: string | null } & (
  | { readonly file: string }
  | { readonly url: string }
)

/** What of the file the guard is made of. */
export interface GuardPart {
  readonly issuer: string
  readonly audience: readonly string[]
  readonly profile: 'rfc9068' | 'identity-domain'
  readonly discoveryUrl: string | null
  readonly allowHttp: boolean
  readonly introspection: {
    readonly clientId: string
    readonly clientSecretFile: string
    readonly maxAgeSeconds: number | null
    readonly subjectField: string | null
  } | null
  readonly accounts: AccountsPart | null
  readonly revocations: {
    readonly clientId: string
    readonly clientSecretFile: string
    readonly staleSecondsMax: number | null
  } | null
  readonly dpop: { readonly url: string; readonly required: boolean } | null
  readonly certificates: { readonly from: CertificateForm; readonly required: boolean } | null
}

/** What the file of a gateway says; files that it names are not read yet. */
export interface GatewayFile {
  readonly listen: { readonly host: string; readonly port: number }
  /** Where `/metrics`, `/healthz` and `/readyz` are. */
  readonly metrics: { readonly host: string; readonly port: number } | null
  readonly upstream: string | null
  readonly guard: GuardPart
  readonly routes: readonly GatewayRoute[]
  readonly identity: IdentityFieldNames
  readonly passToken: boolean
  readonly forwardAuth: boolean
  readonly trustedProxies: readonly string[]
  readonly limits: GatewayLimits
  readonly tls: { readonly certificate: string; readonly key: string } | null
}
