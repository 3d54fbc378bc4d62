import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { Administrator } from './administrator.ts'
import { identityDomainAdministrator } from './built-in-roles.ts'

/** What `/api/v1` tells of what has happened, by the part of the path that names it. */
export const happeningEndpoints = [
  'access',
  'audit',
  'backup',
  'decisions',
  'domain-file',
  'health',
  'keys',
  'overview',
  'preview',
  'requests',
  'revocations',
  'sessions',
  'settings',
  'tokens',
  'usage',
] as const
export type HappeningEndpoint = (typeof happeningEndpoints)[number]

/**
 * Role × endpoint: who is told what. The audit names people and addresses; a preview does not.
 * Revocations are ids of tokens and clients without any secret: every API that checks tokens is
 * told all of them. Who may see the state of the signing keys may also change them. Settings name
 * places on the machine of the server.
 */
const readers: Readonly<Record<HappeningEndpoint, readonly string[]>> = {
  access: [
    identityDomainAdministrator,
    'Security Administrator',
    'Audit Administrator',
    'Application Administrator',
  ],
  audit: [identityDomainAdministrator, 'Security Administrator', 'Audit Administrator'],
  decisions: [
    identityDomainAdministrator,
    'Security Administrator',
    'Audit Administrator',
    'Application Administrator',
  ],
  backup: [identityDomainAdministrator],
  'domain-file': [identityDomainAdministrator],
  health: [identityDomainAdministrator, 'Security Administrator', 'Audit Administrator'],
  keys: [identityDomainAdministrator, 'Security Administrator'],
  overview: [
    identityDomainAdministrator,
    'Security Administrator',
    'Audit Administrator',
    'Application Administrator',
  ],
  preview: [identityDomainAdministrator, 'Application Administrator'],
  requests: [
    identityDomainAdministrator,
    'Security Administrator',
    'Audit Administrator',
    'Application Administrator',
  ],
  revocations: [
    identityDomainAdministrator,
    'Security Administrator',
    'Audit Administrator',
    'Application Administrator',
    'Authenticator Client',
    'Cloud Gate',
  ],
  sessions: [identityDomainAdministrator],
  settings: [identityDomainAdministrator, 'Security Administrator'],
  tokens: [identityDomainAdministrator, 'Security Administrator', 'Application Administrator'],
  usage: [
    identityDomainAdministrator,
    'Security Administrator',
    'Audit Administrator',
    'Application Administrator',
  ],
}

/** Whether any of these roles is told this. */
export const mayBeTold = (roleNames: readonly string[], endpoint: HappeningEndpoint): boolean =>
  roleNames.some((name) => readers[endpoint].includes(name))

/** Judges one request to `/api/v1` by the roles of who asks. */
export const decideHappeningAccess = (
  administrator: Administrator,
  endpoint: HappeningEndpoint,
): Result<null, AdministrationRefusal> => {
  const { roleNames, clientId } = administrator
  if (mayBeTold(roleNames, endpoint)) return ok(null)
  const held = roleNames.length === 0 ? 'no administrator role' : roleNames.join(', ')
  return refuseChange('ACCESS_DENIED', `'${clientId}' may not use /api/v1/${endpoint}.`, {
    why: `It holds ${held}.`,
    fix: `It takes one of: ${readers[endpoint].join(', ')}.`,
  })
}
