/** What one route demands of a token beyond being valid: scopes and app roles. */
import { hierarchicalScopeCovers } from '@mintmark/protocol/identity-domain-scope'
import { ok, type Result } from '@mintmark/protocol/result'
import { isScopeToken } from '@mintmark/protocol/rfc6749-scope'
import { type GuardRefusal, refuse } from './guard-refusal.ts'
import type { ValidatedToken } from './validated-token.ts'

export interface RequirementMembers {
  /** Scopes that are all needed. */
  readonly scope?: string | readonly string[]
  /** Scopes of which one is enough. */
  readonly anyScope?: readonly string[]
  /** App roles that are all needed. */
  readonly role?: string | readonly string[]
  /** App roles of which one is enough. */
  readonly anyRole?: readonly string[]
  /** Names in `aud` of which one is enough, where a guard has several. */
  readonly audience?: string | readonly string[]
}

/** As a route writes it: a scope, several that are all needed, or an object. */
export type RequirementWish = string | readonly string[] | RequirementMembers

export interface Requirement {
  readonly scopes: readonly string[]
  readonly anyScope: readonly string[]
  readonly roles: readonly string[]
  readonly anyRole: readonly string[]
  /** Empty: any audience of the guard. */
  readonly audience?: readonly string[]
}

/** `orders.read orders.write` is two scopes. */
const scopesIn = (text: string): readonly string[] => text.split(' ')

const members = new Set(['scope', 'anyScope', 'role', 'anyRole', 'audience'])

const membersOf = (wish: RequirementWish | undefined): RequirementMembers => {
  if (wish === undefined) return {}
  if (typeof wish === 'string' || Array.isArray(wish)) return { scope: wish as readonly string[] }
  return wish as RequirementMembers
}

/**
 * Reads the demand of a route when the program starts, so that a slip cannot open a route.
 * @param wish nothing: any valid token will do
 * @throws TypeError for what is no scope, an empty list, or a member that nobody knows
 */
export const readRequirement = (wish: RequirementWish | undefined): Requirement => {
  const stated = membersOf(wish)
  for (const [name, value] of Object.entries(stated)) {
    if (!members.has(name)) throw new TypeError(`requires(): there is no '${name}'.`)
    const list = typeof value === 'string' ? [value] : value
    const isGood = Array.isArray(list) && list.length > 0
    if (!isGood || !list.every((each) => typeof each === 'string' && each !== '')) {
      throw new TypeError(`requires(): '${name}' is empty; leave it out or fill it.`)
    }
    if (name.toLowerCase().endsWith('scope') && !list.flatMap(scopesIn).every(isScopeToken)) {
      throw new TypeError(`requires(): ${JSON.stringify(value)} is no scope (RFC 6749 §3.3).`)
    }
  }
  const { scope = [], anyScope = [], role = [], anyRole = [], audience } = stated
  return {
    scopes: [scope].flat().flatMap(scopesIn),
    anyScope,
    roles: [role].flat(),
    anyRole,
    ...(audience !== undefined && { audience: [audience].flat() }),
  }
}

const holds = (token: ValidatedToken, scope: string): boolean => {
  if (token.scopes.has(scope)) return true
  if (!scope.startsWith('urn:opc:')) return false
  for (const each of token.scopes) if (hierarchicalScopeCovers(each, scope)) return true
  return false
}

/** Whether a valid token carries what a route demands. */
export const checkRequirement = (
  token: ValidatedToken,
  { scopes, anyScope, roles, anyRole, audience = [] }: Requirement,
): Result<true, GuardRefusal> => {
  if (audience.length > 0 && !audience.some((each) => token.audience.includes(each))) {
    const [expected, got] = [audience.join(' or '), token.audience.join(', ')]
    const detail = `Token is for audience ${got}, this route is for ${expected}`
    return refuse('AUDIENCE_MISMATCH', detail, { expected, got })
  }
  const missing = scopes.filter((each) => !holds(token, each))
  if (missing.length > 0) {
    const detail = `Token has no scope ${missing.join(' and no ')}`
    return refuse('SCOPE_MISSING', detail, { scope: scopes.join(' ') })
  }
  if (anyScope.length > 0 && !anyScope.some((each) => holds(token, each))) {
    const detail = `Token has none of the scopes ${anyScope.join(', ')}`
    return refuse('SCOPE_MISSING', detail, { scope: anyScope.join(' ') })
  }
  const lacking = roles.filter((each) => !token.roles.has(each))
  if (lacking.length > 0) {
    return refuse(
      'ROLE_MISSING',
      `Client ${token.clientId} has no app role ${lacking.join(' and no ')}`,
    )
  }
  if (anyRole.length > 0 && !anyRole.some((each) => token.roles.has(each))) {
    const detail = `Client ${token.clientId} has none of the app roles ${anyRole.join(', ')}`
    return refuse('ROLE_MISSING', detail)
  }
  return ok(true)
}
