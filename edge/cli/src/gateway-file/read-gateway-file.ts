/** The file of a gateway: what is wrong with it is found all at once, each with its place. */
import { type GatewayLimits, gatewayLimitsUsual } from '@mintmark/gateway/gateway-settings'
import {
  type IdentityFieldNames,
  identityFieldsUsual,
  spellingKey,
} from '@mintmark/gateway/identity-fields'
import { isRange } from '@mintmark/gateway/trusted-proxies'
import { fail, ok, type Result } from '@mintmark/protocol/result'
import type { Mistake, SourceFile } from '../domain-file/mistake.ts'
import {
  openFile,
  readDuration,
  readFields,
  readFlag,
  readItems,
  readText,
  report,
  type Value,
} from '../domain-file/yaml-node.ts'
import type { GatewayFile } from './gateway-file.ts'
import { readRoutes, readUpstream } from './read-gateway-routes.ts'
import { readGuardPart } from './read-guard-part.ts'

const known = [
  'listen',
  'metrics',
  'upstream',
  'issuer',
  'audience',
  'profile',
  'discoveryUrl',
  'allowHttp',
  'introspection',
  'accounts',
  'revocations',
  'dpop',
  'certificates',
  'routes',
  'identity',
  'passToken',
  'forwardAuth',
  'trustedProxies',
  'limits',
  'tls',
]

const readListen = (value: Value | undefined): GatewayFile['metrics'] => {
  const text = readText(value)
  if (value === undefined || text === null) return null
  const [, host = '', port = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/
    .exec(text)
    ?.filter((part) => part !== undefined) ?? ['', '', '']
  if (host !== '' && Number(port) <= 65_535) return { host, port: Number(port) }
  return report(value, `"${text}" is no address.`, 'Write host and port: 127.0.0.1:8490.')
}

const fieldName = /^[A-Za-z][A-Za-z0-9-]{0,63}$/
const reservedNames: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'content-length', 'transfer-encoding', 'cookie', 'authorization'],
  ...['upgrade', 'te', 'trailer', 'expect', 'keep-alive', 'content-type', 'x-forwarded-for'],
])

const readIdentity = (value: Value | undefined): IdentityFieldNames => {
  const names = Object.keys(identityFieldsUsual) as (keyof IdentityFieldNames)[]
  const fields = value === undefined ? null : readFields(value, names)
  if (fields === null) return identityFieldsUsual
  const keys = new Set<string>()
  const read = names.map((each) => {
    const field = fields.get(each)
    const text = readText(field)
    if (field === undefined || text === null) return [each, null] as const
    const key = spellingKey(text)
    if (!fieldName.test(text) || reservedNames.has(key) || keys.has(key)) {
      report(field, `"${text}" cannot name this field.`, 'Letters, digits and hyphens, once each.')
    }
    keys.add(key)
    return [each, text] as const
  })
  return Object.fromEntries(read) as unknown as IdentityFieldNames
}

const readTrusted = (value: Value | undefined): readonly string[] =>
  readItems(value).flatMap((item) => {
    const text = readText(item)
    if (text === null) return []
    if (isRange(text)) return [text]
    report(item, `"${text}" is no address.`, 'Write 127.0.0.1 or 10.0.0.0/8.')
    return []
  })

const limitFields = {
  headerBytes: 'headerBytesMax',
  bodyBytes: 'bodyBytesMax',
  connections: 'connectionsMax',
  headTimeout: 'headTimeoutMs',
  requestTimeout: 'requestTimeoutMs',
  silenceTimeout: 'silenceTimeoutMs',
  connectTimeout: 'connectTimeoutMs',
} as const satisfies Readonly<Record<string, keyof GatewayLimits>>

const readCount = (value: Value): number | null => {
  const scalar = (value.node as { value?: unknown } | null)?.value
  if (typeof scalar === 'number' && Number.isSafeInteger(scalar) && scalar > 0) return scalar
  return report(value, 'This must be a whole number above 0.')
}

const readLimits = (value: Value | undefined): GatewayLimits => {
  const fields = value === undefined ? null : readFields(value, Object.keys(limitFields))
  const limits: { -readonly [Name in keyof GatewayLimits]: number } = { ...gatewayLimitsUsual }
  for (const [name, member] of Object.entries(limitFields)) {
    const field = fields?.get(name)
    if (field === undefined) continue
    const isTime = member.endsWith('Ms')
    const read = isTime ? readDuration(field) : readCount(field)
    if (read !== null) limits[member] = isTime ? read * 1000 : read
  }
  return limits
}

const readTls = (value: Value | undefined): GatewayFile['tls'] => {
  const fields = value === undefined ? null : readFields(value, ['certificate', 'key'])
  if (value === undefined || fields === null) return null
  const certificate = readText(fields.get('certificate'))
  const key = readText(fields.get('key'))
  if (certificate !== null && key !== null) return { certificate, key }
  return report(value, 'TLS needs two files.', 'Give certificate and key, in PEM.')
}

/** @returns what the file says, or every mistake in it */
export const readGatewayFile = (source: SourceFile): Result<GatewayFile, readonly Mistake[]> => {
  const mistakes: Mistake[] = []
  const root = openFile(source, mistakes)
  const fields = root === null ? null : readFields(root, known)
  if (root === null || fields === null) return fail(mistakes)
  const guard = readGuardPart(root, fields)
  const file: GatewayFile = {
    listen: readListen(fields.get('listen')) ?? { host: '127.0.0.1', port: 8490 },
    metrics: readListen(fields.get('metrics')),
    upstream: readUpstream(fields.get('upstream')),
    guard,
    routes: readRoutes(root, fields, guard.audience),
    identity: readIdentity(fields.get('identity')),
    passToken: readFlag(fields.get('passToken')) ?? false,
    forwardAuth: readFlag(fields.get('forwardAuth')) ?? false,
    trustedProxies: readTrusted(fields.get('trustedProxies')),
    limits: readLimits(fields.get('limits')),
    tls: readTls(fields.get('tls')),
  }
  const isLed = file.routes.length > 0 && file.routes.every(({ upstream }) => upstream)
  if (!fields.has('upstream') && !file.forwardAuth && !isLed) {
    report(root, 'There is neither upstream nor forwardAuth.', 'Name the API: upstream: http://…')
  }
  if (file.forwardAuth && file.routes.some(({ hosts }) => hosts !== undefined)) {
    const fix = 'The proxy that asks has hosts of its own; leave host out, or run two gateways.'
    report(fields.get('forwardAuth') as Value, 'Routes have hosts, and proxies ask.', fix)
  }
  if (file.forwardAuth && file.trustedProxies.length === 0) {
    const fix = 'List who may ask: trustedProxies: [127.0.0.1]'
    report(fields.get('forwardAuth') as Value, 'No proxy is trusted.', fix)
  }
  return mistakes.length > 0 ? fail(mistakes) : ok(file)
}
