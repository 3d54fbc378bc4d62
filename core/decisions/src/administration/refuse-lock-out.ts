/** What keeps a domain administered: nobody ends itself, and the last administrator stays. */
import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { Administrator } from './administrator.ts'
import { identityDomainAdministrator } from './built-in-roles.ts'

/** An administrator that ended itself could not undo it. */
export const refuseOwnEnd = (
  administrator: Administrator,
  id: string,
  verb: 'deactivate' | 'delete',
): Result<null, AdministrationRefusal> => {
  if (id !== administrator.applicationId) return ok(null)
  return refuseChange('OWN_ACCOUNT', `'${administrator.clientId}' cannot ${verb} itself.`, {
    why: 'It could not undo it.',
    fix: 'Let another administrator do it.',
  })
}

/** Who could still administer the domain after a change. */
export interface Succession {
  /** Names of the built-in roles that are at stake. */
  readonly heldBuiltInRoles: readonly string[]
  /** Other active clients that are Identity Domain Administrators. */
  readonly otherDomainAdministrators: number
}

/** Without an Identity Domain Administrator nobody could make one again. */
export const refuseLastAdministrator = (
  name: string,
  { heldBuiltInRoles, otherDomainAdministrators }: Succession,
): Result<null, AdministrationRefusal> => {
  if (!heldBuiltInRoles.includes(identityDomainAdministrator)) return ok(null)
  if (otherDomainAdministrators > 0) return ok(null)
  return refuseChange(
    'LAST_ADMINISTRATOR',
    `'${name}' is the last active ${identityDomainAdministrator}.`,
    {
      why: 'Without one nobody could administer this domain any more.',
      fix: 'Give the role to another active application first.',
    },
  )
}
