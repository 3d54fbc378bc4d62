import type { Application } from '@mintmark/registry/application'
import type { CustomClaim } from '@mintmark/registry/custom-claim'
import type { DomainAddress, IdentityDomain } from '@mintmark/registry/identity-domain'
import { builtInApplicationId } from '@mintmark/registry/snapshot'
import { administrationAudience } from '../administration/built-in-application.ts'
import { addCustomClaims } from './decide-custom-claims.ts'
import {
  isAdministrationTarget,
  isBound,
  type SenderBinding,
  type TokenPlan,
} from './token-plan.ts'

/** What makes one token of a plan: its id and its instant. */
export interface TokenInstance {
  /** 32 hexadecimal digits. */
  readonly jti: string
  readonly issuedAtSeconds: number
}

/** Whose token, in which domain, at which address. */
export interface TokenContext {
  readonly client: Application
  readonly domain: IdentityDomain
  readonly address: DomainAddress
  /** Claims that administrators have declared. */
  readonly customClaims: readonly CustomClaim[]
}

/** RFC 7519 §4.1.3: one audience is a string, several are an array; as the identity domain does. */
const audienceClaim = (audience: readonly string[]): string | readonly string[] =>
  audience.length === 1 ? (audience[0] as string) : audience

const domainAudience = (context: TokenContext): readonly string[] => {
  const { url, secureUrl } = context.address
  const guid = administrationAudience(context.domain.id)
  return secureUrl === null ? [guid, url] : [guid, url, secureUrl]
}

/** The claims of one token, in the profile of its resource server. */
export const decideClaims = (
  plan: TokenPlan,
  instance: TokenInstance,
  context: TokenContext,
): Readonly<Record<string, unknown>> =>
  addCustomClaims(
    plan.target.profile === 'rfc9068'
      ? rfc9068Claims(plan, instance, context)
      : identityDomainClaims(plan, instance, context),
    plan,
    context.customClaims,
  )

/** RFC 9068 §2.2: the claims every JWT access token has, and nothing personal (§6). */
const rfc9068Claims = (plan: TokenPlan, instance: TokenInstance, context: TokenContext) => {
  const claims: Record<string, unknown> = {
    iss: context.address.issuer,
    sub: context.client.clientId,
    aud: audienceClaim(plan.target.audience),
    client_id: context.client.clientId,
    scope: plan.scopes.join(' '),
    iat: instance.issuedAtSeconds,
    exp: instance.issuedAtSeconds + plan.lifetimeSeconds,
    jti: instance.jti,
    sub_type: 'client',
  }
  if (plan.roles.length > 0) claims['roles'] = plan.roles // §2.2.3.1
  if (isBound(plan.binding)) claims['cnf'] = confirmation(plan.binding)
  return claims
}

/** The claims of an identity domain's client credentials token, in the order real ones have. */
const identityDomainClaims = (plan: TokenPlan, instance: TokenInstance, context: TokenContext) => {
  const { client, domain, address } = context
  const administration = isAdministrationTarget(plan.target, builtInApplicationId)
  const audience = administration ? domainAudience(context) : plan.target.audience
  const claims: Record<string, unknown> = {
    sub: client.clientId,
    'user.tenant.name': domain.id,
    sub_mappingattr: 'userName',
    iss: address.issuer,
    tok_type: 'AT',
    client_id: client.clientId,
    aud: audienceClaim(audience),
    sub_type: 'client',
    scope: plan.scopes.join(' '),
    client_tenantname: domain.id,
    exp: instance.issuedAtSeconds + plan.lifetimeSeconds,
    iat: instance.issuedAtSeconds,
    client_guid: client.id,
    client_name: client.displayName,
    tenant: domain.id,
    jti: instance.jti,
    gtp: 'cc',
  }
  if (administration) {
    claims['clientAppRoles'] = plan.roles
    claims['user_isAdmin'] = true
  }
  if (isBound(plan.binding)) claims['cnf'] = confirmation(plan.binding)
  return claims
}

/** RFC 8705 §3.1, RFC 9449 §6.1. */
const confirmation = ({ certificateThumbprint, keyThumbprint }: SenderBinding) => ({
  ...(certificateThumbprint !== null && { 'x5t#S256': certificateThumbprint }),
  ...(keyThumbprint !== null && { jkt: keyThumbprint }),
})
