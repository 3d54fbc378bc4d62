import { join } from 'node:path'
import type { LogFormat, LogLevel } from '../observability/log-options.ts'
import { type SecretText, secretText } from '../observability/secret-text.ts'
import type { ConfigurationFault, ValueSource } from './configuration-fault.ts'
import type { ListenAddress } from './network-types.ts'
import type { SettingKey, SettingValues } from './settings.ts'

/** What the server is started with, checked as a whole. Frozen through and through. */
export interface Configuration {
  /** Absolute. */
  readonly data: string
  /** Null: a SQLite file in the data folder. */
  readonly databaseUrl: SecretText | null
  /** Absolute; need not exist yet. */
  readonly masterKeyFile: string
  /** Program and arguments that write the master key instead; null: the file. */
  readonly masterKeyCommand: readonly string[] | null
  readonly keyRotationMs: number
  /** Domain URL without a trailing slash. Not set, and `listen` at port 0: it ends in :0. */
  readonly url: string
  /** Null: nobody can present a client certificate. */
  readonly secureUrl: string | null
  /** What pins the issuer; null: the domain's setting, else the domain URL. */
  readonly issuer: string | null
  readonly listen: ListenAddress
  readonly tls: TlsConfiguration
  /** PEM files, absolute. */
  readonly clientCa: readonly string[]
  /** Null: `/metrics` is on the plain door. */
  readonly metricsListen: ListenAddress | null
  /** CIDR ranges. */
  readonly trustedProxies: readonly string[]
  readonly keySetsPrivate: boolean
  readonly dpopNonces: 'off' | 'required'
  readonly workers: number
  readonly log: { readonly level: LogLevel; readonly format: LogFormat }
  /** Applications that each worker keeps in memory. */
  readonly clientsCachedMax: number
  readonly bootstrap: { readonly clientId: string; readonly clientSecret: SecretText } | null
  readonly audit: 'strict' | 'available'
  readonly auditRetentionMs: number
  /** Where the audit is kept besides the database; each null: not there. */
  readonly auditSinks: {
    /** Absolute. */
    readonly file: string | null
    readonly syslog: string | null
    readonly webhookUrl: SecretText | null
  }
  /** Null: nobody is told of expiring credentials. */
  readonly expiryWebhookUrl: SecretText | null
  readonly rateLimit: RateLimitConfiguration
  readonly bodyBytesMax: number
  readonly headersTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly connectionsMax: number
  /** Where each value came from. */
  readonly sources: Readonly<Record<SettingKey, ValueSource>>
  /** Allowed, but probably not meant. */
  readonly warnings: readonly ConfigurationFault[]
}

export interface TlsConfiguration {
  /** Null: there is no HTTPS door. */
  readonly listen: ListenAddress | null
  /** PEM file, absolute; never null where `listen` is not. */
  readonly certFile: string | null
  readonly keyFile: string | null
}

export interface RateLimitConfiguration {
  readonly requestsPerMinute: number
  readonly failuresPerFiveMinutes: number
  /** CIDR ranges. */
  readonly exempt: readonly string[]
}

/** Not a setting: what a body of an administrative request may hold. */
export const administrationBodyBytesMax = 1_048_576

/** The configuration from values that passed every check. */
export function assembleConfiguration(
  values: SettingValues,
  sources: Readonly<Record<SettingKey, ValueSource>>,
  warnings: readonly ConfigurationFault[],
): Configuration {
  const clientId = values['bootstrap.clientId']
  const clientSecret = values['bootstrap.clientSecret']
  const hidden = (text: string | null) => (text === null ? null : secretText(text))
  return deepFreeze({
    data: values.data,
    databaseUrl: hidden(values.databaseUrl),
    masterKeyFile: values.masterKeyFile ?? masterKeyFileIn(values.data),
    masterKeyCommand: values.masterKeyCommand,
    keyRotationMs: values.keyRotation,
    url: values.url ?? urlOfDoor('http', values.listen),
    secureUrl: values.secureUrl ?? urlOfDoor('https', values['tls.listen']),
    issuer: values.issuer,
    listen: values.listen,
    tls: {
      listen: values['tls.listen'],
      certFile: values['tls.cert'],
      keyFile: values['tls.key'],
    },
    clientCa: values.clientCa,
    metricsListen: values['metrics.listen'],
    trustedProxies: values.trustedProxies,
    keySetsPrivate: values.keySetsPrivate,
    dpopNonces: values.dpopNonces,
    workers: values.workers,
    log: { level: values['log.level'], format: values['log.format'] },
    clientsCachedMax: values.clientCache,
    bootstrap:
      clientId === null || clientSecret === null
        ? null
        : { clientId, clientSecret: secretText(clientSecret) },
    audit: values.audit,
    auditRetentionMs: values.auditRetention,
    auditSinks: {
      file: values.auditFile,
      syslog: values.auditSyslog,
      webhookUrl: hidden(values.auditWebhookUrl),
    },
    expiryWebhookUrl: hidden(values.expiryWebhookUrl),
    rateLimit: {
      requestsPerMinute: values['rateLimit.requests'],
      failuresPerFiveMinutes: values['rateLimit.failures'],
      exempt: values['rateLimit.exempt'],
    },
    bodyBytesMax: values.bodyMax,
    headersTimeoutMs: values.headersTimeout,
    requestTimeoutMs: values.requestTimeout,
    idleTimeoutMs: values.idleTimeout,
    connectionsMax: values.connectionsMax,
    sources,
    warnings,
  })
}

/** The master key lies with what it seals, unless it is told to lie elsewhere. */
export const masterKeyFileIn = (data: string): string => join(data, 'master.key')

function urlOfDoor(scheme: 'http' | 'https', door: ListenAddress): string
function urlOfDoor(scheme: 'http' | 'https', door: ListenAddress | null): string | null
function urlOfDoor(scheme: 'http' | 'https', door: ListenAddress | null): string | null {
  return door === null ? null : `${scheme}://localhost:${door.port}`
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const member of Object.values(value)) deepFreeze(member)
    Object.freeze(value)
  }
  return value
}
