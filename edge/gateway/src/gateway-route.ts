/** Which rule a path falls under: the most specific one alone; a path without a rule is refused. */
import type { Requirement } from '@mintmark/guard/requirement'
import { fail, ok, type Result } from '@mintmark/protocol/result'
import { readRequestTarget } from './request-target.ts'

export interface GatewayRoute {
  /** `/orders`, `/orders/*`, `/orders/**`. */
  readonly pattern: string
  /** Empty: all. GET lets HEAD in too. */
  readonly methods: readonly string[]
  /** null: public, nothing is demanded. */
  readonly requirement: Requirement | null
  /** Hosts whose requests it is for, in small letters; absent: those that no route names. */
  readonly hosts?: readonly string[]
  /** Origin of its API; absent: the gateway's `upstream`. */
  readonly upstream?: string
}

type Part = string

/** One segment, whatever it is; and all that follows, also nothing. */
const one: Part = '*'
const rest: Part = '**'

const partsOf = (pattern: string): readonly Part[] => {
  const parts = pattern.slice(1).split('/')
  // The path with a slash at its end is the same thing to most APIs, so it has the same rule.
  return parts.at(-1) === '' ? parts.slice(0, -1) : parts
}

/**
 * Puts a pattern into the form that paths have.
 * @returns what is wrong with it, for the operator
 */
export const readPattern = (text: string): Result<string, string> => {
  if (text.includes('?')) return fail('A path has no query.')
  const parts = text.slice(1).split('/')
  const isWild = (part: string) => part === one || part === rest
  if (parts.some((part) => part.includes('*') && !isWild(part))) {
    return fail('A star stands alone between two slashes: /orders/*/lines.')
  }
  if (parts.slice(0, -1).includes(rest)) return fail('Two stars stand at the end only.')
  const read = readRequestTarget(text)
  return read.ok ? ok(read.value.path) : fail(`This path ${read.failure}.`)
}

const matches = (pattern: readonly Part[], path: readonly string[]): boolean => {
  const isOpen = pattern.at(-1) === rest
  const fixed = isOpen ? pattern.slice(0, -1) : pattern
  if (isOpen ? path.length < fixed.length : path.length !== fixed.length) return false
  return fixed.every((part, at) => part === one || part === path[at])
}

const rank = (part: Part | undefined): number => {
  if (part === rest) return 2
  return part === one ? 1 : 0
}

/** Whether of two patterns for one path the first says more about it. */
const isNarrower = (a: readonly Part[], b: readonly Part[]): boolean => {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const difference = rank(a[at]) - rank(b[at])
    if (difference !== 0) return difference < 0
  }
  return false
}

/** Two patterns that cover the same paths, so that neither would be the narrower one. */
export const patternKey = (pattern: string): string => partsOf(pattern).join('/')

const letsIn = ({ methods }: GatewayRoute, method: string): boolean =>
  methods.length === 0 || methods.includes(method) || (method === 'HEAD' && methods.includes('GET'))

export type RouteFault =
  | { readonly kind: 'no-route' }
  | { readonly kind: 'no-method'; readonly allow: readonly string[] }

interface Candidate {
  readonly parts: readonly Part[]
  readonly routes: readonly GatewayRoute[]
}

type FindRoute = (method: string, path: string) => Result<GatewayRoute, RouteFault>

/** Patterns of equal parts are one rule with several sets of methods. */
const createHostTable = (routes: readonly GatewayRoute[]): FindRoute => {
  const groups = Map.groupBy(routes, ({ pattern }) => patternKey(pattern))
  const candidates: readonly Candidate[] = [...groups.values()].map((group) => ({
    parts: partsOf(group[0]?.pattern ?? '/'),
    routes: group,
  }))
  return (method, path) => {
    const parts = partsOf(path)
    const narrowest = candidates.reduce<Candidate | null>((best, each) => {
      if (!matches(each.parts, parts)) return best
      return best === null || isNarrower(each.parts, best.parts) ? each : best
    }, null)
    if (narrowest === null) return fail({ kind: 'no-route' })
    const route = narrowest.routes.find((each) => letsIn(each, method))
    if (route !== undefined) return ok(route)
    const allow = narrowest.routes.flatMap(({ methods }) => methods)
    return fail({ kind: 'no-method', allow: [...new Set(allow)] })
  }
}

/**
 * Prepares the look-up of rules. The narrowest pattern is the rule: a method that it does not list
 * is refused, never left to a wider one. A host that a route names has only the routes that name
 * it; all others have those without hosts.
 */
export const createRouteTable = (routes: readonly GatewayRoute[]) => {
  const hosts = new Set(routes.flatMap((each) => each.hosts ?? []))
  const tables = new Map<string, FindRoute>()
  for (const host of hosts) {
    tables.set(host, createHostTable(routes.filter((each) => each.hosts?.includes(host))))
  }
  const others = createHostTable(routes.filter((each) => each.hosts === undefined))
  return (
    method: string,
    path: string,
    host: string | null = null,
  ): Result<GatewayRoute, RouteFault> => (tables.get(host ?? '') ?? others)(method, path)
}

export type RouteTable = ReturnType<typeof createRouteTable>
