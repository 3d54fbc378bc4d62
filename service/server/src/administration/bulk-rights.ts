/** The rights of an administrator while its Bulk goes on. */
import { canAct } from '@mintmark/decisions/administration/application-wish'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import type { AdministrationCommand } from './command.ts'
import { builtInRolesOf } from './standing.ts'

type Principal = AdministrationCommand['principal']

/** Names of the built-in roles that an application holds now; none when it cannot act any more. */
export const rolesHeldNow = async (
  transaction: RegistryTransaction,
  { applicationId }: Principal,
): Promise<ReadonlySet<string>> => {
  const application = await transaction.findApplication(applicationId)
  if (application === null || !canAct(application)) return new Set()
  return new Set(await builtInRolesOf(transaction, 'App', applicationId))
}

/** Whoever has lost a role, or been deactivated, does with what is left of a Bulk what it may. */
export const withoutLostRoles = (
  principal: Principal,
  before: ReadonlySet<string>,
  now: ReadonlySet<string>,
): Principal => ({
  ...principal,
  roleNames: principal.roleNames.filter((name) => now.has(name) || !before.has(name)),
})
