import { logFormats, logLevels } from '../observability/log-options.ts'
import { limitSettings } from './limit-settings.ts'
import {
  issuerUrl,
  listenAddress,
  listenAddressOrOff,
  networkRanges,
  originUrl,
  postgresUrl,
} from './network-types.ts'
import type { Setting } from './setting.ts'
import {
  choice,
  chosenClientId,
  clientSecret,
  commandLine,
  duration,
  integer,
  type ListType,
  listOf,
  path,
  type ScalarType,
  truth,
} from './setting-types.ts'

/**
 * Every setting of the server, once, by its place in the configuration file. The reader, the text
 * of `--help` and the page docs/operating/configuration.md are made from this table.
 */
export const settings = {
  data: {
    group: 'Data and keys',
    environment: 'MINTMARK_DATA',
    flag: 'data',
    type: path,
    default: './data',
    description: 'Folder of the database and of everything else that must survive.',
  },
  databaseUrl: {
    group: 'Data and keys',
    environment: 'MINTMARK_DATABASE_URL',
    flag: 'database-url',
    type: postgresUrl,
    default: null,
    defaultWords: 'none: a SQLite file in the data folder',
    isSecret: true,
    description:
      'A PostgreSQL database, `postgres://user:password@host:5432/name`, that any number of ' +
      'servers share; see [PostgreSQL](postgresql.md). Kept like a secret, as it holds one.',
  },
  masterKeyFile: {
    group: 'Data and keys',
    environment: 'MINTMARK_MASTER_KEY_FILE',
    flag: 'master-key-file',
    type: path,
    default: null,
    defaultWords: '`master.key` in the data folder',
    description:
      'The key that seals private signing keys. Made on first start; only its owner may be able ' +
      'to read it. Keep a copy elsewhere: without it the signing keys cannot be opened.',
  },
  masterKeyCommand: {
    group: 'Data and keys',
    environment: 'MINTMARK_MASTER_KEY_COMMAND',
    flag: 'master-key-command',
    type: commandLine,
    default: null,
    defaultWords: 'none: the file',
    description:
      'A program with its arguments that writes the master key, 32 bytes in base64, to standard ' +
      'output, in place of the file: a key management service or a hardware module. It is run at ' +
      'the start of each process, without a shell; see [keys](keys.md).',
  },
  keyRotation: {
    group: 'Data and keys',
    environment: 'MINTMARK_KEY_ROTATION',
    flag: 'key-rotation',
    type: duration('2d', '3650d'),
    default: '90d',
    description:
      'How long a signing key signs before the next one takes over. Each stays in the key set ' +
      'for another year, so no shorter than two days.',
  },
  url: {
    group: 'Addresses',
    environment: 'MINTMARK_URL',
    flag: 'url',
    type: originUrl('http:', 'https:'),
    default: null,
    defaultWords: '`http://localhost:` and the port of `listen`',
    description: 'The domain URL: how callers reach this server. Discovery is made from it.',
  },
  secureUrl: {
    group: 'Addresses',
    environment: 'MINTMARK_SECURE_URL',
    flag: 'secure-url',
    type: originUrl('https:'),
    default: null,
    defaultWords: '`https://localhost:` and the port of `tls.listen`; none while that is off',
    description: 'The secure domain URL: where callers can present a client certificate.',
  },
  issuer: {
    group: 'Addresses',
    environment: 'MINTMARK_ISSUER',
    flag: 'issuer',
    type: issuerUrl,
    default: null,
    defaultWords: 'the setting of the domain, else the domain URL',
    description: 'Pins `iss` of tokens and discovery, so that administrators cannot change it.',
  },
  listen: {
    group: 'Doors',
    environment: 'MINTMARK_LISTEN',
    flag: 'listen',
    type: listenAddress,
    default: '127.0.0.1:8480',
    description:
      'The plain HTTP door. Beyond loopback only behind a proxy that does TLS: `trustedProxies` ' +
      'must name it.',
  },
  'tls.listen': {
    group: 'Doors',
    environment: 'MINTMARK_TLS_LISTEN',
    flag: 'tls-listen',
    type: listenAddressOrOff,
    default: 'off',
    description: 'The HTTPS door. It asks for a client certificate and does not demand one.',
  },
  'tls.cert': {
    group: 'Doors',
    environment: 'MINTMARK_TLS_CERT',
    flag: 'tls-cert',
    type: path,
    default: null,
    isReloaded: true,
    description: 'PEM file with the certificate of the HTTPS door, then its intermediates.',
  },
  'tls.key': {
    group: 'Doors',
    environment: 'MINTMARK_TLS_KEY',
    flag: 'tls-key',
    type: path,
    default: null,
    isReloaded: true,
    description: 'PEM file with the private key of that certificate, not encrypted.',
  },
  clientCa: {
    group: 'Doors',
    environment: 'MINTMARK_CLIENT_CA',
    flag: 'client-ca',
    type: listOf('paths', path),
    default: '',
    defaultWords: 'none',
    isReloaded: true,
    description: 'PEM files with the authorities whose client certificates are accepted.',
  },
  'metrics.listen': {
    group: 'Doors',
    environment: 'MINTMARK_METRICS_LISTEN',
    flag: 'metrics-listen',
    type: listenAddressOrOff,
    default: 'off',
    description: 'Moves `/metrics` to a door of its own; `off` leaves it on the plain door.',
  },
  trustedProxies: {
    group: 'Doors',
    environment: 'MINTMARK_TRUSTED_PROXIES',
    flag: 'trusted-proxies',
    type: networkRanges,
    default: '',
    defaultWords: 'none',
    description:
      'Proxies whose word is believed: who the caller is, that it came by HTTPS, and which ' +
      'client certificate it presented. Whoever sends from these addresses can claim all that.',
  },
  keySetsPrivate: {
    group: 'Doors',
    environment: 'MINTMARK_KEY_SETS_PRIVATE',
    flag: 'key-sets-private',
    type: truth,
    default: 'false',
    description: 'Whether the `jwks_uri` of a client may lead to loopback and private addresses.',
  },
  dpopNonces: {
    group: 'Doors',
    environment: 'MINTMARK_DPOP_NONCES',
    flag: 'dpop-nonces',
    type: choice('off', 'required'),
    default: 'off',
    description:
      '`required`: a DPoP proof at the token endpoint must carry a nonce of this server, so that ' +
      'none can be made long beforehand. It costs each client one more request now and then.',
  },
  workers: {
    group: 'Processes and log',
    environment: 'MINTMARK_WORKERS',
    flag: 'workers',
    type: integer(1, 64),
    default: '1',
    description: 'Processes that answer requests; one for each processor core at most.',
  },
  'log.level': {
    group: 'Processes and log',
    environment: 'MINTMARK_LOG_LEVEL',
    flag: 'log-level',
    type: choice(...logLevels),
    default: 'info',
    description:
      'The least important events logged; `info` has a line a refusal, `debug` one a request.',
  },
  'log.format': {
    group: 'Processes and log',
    environment: 'MINTMARK_LOG_FORMAT',
    flag: 'log-format',
    type: choice(...logFormats),
    default: 'json',
    description: 'One line of JSON an event, or one line for people.',
  },
  clientCache: {
    group: 'Processes and log',
    environment: 'MINTMARK_CLIENT_CACHE',
    flag: 'client-cache',
    type: integer(1, 10_000_000),
    default: '60000',
    description:
      'Applications that each worker keeps in memory, 384 bytes each; a large one counts as ' +
      'several. The memory is taken as it is filled.',
  },
  'bootstrap.clientId': {
    group: 'First administrator',
    environment: 'MINTMARK_BOOTSTRAP_CLIENT_ID',
    flag: 'bootstrap-client-id',
    type: chosenClientId,
    default: null,
    description:
      'On an empty data folder, makes one active application with this client id that holds ' +
      '*Identity Domain Administrator*. Ignored later, with a line in the log.',
  },
  'bootstrap.clientSecret': {
    group: 'First administrator',
    environment: 'MINTMARK_BOOTSTRAP_CLIENT_SECRET',
    flag: 'bootstrap-client-secret',
    type: clientSecret,
    default: null,
    isSecret: true,
    description: 'The client secret of that application.',
  },
  ...limitSettings,
} as const satisfies Readonly<Record<string, Setting>>

export type SettingKey = keyof typeof settings

type TypeValue<Type> =
  Type extends ListType<infer Value>
    ? readonly Value[]
    : Type extends ScalarType<infer Value>
      ? Value
      : never

/** The value of each setting; null where nothing is set and the default is computed or none. */
export type SettingValues = {
  readonly [Key in SettingKey]:
    | TypeValue<(typeof settings)[Key]['type']>
    | ((typeof settings)[Key]['default'] extends null ? null : never)
}

export const settingKeys = Object.keys(settings) as readonly SettingKey[]

/** The row of a setting, without the narrow type of its literals. */
export const settingOf = (key: SettingKey): Setting => settings[key]

/** How the setting is named in messages. */
export const settingName = (key: SettingKey): string => `${key} (${settings[key].environment})`
