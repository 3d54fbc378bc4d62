import type { Configuration } from './configuration.ts'
import { describeSource } from './configuration-fault.ts'
import type { ListenAddress } from './network-types.ts'
import { plainDescription, type SettingGroup } from './setting.ts'
import { type SettingKey, settingKeys, settingOf } from './settings.ts'

/** A setting as administrators are told of it. */
export interface ToldSetting {
  readonly key: SettingKey
  readonly group: SettingGroup
  /** What counts, as text; null: it is not set. Of a secret only that it is set. */
  readonly value: string | null
  readonly isSecret: boolean
  readonly source: {
    readonly from: 'default' | 'environment' | 'file' | 'flag'
    /** `mintmark.yaml:4:9`, `MINTMARK_LISTEN`, `--listen`; null: the default. */
    readonly place: string | null
  }
  readonly description: string
}

const addressText = (address: ListenAddress | null): string | null => {
  if (address === null) return null
  const { host, port } = address
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

const listText = (list: readonly string[]): string | null =>
  list.length === 0 ? null : list.join(', ')

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

/** As it could be written. */
const durationText = (ms: number): string => {
  const found = units.find(([, length]) => ms >= length && ms % length === 0)
  return found === undefined ? `${ms}ms` : `${ms / found[1]}${found[0]}`
}

const hidden = (secret: unknown): string | null => (secret === null ? null : '(set)')

const valuesOf = (one: Configuration): Readonly<Record<SettingKey, string | null>> => ({
  data: one.data,
  databaseUrl: hidden(one.databaseUrl),
  masterKeyFile: one.masterKeyFile,
  masterKeyCommand: one.masterKeyCommand?.[0] ?? null,
  keyRotation: durationText(one.keyRotationMs),
  url: one.url,
  secureUrl: one.secureUrl,
  issuer: one.issuer,
  listen: addressText(one.listen),
  'tls.listen': addressText(one.tls.listen),
  'tls.cert': one.tls.certFile,
  'tls.key': one.tls.keyFile,
  clientCa: listText(one.clientCa),
  'metrics.listen': addressText(one.metricsListen),
  trustedProxies: listText(one.trustedProxies),
  keySetsPrivate: String(one.keySetsPrivate),
  dpopNonces: one.dpopNonces,
  workers: String(one.workers),
  'log.level': one.log.level,
  'log.format': one.log.format,
  clientCache: String(one.clientsCachedMax),
  'bootstrap.clientId': one.bootstrap?.clientId ?? null,
  'bootstrap.clientSecret': hidden(one.bootstrap),
  audit: one.audit,
  auditRetention: durationText(one.auditRetentionMs),
  auditFile: one.auditSinks.file,
  auditSyslog: one.auditSinks.syslog,
  auditWebhookUrl: hidden(one.auditSinks.webhookUrl),
  expiryWebhookUrl: hidden(one.expiryWebhookUrl),
  'rateLimit.requests': String(one.rateLimit.requestsPerMinute),
  'rateLimit.failures': String(one.rateLimit.failuresPerFiveMinutes),
  'rateLimit.exempt': listText(one.rateLimit.exempt),
  bodyMax: String(one.bodyBytesMax),
  headersTimeout: durationText(one.headersTimeoutMs),
  requestTimeout: durationText(one.requestTimeoutMs),
  idleTimeout: durationText(one.idleTimeoutMs),
  connectionsMax: String(one.connectionsMax),
})

/** Every setting with its value and where that came from; secrets are not shown. */
export const tellSettings = (configuration: Configuration): readonly ToldSetting[] => {
  const values = valuesOf(configuration)
  return settingKeys.map((key) => {
    const { group, isSecret = false, description } = settingOf(key)
    const source = configuration.sources[key]
    const place = source.from === 'default' ? null : describeSource(source)
    const from = { from: source.from, place }
    return {
      key,
      group,
      value: values[key],
      isSecret,
      source: from,
      description: plainDescription(description),
    }
  })
}
