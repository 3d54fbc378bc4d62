/** Routes of a gateway's file: what each demands, of which hosts, and where it leads. */
import { type GatewayRoute, patternKey, readPattern } from '@mintmark/gateway/gateway-route'
import { type Requirement, readRequirement } from '@mintmark/guard/requirement'
import {
  isText,
  readFields,
  readFlag,
  readItems,
  readText,
  report,
  type Value,
} from '../domain-file/yaml-node.ts'

type Fields = ReadonlyMap<string, Value>

/** An origin: `http://host:port`. */
export const readUpstream = (value: Value | undefined): string | null => {
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

const hostText = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/

const readHosts = (value: Value | undefined): readonly string[] =>
  (value === undefined ? [] : readTexts(value)).flatMap((text) => {
    const name = text.toLowerCase()
    if (hostText.test(name)) return [name]
    report(value as Value, `"${text}" is no host.`, 'A name or IPv4 address, without a port.')
    return []
  })

/** Names of `aud` that this route takes, of those of the gateway. */
const readOwnAudience = (value: Value | undefined, all: readonly string[]): readonly string[] =>
  (value === undefined ? [] : readTexts(value)).flatMap((text) => {
    if (all.includes(text)) return [text]
    report(value as Value, `"${text}" is not in audience.`, `There is: ${all.join(', ')}.`)
    return []
  })

const readDemand = (
  route: Value,
  fields: Fields,
  audiences: readonly string[],
): Requirement | null | undefined => {
  const stated = demands.filter((name) => fields.has(name))
  const isPublic = readFlag(fields.get('public')) === true
  const isAuthenticated = readFlag(fields.get('authenticated')) === true
  if ([isPublic, isAuthenticated, stated.length > 0].filter(Boolean).length !== 1) {
    const fix = 'Give scope, anyScope, role or anyRole; or authenticated: true; or public: true.'
    report(route, 'A route demands something, or is public.', fix)
    return undefined
  }
  const audience = readOwnAudience(fields.get('audience'), audiences)
  if (isPublic) {
    if (fields.has('audience')) report(route, 'A public route looks at no token.', 'Drop audience.')
    return null
  }
  const wish = stated.map((name) => [name, readTexts(fields.get(name) as Value)] as const)
  const more = audience.length > 0 ? { audience } : {}
  try {
    return readRequirement({ ...Object.fromEntries(wish), ...more })
  } catch (error) {
    report(route, String((error as Error).message).replace('requires(): ', ''))
    return undefined
  }
}

const routeFields = [
  ...['path', 'methods', 'host', 'upstream', 'audience', 'public', 'authenticated'],
  ...demands,
]

type PlacedRoute = GatewayRoute & { readonly place: Value }

const readRoute = (item: Value, audiences: readonly string[]): readonly PlacedRoute[] => {
  const fields = readFields(item, routeFields)
  if (fields === null) return []
  const path = fields.get('path')
  const text = readText(path)
  if (path === undefined) report(item, 'A route has a path.', 'E.g. path: /orders/**')
  const methods = readMethods(fields.get('methods'))
  if (fields.has('methods') && methods.length === 0) {
    report(item, 'The list of methods is empty.', 'Leave methods out to let all in.')
  }
  const requirement = readDemand(item, fields, audiences)
  const hosts = readHosts(fields.get('host'))
  const upstream = readUpstream(fields.get('upstream'))
  if (path === undefined || text === null || requirement === undefined) return []
  const pattern = readPattern(text)
  if (!pattern.ok) {
    report(path, pattern.failure)
    return []
  }
  const more = {
    ...(fields.has('host') && { hosts }),
    ...(upstream !== null && { upstream }),
  }
  return [{ pattern: pattern.value, methods, requirement, ...more, place: path }]
}

/** Two routes of one host, pattern and method: which of them counted would be chance. */
const reportTwins = (routes: readonly PlacedRoute[]): void => {
  const seen = new Map<string, number>()
  for (const { pattern, methods, hosts = [''], place } of routes) {
    for (const host of hosts) {
      for (const method of methods.length === 0 ? ['*'] : methods) {
        const where = `${host} ${patternKey(pattern)}`
        const line = seen.get(`${method} ${where}`) ?? seen.get(`* ${where}`)
        if (line !== undefined) report(place, `Line ${line} has a route for this already.`)
        seen.set(`${method} ${where}`, place.at.line)
      }
    }
  }
}

/** @param audiences those of the gateway, of which a route may take some only */
export const readRoutes = (
  root: Value,
  fields: Fields,
  audiences: readonly string[],
): readonly GatewayRoute[] => {
  const routes = readItems(fields.get('routes')).flatMap((item) => readRoute(item, audiences))
  if (!fields.has('routes')) report(root, 'There are no routes.', 'Nothing goes through without.')
  reportTwins(routes)
  return routes.map(({ place: _, ...route }) => route)
}
