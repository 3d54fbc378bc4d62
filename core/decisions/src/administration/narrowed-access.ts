/** What a change of an application takes from others, and from itself: the tokens that end. */
import { consumerAllToken } from '@mintmark/protocol/identity-domain-scope'
import type { Application, ClientFacet, ResourceServerFacet } from '@mintmark/registry/application'
import type { IssuancePolicy } from '@mintmark/registry/issuance-policy'
import type { AttachedCertificate } from './application-wish.ts'
import { sameValue } from './change.ts'
import { audiencesOf, type ResourceServerIndex } from './resource-server-index.ts'

const reach = { Explicit: 0, Tags: 1, Account: 2 } as const

const lacks = <T>(before: readonly T[], after: readonly T[]): boolean =>
  before.some((each) => !after.some((other) => sameValue(each, other)))

/** Whether a client reaches fewer APIs by its policy alone; which ones, nobody has listed. */
const reachesLess = (before: IssuancePolicy, after: IssuancePolicy): boolean => {
  if (before.trustScope === 'Explicit') return false
  if (reach[after.trustScope] < reach[before.trustScope]) return true
  if (before.trustScope === 'Tags' && after.trustScope === 'Tags') {
    if (lacks(before.allowedTags, after.allowedTags)) return true
  }
  const isWide = ({ allowedScopes }: IssuancePolicy) => allowedScopes.includes(consumerAllToken)
  return isWide(before) && !isWide(after)
}

/** The audiences at which a client may do less than before; `all`: it is not known which. */
export const audiencesLost = (
  before: ClientFacet,
  after: ClientFacet,
  servers: ResourceServerIndex,
): readonly string[] | 'all' => {
  if (reachesLess(before.policy, after.policy)) return 'all'
  const kept = new Set(after.policy.allowedScopes)
  const lost = before.policy.allowedScopes.filter((fqs) => !kept.has(fqs))
  const found = lost.flatMap((fqs) => servers.byFullyQualifiedScope.get(fqs)?.resourceServer ?? [])
  return [...new Set(found.flatMap(audiencesOf))]
}

/** Audiences of an API whose tokens say more than it grants now, or name what it is no more. */
export const audiencesEnded = (
  before: Application,
  after: Pick<Application, 'active' | 'tags' | 'resourceServer'>,
): readonly string[] => {
  const facet = before.resourceServer
  if (facet === null) return []
  const all = audiencesOf(facet)
  if (after.resourceServer === null || (before.active && !after.active)) return all
  const values = ({ scopes }: ResourceServerFacet) => scopes.map(({ value }) => value)
  if (lacks(values(facet), values(after.resourceServer))) return all
  if (lacks(before.tags, after.tags)) return all
  const kept = audiencesOf(after.resourceServer)
  return all.filter((each) => !kept.includes(each))
}

/** What a client proves itself by, as far as a change of its application can take it away. */
export interface CredentialHolder {
  readonly client: ClientFacet
  readonly certificates: readonly AttachedCertificate[]
}

/**
 * The credentials that a client no longer has, as proofs name them; `all`: it cannot be told which,
 * because they are known to others only.
 */
export const credentialsLost = (
  before: CredentialHolder,
  after: CredentialHolder,
): readonly string[] | 'all' => {
  const { jwks, jwksUri, certificateSubject, certificateAnchors } = before.client
  const isElsewhere =
    (jwksUri !== null && jwksUri !== after.client.jwksUri) ||
    (certificateSubject !== null &&
      !sameValue(
        [certificateSubject, certificateAnchors],
        [after.client.certificateSubject, after.client.certificateAnchors],
      ))
  const keys = (jwks ?? []).filter(
    (key) => !(after.client.jwks ?? []).some((other) => sameValue(key, other)),
  )
  if (isElsewhere || keys.some(({ x5c }) => x5c !== undefined)) return 'all'
  const kept = new Set(after.certificates.map(({ id }) => id))
  const certificates = before.certificates.filter(({ id }) => !kept.has(id))
  return [
    ...keys.map(({ kid }) => kid ?? keyWithoutKid),
    ...certificates.flatMap(({ alias, x5tS256 }) => [alias, x5tS256]),
  ]
}

/** What a proof calls a key that has no name. */
export const keyWithoutKid = 'key without kid'
