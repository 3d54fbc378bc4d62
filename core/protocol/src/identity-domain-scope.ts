/**
 * The scopes that an identity domain reads for itself, beside those that resource servers define:
 * my-scopes, the scopes of one role, every resource of the domain, a lifetime, several resources at
 * once. They are URNs, so they fit RFC 6749 §3.3 and come as ordinary scope-tokens.
 */
import { type Refusal, refuse } from './refusal.ts'
import { ok, type Result } from './result.ts'

/** Both spellings are in use: two underscores in most clients, one in some documentation. */
export const myScopesTokens: ReadonlySet<string> = new Set([
  'urn:opc:idm:__myscopes__',
  'urn:opc:idm:_myscopes_',
])
export const rolePrefix = 'urn:opc:idm:role.'
export const consumerAllToken = 'urn:opc:resource:consumer::all'
export const multiResourceToken = 'urn:opc:resource:multiresourcescope'
export const expiryPrefix = 'urn:opc:resource:expiry='
export const expirySecondsMax = 31_536_000
const roleNameCharsMax = 256

/** One scope parameter, with the domain's own forms taken out of it. */
export interface RequestedScopes {
  /** What resource servers define: scopes and fully qualified scopes, in the order sent. */
  readonly plain: readonly string[]
  /** All scopes conferred by the domain's own roles that the client holds. */
  readonly myScopes: boolean
  /** Only those of these roles. */
  readonly roleNames: readonly string[]
  /** Bare `urn:opc:resource:consumer::all`: whatever the issuance policy reaches. */
  readonly consumerAll: boolean
  readonly expirySeconds: number | null
  /** One token for each resource server named. */
  readonly multiResource: boolean
}

/**
 * Role names have spaces, and scopes are split at spaces after the form was decoded: the name is
 * percent-encoded once more inside its token.
 */
const readRoleName = (token: string): string | null => {
  try {
    const name = decodeURIComponent(token.slice(rolePrefix.length))
    const isName = name !== '' && name.length <= roleNameCharsMax && !/\p{Cc}/u.test(name)
    return isName ? name : null
  } catch {
    return null
  }
}

const readExpirySeconds = (token: string): number | null => {
  const digits = token.slice(expiryPrefix.length)
  if (!/^[0-9]{1,8}$/.test(digits)) return null
  const seconds = Number(digits)
  return seconds >= 1 && seconds <= expirySecondsMax ? seconds : null
}

/**
 * Sorts scope-tokens into the domain's own forms and all others.
 * @param tokens from `parseScope`: well-formed, each once
 * @returns EXPIRY_MALFORMED for an expiry that is no number from 1 to 31536000 or comes twice,
 * SCOPE_MALFORMED for a role without a readable name, SCOPE_STANDS_ALONE for consumer::all beside
 * anything but an expiry
 */
export const readIdentityDomainScopes = (
  tokens: readonly string[],
): Result<RequestedScopes, Refusal> => {
  const plain: string[] = []
  const roleNames: string[] = []
  let myScopes = false
  let consumerAll = false
  let multiResource = false
  let expirySeconds: number | null = null
  for (const token of tokens) {
    if (!token.startsWith('urn:opc:')) plain.push(token)
    else if (myScopesTokens.has(token)) myScopes = true
    else if (token === consumerAllToken) consumerAll = true
    else if (token === multiResourceToken) multiResource = true
    else if (token.startsWith(expiryPrefix)) {
      const seconds = readExpirySeconds(token)
      if (seconds === null || expirySeconds !== null) return refuse('EXPIRY_MALFORMED')
      expirySeconds = seconds
    } else if (token.startsWith(rolePrefix)) {
      const roleName = readRoleName(token)
      if (roleName === null) {
        return refuse('SCOPE_MALFORMED', { detail: `'${token}' does not name a role.` })
      }
      if (!roleNames.includes(roleName)) roleNames.push(roleName)
    } else plain.push(token)
  }
  if (consumerAll && (plain.length > 0 || roleNames.length > 0 || myScopes || multiResource)) {
    return refuse('SCOPE_STANDS_ALONE')
  }
  return ok({ plain, myScopes, roleNames, consumerAll, expirySeconds, multiResource })
}

/**
 * `prefix:path…::qualifier`, only where the domain defines it: below `urn:opc:resource:consumer`.
 */
const splitHierarchy = (scope: string): { path: string; qualifier: string } | null => {
  const match = /^(urn:opc:resource:consumer(?::[^:]+)*)::([^:]+)$/.exec(scope)
  return match === null ? null : { path: match[1]!, qualifier: match[2]! }
}

/**
 * Whether an allowed scope covers a requested one: equal, or of the same qualifier and further down
 * the same path. `…consumer:paas::read` covers `…consumer:paas:analytics::read`, not `…::write`.
 * @param allowed without its audience: a longer path must never turn into another audience
 * @param requested without its audience
 */
export const hierarchicalScopeCovers = (allowed: string, requested: string): boolean => {
  if (allowed === requested) return true
  const above = splitHierarchy(allowed)
  const below = splitHierarchy(requested)
  if (above === null || below === null) return false
  return above.qualifier === below.qualifier && below.path.startsWith(`${above.path}:`)
}

/** A scope and all that would cover it, from below to above. Both without their audience. */
export const coveringScopes = (scope: string): readonly string[] => {
  const parts = splitHierarchy(scope)
  if (parts === null) return [scope]
  const { path, qualifier } = parts
  const segments = path.split(':')
  const shortest = 'urn:opc:resource:consumer'.split(':').length
  const shorter = Array.from({ length: segments.length - shortest }, (_, at) =>
    segments.slice(0, segments.length - 1 - at).join(':'),
  )
  return [scope, ...shorter.map((above) => `${above}::${qualifier}`)]
}
