import { networkRanges, syslogUrl, webhookUrl } from './network-types.ts'
import type { Setting } from './setting.ts'
import { choice, duration, integer, path, size } from './setting-types.ts'

/** The settings of the group *Audit and limits*. */
export const limitSettings = {
  audit: {
    group: 'Audit and limits',
    environment: 'MINTMARK_AUDIT',
    flag: 'audit',
    type: choice('strict', 'available'),
    default: 'strict',
    description:
      '`strict`: no token without a durable audit record. `available`: answers all the same, and ' +
      'counts the gap.',
  },
  auditRetention: {
    group: 'Audit and limits',
    environment: 'MINTMARK_AUDIT_RETENTION',
    flag: 'audit-retention',
    type: duration('1d', '36500d'),
    default: '400d',
    description:
      'How long what has happened stays on record; older events are removed once an hour, and ' +
      'that they were is on record too. On PostgreSQL they may stay an eighth of it longer.',
  },
  auditFile: {
    group: 'Audit and limits',
    environment: 'MINTMARK_AUDIT_FILE',
    flag: 'audit-file',
    type: path,
    default: null,
    defaultWords: 'none',
    description:
      'A file that gets what happens too, as `mintmark audit export` writes it; see ' +
      '[audit sinks](audit-sinks.md).',
  },
  auditSyslog: {
    group: 'Audit and limits',
    environment: 'MINTMARK_AUDIT_SYSLOG',
    flag: 'audit-syslog',
    type: syslogUrl,
    default: null,
    defaultWords: 'none',
    description: 'A syslog receiver that gets what happens too, `tls://logs.example.com:6514`.',
  },
  auditWebhookUrl: {
    group: 'Audit and limits',
    environment: 'MINTMARK_AUDIT_WEBHOOK_URL',
    flag: 'audit-webhook-url',
    type: webhookUrl,
    default: null,
    isSecret: true,
    description:
      'A receiver that gets what happens too, by POST of NDJSON. https, or http to this machine. ' +
      'Kept like a secret, as it often holds one.',
  },
  expiryWebhookUrl: {
    group: 'Audit and limits',
    environment: 'MINTMARK_EXPIRY_WEBHOOK_URL',
    flag: 'expiry-webhook-url',
    type: webhookUrl,
    default: null,
    isSecret: true,
    description:
      'Told once a day, by a POST of JSON, of each client secret and certificate that expires ' +
      'within 30 days. https, or http to this machine. Kept like a secret, as it often holds one.',
  },
  'rateLimit.requests': {
    group: 'Audit and limits',
    environment: 'MINTMARK_RATE_LIMIT_REQUESTS',
    flag: 'rate-limit-requests',
    type: integer(1, 100_000_000),
    default: '60000',
    description: 'Requests a minute that one client may send from one address.',
  },
  'rateLimit.failures': {
    group: 'Audit and limits',
    environment: 'MINTMARK_RATE_LIMIT_FAILURES',
    flag: 'rate-limit-failures',
    type: integer(1, 1_000_000),
    default: '10',
    description:
      'Wrong credentials in five minutes that lock one client out at one address, or one IPv6 ' +
      'network of 64 bits.',
  },
  'rateLimit.exempt': {
    group: 'Audit and limits',
    environment: 'MINTMARK_RATE_LIMIT_EXEMPT',
    flag: 'rate-limit-exempt',
    type: networkRanges,
    default: '',
    defaultWords: 'none',
    description: 'Addresses without these limits, for benchmarks.',
  },
  bodyMax: {
    group: 'Audit and limits',
    environment: 'MINTMARK_BODY_MAX',
    flag: 'body-max',
    type: size('1KiB', '1MiB'),
    default: '64KiB',
    description: 'Largest body of an OAuth request; administration takes 1 MiB.',
  },
  headersTimeout: {
    group: 'Audit and limits',
    environment: 'MINTMARK_HEADERS_TIMEOUT',
    flag: 'headers-timeout',
    type: duration('100ms', '10m'),
    default: '10s',
    description: 'Time within which all header fields of a request must be there.',
  },
  requestTimeout: {
    group: 'Audit and limits',
    environment: 'MINTMARK_REQUEST_TIMEOUT',
    flag: 'request-timeout',
    type: duration('100ms', '10m'),
    default: '15s',
    description: 'Time within which the whole request must be there.',
  },
  idleTimeout: {
    group: 'Audit and limits',
    environment: 'MINTMARK_IDLE_TIMEOUT',
    flag: 'idle-timeout',
    type: duration('100ms', '1h'),
    default: '60s',
    description: 'Time after which a connection without a request is closed.',
  },
  connectionsMax: {
    group: 'Audit and limits',
    environment: 'MINTMARK_CONNECTIONS_MAX',
    flag: 'connections-max',
    type: integer(1, 1_000_000),
    default: '10000',
    description: 'Connections that each worker holds at once.',
  },
} as const satisfies Readonly<Record<string, Setting>>
