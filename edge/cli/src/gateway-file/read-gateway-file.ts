/** The file of a gateway: what is wrong with it is found all at once, each with its place. */
import type { GatewayRoute } from '@mintmark/gateway/gateway-route'
import { patternKey, readPattern } from '@mintmark/gateway/gateway-route'
import { type GatewayLimits, gatewayLimitsUsual } from '@mintmark/gateway/gateway-settings'
import {
  type IdentityFieldNames,
  identityFieldsUsual,
  spellingKey,
} from '@mintmark/gateway/identity-fields'
import { isRange } from '@mintmark/gateway/trusted-proxies'
import { type Requirement, readRequirement } from '@mintmark/guard/requirement'
import { fail, ok, type Result } from '@mintmark/protocol/result'
import type { Mistake, SourceFile } from '../domain-file/mistake.ts'
import {
  isText,
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
import { readGuardPart } from './read-guard-part.ts'

const known = [
  'listen',
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

type Fields = ReadonlyMap<string, Value>

const readListen = (value: Value | undefined): GatewayFile['listen'] => {
  const text = readText(value)
  const fallback = { host: '127.0.0.1', port: 8490 }
  if (value === undefined || text === null) return fallback
  const [, host = '', port = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/
    .exec(text)
    ?.filter((part) => part !== undefined) ?? ['', '', '']
  if (host !== '' && Number(port) <= 65_535) return { host, port: Number(port) }
  report(value, `"${text}" is no address.`, 'Write host and port: 127.0.0.1:8490.')
  return fallback
}

const readUpstream = (value: Value | undefined): string | null => {
  const text = readText(value)
  if (value === undefined || text === null) return null
  const url = URL.canParse(text) ? new URL(text) : null
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/'
  if (isOrigin && url.search === '' && url.username === '' && url.hash === '') return url.origin
  return report(value, `"${text}" is no origin.`, 'Scheme, host and port: http://127.0.0.1:3000.')
}

const methodText = /^[A-Z][A-Z-]{0,31}$/

const readMethods = (value: Value | undefined): readonly string[] =>
  readItems(value).flatMap((item) => {
    const text = readText(item)
    if (text === null) return []
    if (methodText.test(text)) return [text]
    report(item, `"${text}" is no method.`, 'Methods are written in capitals: GET.')
    return []
  })

/** A text or a list of them. */
const readTexts = (value: Value): readonly string[] =>
  (isText(value) ? [value] : readItems(value)).flatMap((each) => readText(each) ?? [])

const demands = ['scope', 'anyScope', 'role', 'anyRole'] as const

const readDemand = (route: Value, fields: Fields): Requirement | null | undefined => {
  const stated = demands.filter((name) => fields.has(name))
  const isPublic = readFlag(fields.get('public')) === true
  const isAuthenticated = readFlag(fields.get('authenticated')) === true
  if ([isPublic, isAuthenticated, stated.length > 0].filter(Boolean).length !== 1) {
    const fix = 'Give scope, anyScope, role or anyRole; or authenticated: true; or public: true.'
    report(route, 'A route demands something, or is public.', fix)
    return undefined
  }
  if (isPublic) return null
  const wish = stated.map((name) => [name, readTexts(fields.get(name) as Value)] as const)
  try {
    return readRequirement(Object.fromEntries(wish))
  } catch (error) {
    report(route, String((error as Error).message).replace('requires(): ', ''))
    return undefined
  }
}

const routeFields = ['path', 'methods', 'public', 'authenticated', ...demands]

const readRoute = (item: Value): readonly (GatewayRoute & { readonly place: Value })[] => {
  const fields = readFields(item, routeFields)
  if (fields === null) return []
  const path = fields.get('path')
  const text = readText(path)
  if (path === undefined) report(item, 'A route has a path.', 'E.g. path: /orders/**')
  const methods = readMethods(fields.get('methods'))
  if (fields.has('methods') && methods.length === 0) {
    report(item, 'The list of methods is empty.', 'Leave methods out to let all in.')
  }
  const requirement = readDemand(item, fields)
  if (path === undefined || text === null || requirement === undefined) return []
  const pattern = readPattern(text)
  if (!pattern.ok) {
    report(path, pattern.failure)
    return []
  }
  return [{ pattern: pattern.value, methods, requirement, place: path }]
}

const readRoutes = (root: Value, fields: Fields): readonly GatewayRoute[] => {
  const routes = readItems(fields.get('routes')).flatMap(readRoute)
  if (!fields.has('routes')) report(root, 'There are no routes.', 'Nothing goes through without.')
  const seen = new Map<string, number>()
  for (const { pattern, methods, place } of routes) {
    for (const method of methods.length === 0 ? ['*'] : methods) {
      const key = `${method} ${patternKey(pattern)}`
      const line = seen.get(key) ?? seen.get(`* ${patternKey(pattern)}`)
      if (line !== undefined) report(place, `Line ${line} has a route for this already.`)
      seen.set(key, place.at.line)
    }
  }
  return routes.map(({ pattern, methods, requirement }) => ({ pattern, methods, requirement }))
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
  const file: GatewayFile = {
    listen: readListen(fields.get('listen')),
    upstream: readUpstream(fields.get('upstream')),
    guard: readGuardPart(root, fields),
    routes: readRoutes(root, fields),
    identity: readIdentity(fields.get('identity')),
    passToken: readFlag(fields.get('passToken')) ?? false,
    forwardAuth: readFlag(fields.get('forwardAuth')) ?? false,
    trustedProxies: readTrusted(fields.get('trustedProxies')),
    limits: readLimits(fields.get('limits')),
    tls: readTls(fields.get('tls')),
  }
  if (!fields.has('upstream') && !file.forwardAuth) {
    report(root, 'There is neither upstream nor forwardAuth.', 'Name the API: upstream: http://…')
  }
  if (file.forwardAuth && file.trustedProxies.length === 0) {
    const fix = 'List who may ask: trustedProxies: [127.0.0.1]'
    report(fields.get('forwardAuth') as Value, 'No proxy is trusted.', fix)
  }
  return mistakes.length > 0 ? fail(mistakes) : ok(file)
}
