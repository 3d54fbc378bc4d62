import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { AppRole } from '@mintmark/registry/app-role'
import type { Administrator } from './administrator.ts'
import {
  type AdministrationEndpoint,
  administrationEndpoints,
  builtInRoleByName,
  identityDomainAdministrator,
} from './built-in-roles.ts'
import { happeningEndpoints, mayBeTold } from './decide-happening-access.ts'

export type { Administrator } from './administrator.ts'

const readingMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

const roleMay = (roleName: string, endpoint: AdministrationEndpoint, method: string): boolean => {
  const power = builtInRoleByName.get(roleName)?.powers[endpoint]
  return power === 'all' || (power === 'read' && readingMethods.has(method))
}

/** Whether any of these roles gives this method of this endpoint. */
export const mayUse = (
  roleNames: readonly string[],
  endpoint: AdministrationEndpoint,
  method: string,
): boolean => roleNames.some((name) => roleMay(name, endpoint, method))

/** Bulk is open to whoever may change anything; each of its operations is judged for itself. */
export const mayUseBulk = (roleNames: readonly string[]): boolean =>
  administrationEndpoints.some((endpoint) => mayUse(roleNames, endpoint, 'POST'))

/** Judges one request by the roles of who asks: the table role × endpoint × method. */
export const decideAccess = (
  administrator: Administrator,
  endpoint: AdministrationEndpoint | 'Bulk',
  method: string,
): Result<null, AdministrationRefusal> => {
  const { roleNames } = administrator
  const may = endpoint === 'Bulk' ? mayUseBulk(roleNames) : mayUse(roleNames, endpoint, method)
  if (may) return ok(null)
  const held = roleNames.length === 0 ? 'no administrator role' : roleNames.join(', ')
  return refuseChange(
    'ACCESS_DENIED',
    `'${administrator.clientId}' may not ${method} ${endpoint}.`,
    {
      why: `It holds ${held}.`,
      fix: `Ask an ${identityDomainAdministrator} for a role that may.`,
    },
  )
}

const isDomainAdministrator = (administrator: Administrator): boolean =>
  administrator.roleNames.includes(identityDomainAdministrator)

/**
 * Whether this administrator may give a role of the built-in application to somebody, or take it:
 * its own roles only, unless it administers the whole domain. Roles of other applications are free.
 */
export const decideConferral = (
  administrator: Administrator,
  role: AppRole,
): Result<null, AdministrationRefusal> => {
  if (!role.builtIn || isDomainAdministrator(administrator)) return ok(null)
  if (administrator.roleNames.includes(role.displayName)) return ok(null)
  return refuseChange(
    'ROLE_NOT_CONFERRABLE',
    `'${administrator.clientId}' may not give or take the role ${role.displayName}.`,
    {
      why: 'It does not hold that role itself.',
      fix: `Ask an ${identityDomainAdministrator}.`,
    },
  )
}

/** Every cell of the tables that roles open: of what is declared, and of what has happened. */
const cellsOf = (roleNames: readonly string[]): readonly string[] => [
  ...administrationEndpoints.flatMap((endpoint) =>
    ['GET', 'POST']
      .filter((method) => mayUse(roleNames, endpoint, method))
      .map((method) => `${method} ${endpoint}`),
  ),
  ...happeningEndpoints
    .filter((endpoint) => mayBeTold(roleNames, endpoint))
    .map((endpoint) => `told ${endpoint}`),
]

const isWithin = (roleName: string, administrator: Administrator): boolean => {
  if (administrator.roleNames.includes(roleName)) return true
  const own = new Set(cellsOf(administrator.roleNames))
  const cells = cellsOf([roleName])
  // A role that opens no cell here may open something elsewhere, so it is not taken for nothing.
  return cells.length > 0 && cells.every((cell) => own.has(cell))
}

/**
 * Whether this administrator may change an application that holds roles of the built-in
 * application. Who sets an application's credentials can act as that application: without this an
 * Application Administrator would become Identity Domain Administrator by renewing a secret.
 */
export const decideReach = (
  administrator: Administrator,
  application: { readonly displayName: string },
  heldRoleNames: readonly string[],
): Result<null, AdministrationRefusal> => {
  if (isDomainAdministrator(administrator)) return ok(null)
  const above = heldRoleNames.filter((name) => !isWithin(name, administrator))
  if (above.length === 0) return ok(null)
  return refuseChange(
    'APPLICATION_OUT_OF_REACH',
    `'${administrator.clientId}' may not change '${application.displayName}'.`,
    {
      why: `That application holds ${above.join(', ')}, which goes beyond your own roles.`,
      fix: `Ask an ${identityDomainAdministrator}.`,
    },
  )
}
