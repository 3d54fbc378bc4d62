import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { AppRole } from '@mintmark/registry/app-role'
import type { Application } from '@mintmark/registry/application'
import type { Grant, GranteeType } from '@mintmark/registry/grant'
import type { Group } from '@mintmark/registry/group'
import type { User } from '@mintmark/registry/user'
import type { Change, Stamp } from './change.ts'
import { decideConferral } from './decide-access.ts'
import { type AccessLost, endAccess } from './end-tokens.ts'
import { refuseLastAdministrator, type Succession } from './refuse-lock-out.ts'

/** How a role comes to a grantee, by what the grantee is; the first is for administrators. */
export const mechanismsOf: Readonly<Record<GranteeType, readonly string[]>> = {
  App: ['ADMINISTRATOR_TO_APP', 'SERVICE_MANAGER_TO_APP', 'OPC_INFRA_TO_APP', 'IMPORT_GRANTS'],
  User: [
    'ADMINISTRATOR_TO_USER',
    'ADMINISTRATOR_TO_DELEGATED_USER',
    'SERVICE_MANAGER_TO_USER',
    'SYNC_TO_USER',
    'IMPORT_APPROLE_MEMBERS',
    'IMPORT_GRANTS',
  ],
  Group: ['ADMINISTRATOR_TO_GROUP', 'IMPORT_APPROLE_MEMBERS', 'IMPORT_GRANTS'],
}

const granteeTypes: readonly GranteeType[] = ['App', 'User', 'Group']

export interface GrantWish {
  readonly applicationId: string
  readonly roleId: string
  readonly granteeType: string
  readonly granteeId: string
  readonly mechanism: string
}

/** Who shall hold the role. */
export type Grantee =
  | { readonly type: 'App'; readonly record: Application }
  | { readonly type: 'User'; readonly record: User }
  | { readonly type: 'Group'; readonly record: Group }

/** What a grant looks at: null where the registry has no such record. */
export interface GrantView {
  readonly application: Application | null
  readonly role: AppRole | null
  /** Of the type that was wished. */
  readonly grantee: Grantee | null
  readonly existing: Grant | null
}

/** How a grantee is called by people. */
export const nameOfGrantee = ({ type, record }: Grantee): string =>
  type === 'User' ? record.userName : record.displayName

const checkMechanism = (wish: GrantWish): Result<GranteeType, AdministrationRefusal> => {
  const type = granteeTypes.find((each) => each === wish.granteeType)
  if (type === undefined) {
    return refuseChange('VALUE_INVALID', `A role cannot be granted to a ${wish.granteeType}.`, {
      fix: `Grantees are: ${granteeTypes.join(', ')}.`,
      at: 'grantee.type',
    })
  }
  const mechanisms = mechanismsOf[type]
  if (mechanisms.includes(wish.mechanism)) return ok(type)
  return refuseChange(
    'VALUE_INVALID',
    `${wish.mechanism} is not a way to grant to a grantee of type ${type}.`,
    { fix: `Use ${mechanisms[0]}.`, at: 'grantMechanism' },
  )
}

const checkReferences = (
  wish: GrantWish,
  view: GrantView,
): Result<{ readonly role: AppRole; readonly grantee: Grantee }, AdministrationRefusal> => {
  const { application, role, grantee } = view
  if (application === null) {
    return refuseChange('REFERENCE_UNKNOWN', `No application has the id "${wish.applicationId}".`, {
      at: 'app.value',
    })
  }
  if (role === null || role.applicationId !== application.id) {
    return refuseChange(
      'REFERENCE_UNKNOWN',
      `'${application.displayName}' has no app role with the id "${wish.roleId}".`,
      { at: 'entitlement.attributeValue' },
    )
  }
  const type = checkMechanism(wish)
  if (!type.ok) return type
  if (grantee !== null && grantee.type === type.value) return ok({ role, grantee })
  return refuseChange('REFERENCE_UNKNOWN', `No ${type.value} has the id "${wish.granteeId}".`, {
    fix: 'grantee.type says what the id is of; without it, it is of a user.',
    at: 'grantee.value',
  })
}

