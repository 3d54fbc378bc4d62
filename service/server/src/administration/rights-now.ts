/** The rights of an administrator in the transaction that uses them. */
import { canAct } from '@mintmark/decisions/administration/application-wish'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import type { AdministrationCommand } from './command.ts'
import { builtInRolesOf } from './standing.ts'

type Principal = AdministrationCommand['principal']

const mayAct = async (
  transaction: RegistryTransaction,
  { type, applicationId }: Principal,
): Promise<boolean> => {
  if (type === 'User') return (await transaction.findUser(applicationId))?.active === true
  const application = await transaction.findApplication(applicationId)
  return application !== null && canAct(application)
}

/**
 * The same administrator with those of its roles that it still holds. A command may wait for long
 * after its sender was proven: for secrets to be digested, for others that write, for the slices of
 * a Bulk before. The change that ends its rights waits for none of that.
 */
export const withRightsNow = async (
  transaction: RegistryTransaction,
  principal: Principal,
): Promise<Principal> => {
  if (!(await mayAct(transaction, principal))) return { ...principal, roleNames: [] }
  const { type = 'App', applicationId, roleNames } = principal
  const held = new Set(await builtInRolesOf(transaction, type, applicationId))
  return { ...principal, roleNames: roleNames.filter((name) => held.has(name)) }
}
