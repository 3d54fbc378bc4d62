import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import {
  expiryPrefix,
  multiResourceToken,
  myScopesTokens,
  rolePrefix,
} from '@mintmark/protocol/identity-domain-scope'
import { ok, type Result } from '@mintmark/protocol/result'
import { isScopeToken } from '@mintmark/protocol/rfc6749-scope'
import type { ResourceServerFacet } from '@mintmark/registry/application'
import { fullyQualifiedScope } from '@mintmark/registry/scope'
import { lifetimeSecondsMax } from '../token/decide-lifetime.ts'
import type { ApplicationView } from './application-wish.ts'
import { checkTokenAllowance } from './check-token-allowance.ts'
import { audiencesOf } from './resource-server-index.ts'

export const audienceCharsMax = 1000
export const scopeValueCharsMax = 500
export const scopesMax = 1000
export const secondaryAudiencesMax = 50
export const tokenLifetimeSecondsMin = 60

/** Audiences that the domain itself speaks for. */
const reservedAudiencePrefixes = ['urn:opc:lbaas:logicalguid=', 'urn:opc:resource:scope:']
/** Scopes that the token endpoint reads for itself: an API could never be asked for them. */
const reservedScopePrefixes = [rolePrefix, expiryPrefix, 'urn:opc:idm:t.']

const withoutSlash = (text: string): string => text.replace(/\/+$/, '').toLowerCase()

const checkAudience = (
  audience: string,
  ownId: string | null,
  view: ApplicationView,
): Result<null, AdministrationRefusal> => {
  const at = 'audience'
  // RFC 6749 §3.3: it becomes the first part of a scope, so it has the characters of one.
  if (!isScopeToken(audience) || audience.length > audienceCharsMax) {
    return refuseChange('VALUE_INVALID', `"${audience.slice(0, 100)}" cannot be an audience.`, {
      why: `It has 1 to ${audienceCharsMax} printable ASCII characters without space, " and \\.`,
      at,
    })
  }
  const reserved =
    reservedAudiencePrefixes.some((prefix) => audience.startsWith(prefix)) ||
    view.reservedAudiences.some((each) => withoutSlash(each) === withoutSlash(audience))
  if (reserved) {
    return refuseChange(
      'VALUE_RESERVED',
      `The audience "${audience}" is the identity domain's own.`,
      {
        fix: 'Use the address of the API.',
        at,
      },
    )
  }
  const owner = view.resourceServers.byAudience.get(audience)
  if (owner === undefined || owner.id === ownId) return ok(null)
  // RFC 9068 §5: two APIs under one name would accept each other's tokens.
  return refuseChange(
    'VALUE_TAKEN',
    `The audience "${audience}" is taken by '${owner.displayName}'.`,
    {
      at,
    },
  )
}

const checkScope = (value: string): Result<null, AdministrationRefusal> => {
  const at = 'scopes'
  if (!isScopeToken(value) || value.length > scopeValueCharsMax) {
    return refuseChange('VALUE_INVALID', `"${value.slice(0, 100)}" cannot be a scope.`, {
      why: `It has 1 to ${scopeValueCharsMax} printable ASCII characters without space, " and \\.`,
      at,
    })
  }
  const reserved =
    myScopesTokens.has(value) ||
    value === multiResourceToken ||
    reservedScopePrefixes.some((prefix) => value.startsWith(prefix))
  if (!reserved) return ok(null)
  return refuseChange('VALUE_RESERVED', `The scope "${value}" has a meaning of its own.`, { at })
}

const checkScopes = (
  facet: ResourceServerFacet,
  ownId: string | null,
  view: ApplicationView,
): Result<null, AdministrationRefusal> => {
  const at = 'scopes'
  if (facet.scopes.length > scopesMax) {
    return refuseChange('VALUE_INVALID', `An API has at most ${scopesMax} scopes.`, { at })
  }
  const seen = new Set<string>()
  for (const { value } of facet.scopes) {
    const fits = checkScope(value)
    if (!fits.ok) return fits
    if (seen.has(value)) {
      return refuseChange('VALUE_INVALID', `The scope "${value}" is there twice.`, { at })
    }
    seen.add(value)
    for (const audience of audiencesOf(facet)) {
      const fqs = fullyQualifiedScope(audience, value)
      const owner = view.resourceServers.byFullyQualifiedScope.get(fqs)
      if (owner !== undefined && owner.id !== ownId) {
        return refuseChange(
          'VALUE_TAKEN',
          `"${fqs}" is a scope of '${owner.displayName}' already.`,
          {
            why: 'Audience and scope together must name one thing.',
            at,
          },
        )
      }
    }
  }
  return ok(null)
}

const checkProfile = (facet: ResourceServerFacet): Result<null, AdministrationRefusal> => {
  if (facet.profile !== 'identity-domain' || facet.algorithm === 'RS256') return ok(null)
  return refuseChange('VALUE_INVALID', 'The identity-domain profile signs with RS256 only.', {
    fix: 'Set tokenProfile to rfc9068, or leave signingAlgorithm out.',
    at: 'signingAlgorithm',
  })
}

const checkLifetime = (seconds: number | null): Result<null, AdministrationRefusal> => {
  if (seconds === null) return ok(null)
  if (seconds >= tokenLifetimeSecondsMin && seconds <= lifetimeSecondsMax) return ok(null)
  return refuseChange(
    'VALUE_INVALID',
    `accessTokenExpiry must be ${tokenLifetimeSecondsMin} to ${lifetimeSecondsMax} seconds.`,
    { at: 'accessTokenExpiry' },
  )
}

/**
 * Judges the resource server side of an application.
 * @param ownId id of the application itself; null while it does not exist yet
 */
export const checkResourceServerFacet = (
  facet: ResourceServerFacet,
  ownId: string | null,
  view: ApplicationView,
): Result<null, AdministrationRefusal> => {
  const audiences = audiencesOf(facet)
  if (facet.secondaryAudiences.length > secondaryAudiencesMax) {
    return refuseChange('VALUE_INVALID', `At most ${secondaryAudiencesMax} secondary audiences.`, {
      at: 'secondaryAudiences',
    })
  }
  const repeated = audiences.find((each, at) => audiences.indexOf(each) !== at)
  if (repeated !== undefined) {
    return refuseChange('VALUE_INVALID', `The audience "${repeated}" is there twice.`, {
      at: 'secondaryAudiences',
    })
  }
  for (const audience of audiences) {
    const fits = checkAudience(audience, ownId, view)
    if (!fits.ok) return fits
  }
  const scopes = checkScopes(facet, ownId, view)
  if (!scopes.ok) return scopes
  const profile = checkProfile(facet)
  if (!profile.ok) return profile
  const lifetime = checkLifetime(facet.tokenLifetimeSeconds)
  return lifetime.ok ? checkTokenAllowance(facet.allowance, 'api') : lifetime
}
