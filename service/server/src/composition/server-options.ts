import type { ToldSetting } from '../configuration/told-settings.ts'
import type { DomainFiles } from '../domain-files.ts'
import type { DoorLimits } from '../http/surface.ts'
import type { JudgeCall } from '../imagined-calls.ts'

/** Host and port of a door; port 0: any free one. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/**
 * Everything a server is started with; `configuration/` makes it from file, environment and flags.
 */
export interface ServerOptions {
  readonly dataDirectory: string
  /** PostgreSQL instead of a file in the data directory; holds a password. null: the file. */
  readonly databaseUrl: string | null
  readonly masterKeyFile: string
  /** Program and arguments that write the master key; null or absent: the file. */
  readonly masterKeyCommand?: readonly string[] | null
  /** Domain URL without a trailing slash; null: from the address of the plain door. */
  readonly url: string | null
  /** Secure domain URL; null: from the address of the TLS door, if it is open. */
  readonly secureUrl: string | null
  /** Pins `iss`; null: the domain's setting, else the domain URL. */
  readonly issuer: string | null
  readonly listen: ListenAddress
  readonly tls: TlsDoor | null
  /** PEM files: who may vouch for client certificates, on the TLS door and behind a proxy. */
  readonly clientAuthorityFiles: readonly string[]
  readonly metricsListen: ListenAddress | null
  readonly trustedProxies: readonly string[]
  readonly exemptSources: readonly string[]
  readonly audit: 'strict' | 'available'
  /** How long events stay on record. */
  readonly auditRetentionMs: number
  /** Where the audit is kept besides the database; absent or null: nowhere. */
  readonly auditSinks?: AuditSinkOptions
  /** Told of credentials that expire; may hold a secret. null: nobody is. */
  readonly expiryWebhookUrl: string | null
  readonly requestsPerMinute: number
  readonly failuresMax: number
  readonly limits: DoorLimits
  readonly clientsMax: number
  readonly keyRotationMs: number
  readonly privateKeySets: boolean
  /** Whether a DPoP proof must carry a nonce of ours (RFC 9449 §8). */
  readonly dpopNonces: boolean
  readonly workers: number
  /** The domain as text; absent: nobody can send or ask for one. */
  readonly domainFiles?: DomainFiles
  /** What guards of APIs would say; absent: nobody here knows. */
  readonly judgeCall?: JudgeCall
  /** What administrators are told of all this; absent: nobody configured it. */
  readonly settings?: readonly ToldSetting[]
  readonly bootstrap: { readonly clientId: string; readonly secret: string } | null
}

export interface TlsDoor {
  readonly listen: ListenAddress
  readonly certFile: string
  readonly keyFile: string
}

/** Each null: not there. */
export interface AuditSinkOptions {
  /** Absolute. */
  readonly file: string | null
  /** `tls://host:port` or `tcp://host:port`. */
  readonly syslog: string | null
  /** May hold a secret. */
  readonly webhookUrl: string | null
}
