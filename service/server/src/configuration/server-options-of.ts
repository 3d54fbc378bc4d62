import type { ServerOptions } from '../composition/server-options.ts'
import { administrationBodyBytesMax, type Configuration } from './configuration.ts'
import { tellSettings } from './told-settings.ts'

/** What the server is composed from. URLs by default follow the doors, whatever port they get. */
export function serverOptionsOf(configuration: Configuration): ServerOptions {
  const { tls, sources, bootstrap, rateLimit } = configuration
  return {
    dataDirectory: configuration.data,
    databaseUrl: configuration.databaseUrl?.reveal() ?? null,
    masterKeyFile: configuration.masterKeyFile,
    masterKeyCommand: configuration.masterKeyCommand,
    url: sources.url.from === 'default' ? null : configuration.url,
    secureUrl: sources.secureUrl.from === 'default' ? null : configuration.secureUrl,
    issuer: configuration.issuer,
    listen: configuration.listen,
    tls:
      tls.listen === null || tls.certFile === null || tls.keyFile === null
        ? null
        : {
            listen: tls.listen,
            certFile: tls.certFile,
            keyFile: tls.keyFile,
          },
    clientAuthorityFiles: configuration.clientCa,
    metricsListen: configuration.metricsListen,
    trustedProxies: configuration.trustedProxies,
    exemptSources: rateLimit.exempt,
    audit: configuration.audit,
    auditRetentionMs: configuration.auditRetentionMs,
    auditSinks: {
      file: configuration.auditSinks.file,
      syslog: configuration.auditSinks.syslog,
      webhookUrl: configuration.auditSinks.webhookUrl?.reveal() ?? null,
    },
    expiryWebhookUrl: configuration.expiryWebhookUrl?.reveal() ?? null,
    requestsPerMinute: rateLimit.requestsPerMinute,
    failuresMax: rateLimit.failuresPerFiveMinutes,
    limits: {
      bodyBytesMax: configuration.bodyBytesMax,
      administrationBodyBytesMax,
      headersTimeoutMs: configuration.headersTimeoutMs,
      requestTimeoutMs: configuration.requestTimeoutMs,
      idleTimeoutMs: configuration.idleTimeoutMs,
      connectionsMax: configuration.connectionsMax,
    },
    clientsMax: configuration.clientsCachedMax,
    keyRotationMs: configuration.keyRotationMs,
    privateKeySets: configuration.keySetsPrivate,
    dpopNonces: configuration.dpopNonces === 'required',
    workers: configuration.workers,
    settings: tellSettings(configuration),
    bootstrap:
      bootstrap === null
        ? null
        : { clientId: bootstrap.clientId, secret: bootstrap.clientSecret.reveal() },
  }
}