/** Whom a role is for is part of what the role is. */
const checkAvailability = (
  role: AppRole,
  grantee: Grantee,
): Result<null, AdministrationRefusal> => {
  if (grantee.type === 'App' && grantee.record.client === null) {
    return refuseChange('NOT_A_CLIENT', `'${grantee.record.displayName}' is no client.`, {
      why: 'It never asks for tokens, so a role would give it nothing.',
      at: 'grantee.value',
    })
  }
  const flags = {
    App: 'availableToClients',
    User: 'availableToUsers',
    Group: 'availableToGroups',
  } as const
  const flag = flags[grantee.type]
  if (role[flag]) return ok(null)
  const whom = { App: 'applications', User: 'users', Group: 'groups' }[grantee.type]
  return refuseChange('VALUE_INVALID', `'${role.displayName}' cannot be granted to ${whom}.`, {
    why: `Its ${flag} is false.`,
    at: 'entitlement.attributeValue',
  })
}

/** Gives an app role to an application, a user or a group. */
export const decideGrantCreation = (
  wish: GrantWish,
  view: GrantView,
  stamp: Stamp,
): Result<{ readonly grant: Grant; readonly change: Change }, AdministrationRefusal> => {
  const found = checkReferences(wish, view)
  if (!found.ok) return found
  const { role, grantee } = found.value
  const conferral = decideConferral(stamp.administrator, role)
  if (!conferral.ok) return conferral
  const available = checkAvailability(role, grantee)
  if (!available.ok) return available
  if (view.existing !== null) {
    const what = `'${nameOfGrantee(grantee)}' has '${role.displayName}' already.`
    return refuseChange('VALUE_TAKEN', what, { why: `By the grant ${view.existing.id}.` })
  }
  const grant: Grant = {
    domain: stamp.domain,
    id: stamp.id,
    applicationId: role.applicationId,
    roleId: role.id,
    granteeType: grantee.type,
    granteeId: grantee.record.id,
    mechanism: wish.mechanism,
    grantorId: stamp.administrator.applicationId,
    ...(stamp.administrator.type === 'User' && { grantorType: 'User' as const }),
    createdAtMs: stamp.nowMs,
  }
  const name = nameOfGrantee(grantee)
  const told = { role: role.displayName, grantee: name, mechanism: grant.mechanism }
  const change: Change = {
    steps: [{ step: 'put-grant', grant }],
    action: 'grant.create',
    object: `${grant.id} ${role.displayName} to ${name}`,
    before: null,
    after: { ...told, roleId: role.id, granteeType: grant.granteeType, granteeId: grant.granteeId },
  }
  return ok({ grant, change })
}

/** What taking a role away looks at. */
export interface GrantDeletionView {
  readonly role: AppRole
  /** How the grantee is called; its id when nothing is known of it. */
  readonly granteeName: string
  /** Other active clients that are Identity Domain Administrators. */
  readonly otherDomainAdministrators: number
  /** What the grantee's clients could do with it. */
  readonly lost: AccessLost
}

/** Takes an app role away again, and ends the tokens that have it. */
export const decideGrantDeletion = (
  present: Grant,
  view: GrantDeletionView,
  stamp: Stamp,
): Result<Change, AdministrationRefusal> => {
  const { role, granteeName, otherDomainAdministrators } = view
  const conferral = decideConferral(stamp.administrator, role)
  if (!conferral.ok) return conferral
  if (role.builtIn && present.granteeType === 'App') {
    const succession: Succession = {
      heldBuiltInRoles: [role.displayName],
      otherDomainAdministrators,
    }
    const last = refuseLastAdministrator(granteeName, succession)
    if (!last.ok) return last
  }
  return ok({
    steps: [{ step: 'delete-grant', grant: present }, ...endAccess(view.lost, stamp)],
    action: 'grant.delete',
    object: `${present.id} ${role.displayName}`,
    before: { roleId: role.id, granteeId: present.granteeId, role: role.displayName },
    after: null,
  })
}
